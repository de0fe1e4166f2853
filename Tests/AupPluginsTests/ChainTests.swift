import AupPlugins
import Foundation
import Testing

@Suite struct ChainTests {
    private func chain(
        _ specs: [PluginSpec], channels: Int = 2, maxFrames: Int = 256, seed: UInt64 = 0
    ) throws -> PluginChain {
        try PluginChain(
            specs: specs, library: Guests.library(), rate: 48000, maxFrames: maxFrames, channels: channels, seed: seed)
    }

    private func rude(_ way: String, _ key: String? = nil, _ value: String = "") -> PluginSpec {
        PluginSpec(Guests.rude(way), key.map { [PluginSpec.Setting(key: $0, value: value)] } ?? [])
    }

    private func error(_ specs: [PluginSpec], channels: Int = 2) -> PluginError? {
        do throws(PluginError) {
            _ = try PluginChain(specs: specs, library: Guests.library(), rate: 48000, maxFrames: 64, channels: channels)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a mono plugin is created once for each channel`() throws {
        let chain = try chain([rude("MONO")], channels: 5)
        let sound = ramp(channels: 5, frames: 600)
        #expect(chain.run(sound, block: 100).sound == sound)
        #expect(chain.reports[0].copies == 5)
        #expect(chain.outputChannels == 5)
    }

    @Test func `a plugin that takes other channel counts says which`() {
        let wrong = error([rude("STEREO")], channels: 3)
        #expect(wrong?.code == .layout)
        #expect(wrong?.message == "plugin 'rude' cannot take 3 channels: it takes 2 to 2")
        #expect(error([rude("STEREO")], channels: 2) == nil)
        #expect(error([rude("SIDE")], channels: 2)?.code == .layout)
    }

    @Test(arguments: [1, 63, 256, 1000])
    func `plugins that cannot work in place never have to`(block: Int) throws {
        let sound = ramp(channels: 2, frames: 2000)
        for inPlace in [false, true] {
            for specs in [
                [rude("POLITE")],
                [rude("POLITE"), rude("IN_PLACE"), rude("POLITE"), PluginSpec("gain"), rude("POLITE")],
            ] {
                let result = try chain(specs).run(sound, block: block, inPlace: inPlace)
                #expect(result.status == .running)
                #expect(result.sound == sound)
            }
        }
    }

    @Test func `an input of its own is left as it was`() throws {
        let sound = ramp(channels: 2, frames: 200)
        let chain = try chain([PluginSpec("invert"), PluginSpec("gain", [.init(key: "gain", value: "6")])])
        let input = Planar(sound)
        let output = Planar(sound)
        _ = unsafe chain.process(input: input.pointers, output: output.pointers, frames: 200)
        #expect(input.sound == sound)
        #expect(output.sound != sound)
    }

    @Test func `latencies and tails add up`() throws {
        let chain = try chain([rude("DELAY"), rude("DELAY"), PluginSpec("gain")])
        #expect(chain.latencyFrames == 2)
        #expect(chain.tailFrames == 2)
        #expect(try self.chain([rude("ENDLESS")]).tailFrames == nil)
        let sound = ramp(channels: 2, frames: 300)
        #expect(chain.run(sound, block: 77).sound == sound.map { [0, 0] + $0.dropLast(2) })
    }

    @Test func `reset is a fresh start`() throws {
        let chain = try chain([rude("DELAY")])
        let sound = ramp(channels: 2, frames: 300)
        let first = chain.run(sound, block: 64).sound
        chain.reset()
        #expect(chain.run(sound, block: 64).sound == first)
    }

    @Test func `NaN, infinite and denormal samples become silence and are counted`() throws {
        let chain = try chain([rude("NAN"), PluginSpec("gain")], channels: 1)
        let sound = chain.run([[Float](repeating: 0.5, count: 400)], block: 128).sound[0]
        #expect(sound == (0..<400).map { $0 % 4 == 3 ? 0.5 : 0 })
        #expect(chain.reports[0].nonFiniteSamples == 200)
        #expect(chain.reports[0].denormalSamples == 100)
        #expect(chain.reports[1].nonFiniteSamples == 0)
    }

    @Test func `guests run with denormals off and cannot leave the rounding changed`() throws {
        let off = try chain([rude("DENORMAL_MATHS")], channels: 1)
        #expect(off.run([[1, 1, 1]], block: 3).sound == [[0, 0, 0]])
        let before = fegetround()
        let one = 1.0 as Double
        _ = try chain([rude("FLOAT_STATE")]).run(ramp(channels: 2, frames: 64), block: 64)
        #expect(fegetround() == before)
        #expect((one / 3) * 3 == 1)
    }

    @Test func `an error in process is told and the rest of the block is silent`() throws {
        let chain = try chain([PluginSpec("gain"), rude("FAILS")], channels: 1)
        let result = chain.run([[Float](repeating: 1, count: 2048)], block: 1024)
        #expect(result.status == .failed(plugin: 1, code: -5))
        #expect(result.sound[0] == [Float](repeating: 1, count: 512) + [Float](repeating: 0, count: 512))
        #expect(chain.error(for: result.status)?.message == "plugin 'rude' failed in process: an error inside it")
        #expect(chain.error(for: .running) == nil)
    }

    @Test func `done is passed on when it is the last plugin's`() throws {
        let ones = [[Float](repeating: 1, count: 1024)]
        #expect(try chain([rude("DONE")], channels: 1).run(ones, block: 256).status == .done)
        #expect(try chain([rude("DONE"), PluginSpec("gain")], channels: 1).run(ones, block: 256).status == .running)
    }

    @Test func `a plugin that will not be created says why in one line`() {
        let refused = error([rude("CREATE_NULL")])
        #expect(refused?.code == .failed)
        #expect(refused?.message == "plugin 'rude' cannot be created: cannot run at 48000 Hz?or anywhere")
        let empty = PluginSpec(Guests.rude("MONO"))
        #expect(error([PluginSpec("gain"), empty, rude("CREATE_NULL")]) == refused)
    }

    @Test func `one seed gives one sound, and copies differ`() throws {
        func noise(_ seed: UInt64) throws -> [[Float]] {
            try chain([rude("SEED"), rude("SEED")], seed: seed).run([[0], [0]], block: 1).sound
        }
        #expect(try noise(1 << 50) == noise(1 << 50))
        #expect(try noise(1 << 50) != noise(2 << 50))
    }

    @Test func `changes arrive as events where they are asked for`() throws {
        let chain = try chain([rude("EVENTS")], channels: 1)
        #expect(try chain.value(plugin: 0, key: "calls") == 0)
        _ = chain.run([[0, 0]], block: 2)
        #expect(try chain.value(plugin: 0, key: "calls") == 1)
        try chain.set(plugin: 0, key: "level", to: "-3dB")
        try chain.set(plugin: 0, key: "order", to: "4")
        #expect(chain.run([[0, 0]], block: 2).status == .running)
        #expect(try chain.value(plugin: 0, key: "calls") == 2 + 1000 + 7000)
        _ = chain.run([[0, 0]], block: 2)
        #expect(try chain.value(plugin: 0, key: "calls") == 3 + 8000)
    }

    @Test func `what cannot be changed while it runs says so`() throws {
        let chain = try chain([rude("POLITE")])
        for (key, value) in [("delay", "5"), ("note", "x"), ("calls", "1"), ("nothing", "1"), ("level", "99")] {
            #expect(throws: PluginError.self) { try chain.set(plugin: 0, key: key, to: value) }
        }
        try chain.set(plugin: 0, key: "level", to: "-90")
        #expect(try chain.value(plugin: 0, key: "level") == -90)
    }

    @Test func `what a guest logs is kept for the control side`() throws {
        let chain = try chain([rude("MONO")], channels: 2)
        #expect(chain.takeMessages() == ["rude: created", "rude: created"])
        #expect(chain.takeMessages().isEmpty)
    }

    @Test func `parameters may change while sound runs`() async throws {
        let chain = try chain([PluginSpec("gain"), PluginSpec("invert")], channels: 1)
        async let last: Float = {
            var last: Float = 0
            for _ in 0..<2000 { last = chain.run([[1, 1, 1, 1]], block: 4).sound[0][3] }
            return last
        }()
        for step in 0..<2000 { try chain.set(plugin: 0, key: "gain", to: "\(step % 24)") }
        #expect(await abs(last) >= 0.99)
        _ = chain.run([[Float](repeating: 1, count: 1000)], block: 100)
        try chain.set(plugin: 0, key: "gain", to: "0")
        #expect(chain.run([[Float](repeating: 1, count: 1000)], block: 100).sound[0][999] == -1)
    }
}
