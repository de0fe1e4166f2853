import Foundation
import TestSupport
import Testing

@testable import AupPlugins

/// `channels=`, `side=` and `out=` behind a plugin: which channels it is given, and where what it makes goes.
@Suite struct RoutingTests {
    private static let hard = ["threshold=-20", "ratio=4", "knee=0", "attack=1ms"]

    /// The same plugin under the smallest host, without any routing.
    private func alone(
        _ name: String, _ settings: [String], _ sound: [[Float]], side: [[Float]] = [], outputs: Int? = nil
    ) throws -> [[Float]] {
        try NativePlugin(name, settings).run(sound, side: side, outputs: outputs).sound
    }

    private func complaint(_ words: [String], channels: Int) -> String {
        do {
            _ = try native(words, channels: channels)
            return ""
        } catch {
            return (error as? PluginError)?.message ?? "\(error)"
        }
    }

    /// Quiet noise in every channel, and a key that comes and goes in the last.
    private func keyed(channels: Int, frames: Int = 9600) -> [[Float]] {
        var sound = (1..<channels).map { noise(frames: frames, seed: UInt64($0)).map { $0 * 0.05 } }
        sound.append((0..<frames).map { $0 / 2400 % 2 == 1 ? 0.5 : 0 })
        return sound
    }

    // MARK: - Side chains

    @Test(arguments: ["compressor", "gate"])
    func `the side's channels decide, and go no further`(name: String) throws {
        let settings = name == "gate" ? ["threshold=-20"] : Self.hard
        let sound = keyed(channels: 3)
        let chain = try native([name] + settings + ["side=3"], channels: 3)
        #expect(chain.outputChannels == 2)
        let result = chain.run(sound, block: 500).sound
        #expect(try Bool(result == alone(name, settings, Array(sound[..<2]), side: [sound[2]])))
        #expect(try Bool(result != alone(name, settings, Array(sound[..<2]))))
        // It begins with silence in the key, so a gate is shut there and a compressor does nothing.
        #expect(name == "gate" || result[0][..<2000] == sound[0][..<2000])
    }

    @Test(arguments: [1, 333, 4096], [false, true])
    func `what is not named goes by as it is, as late as the plugin`(block: Int, inPlace: Bool) throws {
        let sound = [keyed(channels: 2)[1]] + ramp(channels: 3, frames: 9600)
        let settings = Self.hard + ["lookahead=5ms"]
        let chain = try native(["compressor"] + settings + ["channels=2-3", "side=1"], channels: 4)
        #expect(chain.outputChannels == 4 && chain.latencyFrames == 240)
        let result = chain.run(sound, block: block, inPlace: inPlace).sound
        for channel in [0, 3] {
            let isLate = Array(result[channel]) == silence(240) + sound[channel][..<9360]
            #expect(isLate)
        }
        #expect(try Bool(Array(result[1...2]) == alone("compressor", settings, Array(sound[1...2]), side: [sound[0]])))
        chain.reset()
        let isFresh = chain.run(sound, block: block, inPlace: inPlace).sound == result
        #expect(isFresh)
    }

    @Test func `a key may be of two channels, and be processed too`() throws {
        let sound = keyed(channels: 2)
        let both = try native(["compressor"] + Self.hard + ["channels=1-2", "side=1,2"], channels: 2)
        #expect(try Bool(both.run(sound, block: 512).sound == alone("compressor", Self.hard, sound, side: sound)))
        let one = try native(["compressor"] + Self.hard + ["channels=1,2", "side=1"], channels: 2)
        #expect(try Bool(one.run(sound, block: 512).sound == alone("compressor", Self.hard, sound, side: [sound[0]])))
    }

    @Test func `the next plugin gets what is left, and a bypass lets only the plugin's own channels by`() throws {
        let sound = keyed(channels: 3)
        let words = ["compressor"] + Self.hard + ["side=3", "gain", "gain=0", "channels=2"]
        let chain = try native(words, channels: 3)
        #expect(chain.outputChannels == 2)
        try chain.setBypass(plugin: 0, true)
        _ = chain.run(keyed(channels: 3), block: 480)
        let result = chain.run(sound, block: 480).sound
        #expect(Bool(result == Array(sound[..<2])))
    }

    @Test func `what goes by keeps a chain from being done`() throws {
        let library = Guests.library()
        let quiet = try PluginChain(
            specs: ChainArguments.parse([Guests.rude("DONE"), "channels=1"], limit: 2), library: library, rate: 48000,
            maxFrames: 512, channels: 2)
        #expect(quiet.run(keyed(channels: 2), block: 512).status == .running)
        let all = try PluginChain(
            specs: ChainArguments.parse([Guests.rude("DONE")], limit: 2), library: library, rate: 48000,
            maxFrames: 512, channels: 2)
        #expect(all.run(keyed(channels: 2), block: 512).status == .done)
    }

    // MARK: - Order and number

    @Test func `channels are given in the order they are written, and come back to their places`() throws {
        let sound = ramp(channels: 3, frames: 1000)
        let chain = try native(["mix", "channels=3,1", "1to1=0.5"], channels: 3)
        let result = chain.run(sound, block: 100).sound
        #expect(Bool(result == [sound[0], sound[1], sound[2].map { $0 * 0.5 }]))
    }

    @Test func `fewer close up, and more come last`() throws {
        let sound = ramp(channels: 4, frames: 1000)
        let fewer = try native(["mix", "channels=3,2", "out=1", "1to1=0.5", "2to1=0.25"], channels: 4)
        #expect(fewer.outputChannels == 3)
        let sum: [Float] = zip(sound[2], sound[1]).map { Float(Double($0) * 0.5 + Double($1) * 0.25) }
        #expect(Bool(fewer.run(sound, block: 100).sound == [sound[0], sum, sound[3]]))
        let more = try native(["mix", "channels=2", "out=2", "1to2=-1"], channels: 3)
        #expect(more.outputChannels == 4)
        let last = sound[1].map { -$0 }
        #expect(Bool(more.run(Array(sound[..<3]), block: 100).sound == [sound[0], sound[1], sound[2], last]))
    }

    @Test(arguments: [
        (1, 2, ["1to2=1"]), (2, 1, ["1to1=50%", "2to1=50%"]),
        (6, 2, ["3to1=0.7071", "3to2=0.7071", "5to1=0.7071", "6to2=0.7071"]),
    ])
    func `mix makes as many channels as one asks for`(inputs: Int, outputs: Int, settings: [String]) throws {
        let sound = ramp(channels: inputs, frames: 2000)
        let chain = try native(["mix", "out=\(outputs)"] + settings, channels: inputs)
        #expect(chain.outputChannels == outputs)
        let result = chain.run(sound, block: 300).sound
        #expect(try Bool(result == alone("mix", settings, sound, outputs: outputs)))
        // The matrix by hand, the last frame of all.
        let last = sound.map { Double($0[1999]) }
        let expected: [Double] =
            switch inputs {
            case 1: [last[0], last[0]]
            case 2: [(last[0] + last[1]) / 2]
            default:
                [last[0] + 0.7071 * (last[2] + last[4]), last[1] + 0.7071 * (last[2] + last[5])]
            }
        for (channel, value) in expected.enumerated() { #expect(abs(Double(result[channel][1999]) - value) < 1e-6) }
    }

    @Test func `as many as there are is no other number, and one is chosen though it stands later`() throws {
        let sound = ramp(channels: 2, frames: 500)
        #expect(try Bool(native(["mix", "out=2"], channels: 2).run(sound, block: 500).sound == sound))
        #expect(try Bool(native(["gain", "gain=0", "out=2"], channels: 2).run(sound, block: 500).sound == sound))
    }

    // MARK: - Mistakes

    @Test(arguments: [
        ("compressor side=5", "side= names channel 5, but there are channels 1 to 4"),
        ("compressor channels=1-9", "channels= names channel 5, but there are channels 1 to 4"),
        ("compressor side=1-4", "a side chain of 1 or 2 channels, and side= names 4"),
        ("compressor side=1,2,3", "a side chain of 1 or 2 channels, and side= names 3"),
        ("gain side=1", "plugin 'gain' has no side chain"), ("gain out=3", "cannot make 3 of 4 channels"),
        ("mix out=9", "cannot make 9 of 4 channels: it takes any number, or 1-8 to 1-8 (out=N)"),
        ("mix out=0", "a number from 1 to 64"), ("mix out=two", "a number from 1 to 64"),
        ("mix channels=2-1", "1 comes before 2"), ("mix channels=", "no list of channels"),
        ("mix channels=1,,2", "no list of channels"), ("mix channels=1-2-3", "no list of channels"),
        ("mix channels=+1", "no list of channels"), ("mix channels=1,1-2", "a channel stands there twice"),
        ("mix channels=0", "counted from 1 to 64"), ("mix channels=1-99999999999999999999", "no list of channels"),
        ("mix aup.width=2", "the host has aup.channels, aup.side, aup.out"), ("mix out=2 aup.out=2", "given twice"),
    ])
    func `a mistake names what would do`(words: String, why: String) {
        let complaint = complaint(words.split(separator: " ").map(String.init), channels: 4)
        #expect(complaint.contains(why), "\(complaint)")
    }

    @Test func `a side chain cannot be all there is`() {
        #expect(complaint(["compressor", "side=1"], channels: 1).contains("none is left to process"))
        #expect(complaint(["compressor", "side=2"], channels: 1).contains("there is only channel 1"))
    }

    @Test func `a plugin's own parameter of that name wins, and the host's has another name`() throws {
        let source = try Repository.text("plugins/gain/gain.c").replacing(
            #".key = "gain""#, with: #".key = "channels""#)
        let file = "\(Guests.folder)/named.c"
        try source.write(toFile: file, atomically: true, encoding: .utf8)
        Guests.compile([
            "-std=c11", "-O2", "-I\(Repository.root.path)/plugins/gain", "-shared", "-fPIC", "-o",
            "\(Guests.folder)/named.so", file, "-lm",
        ])
        let sound = ramp(channels: 2, frames: 500)
        func run(_ words: [String]) throws -> [[Float]] {
            try native(["\(Guests.folder)/named.so"] + words, channels: 2).run(sound, block: 500).sound
        }
        let halved = sound.map { $0.map { $0 * Float(factor(-6)) } }
        #expect(try worstDifference(run(["channels=-6"]), halved) < 1e-6)
        #expect(try worstDifference(run(["channels=-6", "aup.channels=2"]), [sound[0], halved[1]]) < 1e-6)
    }

    // MARK: - Another process

    @Test func `a way that a process tells of is taken only where it fits`() throws {
        let chain = try native(["compressor", "channels=3,1", "side=2,1"], channels: 3)
        let facts = chain.instances[0].facts
        let route = try #require(facts.route)
        #expect(facts.sideChannels == 2 && facts.canBeBypassed)
        #expect(ChainRoute.Plan(words: route.words) == route)
        #expect(InstanceFacts(lines: facts.lines()) == facts)
        #expect(route.fits(facts, stage: 3))
        #expect(!route.fits(facts, stage: 2))
        for (place, words) in [(0, "2 0 1"), (2, "2"), (2, "2 3"), (4, "9"), (5, "65"), (5, "x"), (3, "")] {
            var damaged = route.words
            damaged[place] = words
            let read = ChainRoute.Plan(words: damaged)
            #expect(read.map { $0.fits(facts, stage: 3) } != true, "\(place): \(words)")
        }
        #expect(ChainRoute.Plan(words: []) == nil)
    }

    // MARK: - LV2

    @Test(.enabled(if: ForeignGuests.hasLV2, "liblilv-dev, mda-lv2 and zam-plugins are not installed"))
    func `what LV2 marks as a side chain is one, for each copy`() throws {
        func chain(_ words: [String], channels: Int) throws -> PluginChain {
            try PluginChain(
                specs: ChainArguments.parse(["urn:zamaudio:ZamComp", "thr=-30", "sidech=on"] + words, limit: 1),
                library: ForeignGuests.lv2Library(), rate: 48000, maxFrames: 1024, channels: channels)
        }
        var sound = ramp(channels: 2, frames: 9600)
        sound.append(keyed(channels: 2)[1])
        // Without a word its two inputs are inputs, as other hosts have it.
        func plain(_ channel: Int, key: Int) throws -> [Float] {
            try chain([], channels: 2).run([sound[channel], sound[key]], block: 1024).sound[0]
        }
        let one = try chain(["side=3"], channels: 3)
        #expect(one.outputChannels == 2 && one.reports[0].copies == 2)
        let result = one.run(sound, block: 1024).sound
        #expect(try Bool(result == [plain(0, key: 2), plain(1, key: 2)]))
        #expect(try Bool(plain(0, key: 2) != plain(0, key: 1)))
        let other = try chain(["channels=3", "side=1"], channels: 3)
        let swapped = other.run(sound, block: 1024).sound
        #expect(try Bool(swapped == [sound[0], sound[1], plain(2, key: 0)]))
        #expect(other.plugins[0].layoutSummary == "2 to 1, side chain of 1 (side=LIST)")
    }
}
