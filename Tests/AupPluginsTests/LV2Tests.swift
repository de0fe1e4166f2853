import Foundation
import TestSupport
import Testing

@testable import AupPlugins

@Suite(.enabled(if: ForeignGuests.hasLV2, "liblilv-dev, mda-lv2 and zam-plugins are not installed"))
struct LV2Tests {
    private static let mda = "http://drobilla.net/plugins/mda/"

    private func chain(
        _ words: [String], channels: Int = 2, library: PluginLibrary = ForeignGuests.lv2Library()
    ) throws -> PluginChain {
        try PluginChain(
            specs: ChainArguments.parse(words, limit: 64), library: library, rate: 48000, maxFrames: 1024,
            channels: channels, isOffline: true, keepsDenormals: true)
    }

    @Test(arguments: [
        ("http://drobilla.net/plugins/mda/Delay", 2, ["l_delay=0.2"]),
        ("http://drobilla.net/plugins/mda/Ambience", 2, []),
        ("http://drobilla.net/plugins/mda/Combo", 2, []), ("http://drobilla.net/plugins/mda/Limiter", 2, ["c0=0.3"]),
        ("http://drobilla.net/plugins/mda/Stereo", 2, []), ("http://drobilla.net/plugins/mda/RezFilter", 2, []),
        ("http://drobilla.net/plugins/mda/Overdrive", 2, ["drive=60%"]),
        ("http://drobilla.net/plugins/mda/DubDelay", 2, []),
        ("urn:zamaudio:ZamEQ2", 1, ["boost1=6"]), ("lv2:urn:zamaudio:ZamDelay", 1, []), ("urn:zamaudio:ZamTube", 1, []),
        ("urn:zamaudio:ZaMultiComp", 1, []), ("urn:zamaudio:ZamGEQ31", 1, ["band1=6dB"]),
    ])
    func `the sound is a plain host's, bit by bit`(reference: String, channels: Int, settings: [String]) throws {
        let chain = try chain([reference] + settings, channels: channels)
        let sound = material(channels: channels, frames: 24000)
        let uri = reference.hasPrefix("lv2:") ? String(reference.dropFirst(4)) : reference
        let values = try chain.plugins[0].parameters.filter { !$0.isOutput }.map {
            "\($0.key)=\(try chain.value(plugin: 0, key: $0.key))"
        }
        let expected = try ForeignGuests.reference(
            ForeignGuests.lv2Host, [uri, "48000", "1024", "24000"] + values, sound: sound, outputs: chain.outputChannels
        )
        #expect(!expected.isEmpty)
        let result = chain.run(sound, block: 1024)
        #expect(result.status == .running)
        let isEqual = result.sound == expected
        #expect(isEqual)
        let isHeard = result.sound.contains { $0.contains { abs($0) > 1e-3 } }
        #expect(isHeard)
    }

    @Test func `what a bundle says is understood`() throws {
        let plugin = try ForeignGuests.lv2Library().find(Self.mda + "Delay").description
        #expect(plugin.interface == .lv2)
        #expect(plugin.name == "MDA Delay")
        #expect(plugin.layoutSummary == "2 to 2")
        let delay = try #require(plugin.parameter("l_delay"))
        #expect(delay.range == 0...1)
        #expect(delay.defaultValue == 0.5)
        #expect(plugin.parameter("c1")?.key == "r_delay")
        let eq = try ForeignGuests.lv2Library().find("urn:zamaudio:ZamEQ2").description
        let frequency = try #require(eq.parameter("f1"))
        #expect(frequency.unit == "Hz")
        #expect(frequency.scale == .logarithmic)
        #expect(try frequency.parse("1kHz", plugin: "x") == .number(1000))
    }

    @Test func `every plugin there is is listed`() throws {
        let entries = PluginDirectory.all(ForeignGuests.lv2Library().search)
        let found = entries.flatMap(\.plugins).filter { $0.interface == .lv2 }
        #expect(found.filter { $0.id.hasPrefix(Self.mda) }.count > 30)
        #expect(found.contains { $0.id == "urn:zamaudio:ZamVerb" })
    }

    @Test func `a preset gives its values, and what is set beside it wins`() throws {
        let plain = try chain(["urn:zamaudio:ZamDelay"], channels: 1)
        let preset = try #require(plain.plugins[0].parameter("preset")?.labels.first)
        let chain = try chain(["urn:zamaudio:ZamDelay", "preset=\(preset)", "gain=-3"], channels: 1)
        let words = try String(contentsOfFile: "/usr/lib/lv2/ZamDelay.lv2/presets.ttl", encoding: .utf8)
        #expect(words.contains("lv2:symbol \"lpf\" ;\n        pset:value 6000 ;"))
        #expect(try chain.value(plugin: 0, key: "lpf") == 6000)
        #expect(try chain.value(plugin: 0, key: "gain") == -3)
        #expect(throws: PluginError.self) { try self.chain(["urn:zamaudio:ZamDelay", "preset=nosuch"], channels: 1) }
    }

    @Test func `an unknown URI has near ones named`() {
        do {
            _ = try ForeignGuests.lv2Library().find(Self.mda + "Dleay")
            Issue.record("found")
        } catch {
            #expect(error.code == .notFound)
            #expect(error.message.contains("did you mean 'http://drobilla.net/plugins/mda/Delay'"))
        }
    }

    @Test func `a guest gets all a host has to lend`() throws {
        let library = ForeignGuests.lv2Library([try ForeignGuests.lv2Folder("POLITE")])
        let chain = try chain(["urn:aup:test:guest", "gain=2", "offset=0.5"], channels: 1, library: library)
        #expect(chain.latencyFrames == 1)
        let sound = ramp(channels: 1, frames: 2000)
        let out = chain.run(sound, block: 1000).sound
        let expected = [[0.5] + sound[0].dropLast().map { $0 * 2 + 0.5 }]
        let isEqual = out == expected
        #expect(isEqual)
        // The second run knows of the work of the first; no promise was broken.
        #expect(try chain.value(plugin: 0, key: "reading") == 3000)
        #expect(try chain.value(plugin: 0, key: "late") == 1)
        #expect(chain.takeMessages().contains("urn:aup:test:guest: longest 1024"))
        chain.reset()
        let again = chain.run(sound, block: 1000).sound == out
        #expect(again)
    }

    @Test func `a right input that may stay open does so for one channel only, a side chain always`() throws {
        let library = ForeignGuests.lv2Library([try TestGuest.lv2Folder("pair")])
        let sound = ramp(channels: 4, frames: 2000)
        let one = try chain(["urn:aup:test:pair"], channels: 1, library: library).run([sound[0]], block: 1000).sound
        #expect(one.count == 2)
        let isOnBothSides = one == [sound[0], sound[0]]
        #expect(isOnBothSides)
        for channels in [2, 4] {
            let given = Array(sound[..<channels])
            let chain = try chain(["urn:aup:test:pair"], channels: channels, library: library)
            let isUnchanged = chain.run(given, block: 1000).sound == given
            #expect(isUnchanged, "\(channels) channels")
        }
    }

    private func ports(_ name: String, _ sound: [[Float]]) throws -> [[Float]] {
        let library = ForeignGuests.lv2Library([try ForeignGuests.lv2PortsFolder()])
        let chain = try chain(["urn:aup:test:\(name)"], channels: sound.count, library: library)
        return chain.run(sound, block: 256).sound
    }

    @Test func `a guest from before atoms gets its map of URIs and empty events, each block anew`() throws {
        let out = try ports("old", ramp(channels: 1, frames: 1000))
        let isServed = out == [[Float](repeating: 0.5, count: 1000)]
        #expect(isServed)
    }

    @Test func `where there is no sound, control voltages are it`() throws {
        let sound = ramp(channels: 1, frames: 1000)
        let isDoubled = try ports("voltage", sound) == [sound[0].map { 2 * $0 }]
        #expect(isDoubled)
    }

    @Test(arguments: [([], 0.25), (["preset=high"], 0.75), (["preset=urn:aup:test:high"], 0.75)])
    func `a plugin begins with its own state, and with that of a preset`(settings: [String], value: Double) throws {
        let library = ForeignGuests.lv2Library([try ForeignGuests.lv2PortsFolder()])
        let chain = try chain(["urn:aup:test:state"] + settings, channels: 1, library: library)
        let expected = [[Float](repeating: Float(value), count: 500)]
        let sound = ramp(channels: 1, frames: 500)
        let isKept = chain.run(sound, block: 256).sound == expected
        #expect(isKept)
        chain.reset()
        let isKeptAgain = chain.run(sound, block: 256).sound == expected
        #expect(isKeptAgain)
    }

    @Test func `an input that may stay open but has a part to play is heard`() throws {
        let sound = ramp(channels: 3, frames: 1000)
        let isRight = try ports("key", sound) == [sound[2]]
        #expect(isRight)
    }

    @Test func `what makes no sound is told with what it makes`() throws {
        let error = #expect(throws: PluginError.self) {
            try ForeignGuests.lv2Library([try ForeignGuests.lv2PortsFolder()]).find("urn:aup:test:mute")
        }
        #expect(
            error?.message.contains(
                "no sound output, so nothing can follow it; what comes out of it are events such as MIDI and readings")
                == true)
    }

    @Test func `toolkits are told that there is no screen`() throws {
        _ = try ForeignGuests.lv2Library([try ForeignGuests.lv2PortsFolder()]).find("urn:aup:test:old")
        #expect(ProcessInfo.processInfo.environment["QT_QPA_PLATFORM"] != nil)
    }

    @Test(arguments: [
        ("OTHER_URI", "does not have it"), ("NULL_URI", "does not have it"), ("ENDLESS", "does not have it"),
        ("NULL_RUN", "its run is NULL"), ("INSTANTIATE_NULL", "gives nothing at 48000 Hz"),
    ])
    func `what cannot be used is refused with the reason`(way: String, reason: String) throws {
        let library = ForeignGuests.lv2Library([try ForeignGuests.lv2Folder(way)])
        do {
            _ = try chain(["urn:aup:test:guest"], channels: 1, library: library)
            Issue.record("accepted")
        } catch {
            #expect((error as? PluginError)?.message.contains(reason) == true)
        }
    }

    @Test func `a feature nobody has is named`() throws {
        let folder = try ForeignGuests.lv2Folder("POLITE", feature: "http://example.org/teleport")
        #expect(throws: PluginError.self) { try ForeignGuests.lv2Library([folder]).find("urn:aup:test:guest") }
        let entry = PluginDirectory.all(ForeignGuests.lv2Library([folder]).search).last
        #expect(entry?.error?.message.contains("it needs the feature http://example.org/teleport") == true)
    }

    @Test func `where a URI was found is remembered, and looked for again when it moved`() throws {
        let scratch = try Scratch()
        let folder = try ForeignGuests.lv2Folder("POLITE")
        var search = PluginSearch(folders: [])
        search.lv2Folders = [folder]
        search.lv2Memory = LV2BundleMemory(file: scratch.path("cache/aup/bundles"))
        _ = try PluginLibrary(search: search).find("urn:aup:test:guest")
        #expect(search.lv2Memory.bundle(of: "urn:aup:test:guest") == folder + "/guest.lv2/")
        // With nothing to look through, only the memory can know.
        search.lv2Folders = [scratch.path("nowhere")]
        #expect(try PluginLibrary(search: search).find("urn:aup:test:guest").description.name == "Guest")
        search.lv2Memory.remember("urn:aup:test:guest", bundle: scratch.path("gone"))
        #expect(throws: PluginError.self) { try PluginLibrary(search: search).find("urn:aup:test:guest") }
    }

    @Test func `a crash names plugin, frame and signal`() async throws {
        let folder = try ForeignGuests.lv2Folder("SEGFAULT")
        let result = await #expect(processExitsWith: .exitCode(7), observing: [\.standardErrorContent]) {
            [folder = folder as String] in
            CrashReport.install(exitCode: 7)
            let chain = try PluginChain(
                specs: [PluginSpec("urn:aup:test:guest")], library: ForeignGuests.lv2Library([folder]), rate: 48000,
                maxFrames: 256, channels: 1)
            _ = chain.run([[Float](repeating: 0, count: 1024)], block: 256)
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(
            text.contains("aup: plugin 'urn:aup:test:guest' crashed in process at frame 512 (SIGSEGV); run without it"))
    }
}
