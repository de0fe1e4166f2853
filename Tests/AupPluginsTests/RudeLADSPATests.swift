import AupPlugins
import Foundation
import Testing

@Suite(.enabled(if: ForeignGuests.hasLADSPA, "ladspa-sdk and swh-plugins are not installed"))
struct RudeLADSPATests {
    private func chain(_ way: String, channels: Int = 1) throws(PluginError) -> PluginChain {
        try PluginChain(
            specs: [PluginSpec(ForeignGuests.ladspa(way))], library: ForeignGuests.library(), rate: 48000,
            maxFrames: 256,
            channels: channels)
    }

    private func complaint(_ way: String) -> PluginError? {
        do throws(PluginError) {
            _ = try chain(way)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a polite guest is understood`() throws {
        let chain = try chain("POLITE")
        let plugin = chain.plugins[0]
        #expect(plugin.interface == .ladspa)
        #expect(plugin.name == "Rude ?[31mguest")
        #expect(
            plugin.parameters.map(\.key) == [
                "gain", "cut_off_frequency", "steps", "steps_2", "level", "frames_of_delay",
            ])
        #expect(plugin.parameters.map(\.unit) == ["dB", "Hz", "", "", "dB", ""])
        #expect(plugin.parameters.map(\.defaultValue) == [0, 440, 3, 1, 0, 0])
        #expect(plugin.parameter("c3")?.key == "steps_2")
        #expect(plugin.parameter("c4") == nil)
        let sound = ramp(channels: 1, frames: 700)
        let isEqual = chain.run(sound, block: 100).sound == sound
        #expect(isEqual)
        #expect(try chain.value(plugin: 0, key: "level") == 700)
        #expect(chain.latencyFrames == 0)
    }

    @Test func `a label may hold colons, as one that is a URI does`() throws {
        let path = ForeignGuests.ladspa("URI_LABEL")
        let stem = URL(filePath: path).deletingPathExtension().lastPathComponent
        let library = ForeignGuests.library([Guests.folder])
        for reference in ["\(path):http://tests/rude", "ladspa:\(stem):http://tests/rude"] {
            #expect(try library.find(reference).description(settings: []).id == "http://tests/rude")
        }
    }

    @Test(arguments: [
        ("NULL_LABEL", "its label is NULL"), ("NULL_RUN", "its run is NULL"),
        ("NULL_PORTS", "its list of ports is NULL"),
        ("NO_DIRECTION", "port 3 is neither"), ("CROWD", "100000 ports"), ("NO_OUTPUT", "has no sound output"),
        ("EMPTY", "is empty"), ("ENDLESS", "does not end"), ("INSTANTIATE_NULL", "gives nothing at 48000 Hz"),
    ])
    func `what cannot be used is refused with the reason`(way: String, reason: String) {
        let message = complaint(way)?.message ?? "(accepted)"
        #expect(message.contains(reason), "\(message)")
        #expect(!message.contains("\n"))
    }

    @Test func `names and ranges may be missing`() throws {
        #expect(try chain("NULL_NAME").plugins[0].parameters[0].key == "c0")
        #expect(try chain("NULL_RANGES").plugins[0].parameters.allSatisfy { $0.defaultValue == 0 })
    }

    @Test func `one bad plugin does not take its neighbours along`() throws {
        let path = ForeignGuests.ladspa("NULL_RUN_OF_TWO")
        #expect(try ForeignGuests.library().find(path + ":polite").description.id == "polite")
        #expect(throws: PluginError.self) { try ForeignGuests.library().find(path + ":rude") }
    }

    @Test func `two files with one label have to be told apart`() throws {
        let folder = Guests.folder + "/labels"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in ["one", "two"] {
            _ = try? FileManager.default.copyItem(atPath: ForeignGuests.ladspa("TWO"), toPath: "\(folder)/\(name).so")
        }
        let library = ForeignGuests.library([folder])
        do throws(PluginError) {
            _ = try library.find("ladspa:polite")
            Issue.record("found without being told which")
        } catch {
            #expect(error.message.contains("ladspa:one:polite, ladspa:two:polite"))
        }
        #expect(try library.find("ladspa:two:polite").description.path == "\(folder)/two.so")
    }

    @Test func `what a guest does not write is silence`() throws {
        let out = try chain("SILENT").run(ramp(channels: 1, frames: 600), block: 200).sound[0]
        #expect(out.allSatisfy { $0 == 0 })
    }

    @Test func `the probe for the latency leaves the guest fresh`() throws {
        let chain = try chain("LATENCY")
        #expect(chain.latencyFrames == 1)
        let sound = ramp(channels: 1, frames: 300)
        let isEqual = chain.run(sound, block: 77).sound == [[0] + sound[0].dropLast()]
        #expect(isEqual)
        #expect(try chain.value(plugin: 0, key: "level") == 300)
    }

    @Test func `a guest that has nothing to switch on is made anew too`() throws {
        let chain = try chain("NO_ACTIVATE")
        _ = chain.run(ramp(channels: 1, frames: 300), block: 100)
        chain.reset()
        _ = chain.run(ramp(channels: 1, frames: 100), block: 100)
        #expect(try chain.value(plugin: 0, key: "level") == 100)
    }

    private func lastWords(_ way: String) async -> String {
        let path = ForeignGuests.ladspa(way)
        let result = await #expect(processExitsWith: .exitCode(7), observing: [\.standardErrorContent]) {
            [path = path as String] in
            CrashReport.install(exitCode: 7)
            let chain = try PluginChain(specs: [PluginSpec(path)], rate: 48000, maxFrames: 256, channels: 1)
            _ = chain.run([[Float](repeating: 0, count: 1024)], block: 256)
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        return text.split(separator: "\n").filter { $0.hasPrefix("aup: ") }.joined(separator: "|")
    }

    @Test func `a crash names plugin, place and signal`() async {
        #expect(
            await lastWords("SEGFAULT")
                == "aup: plugin 'rude' crashed in process at frame 512 (SIGSEGV); run without it")
        #expect(await lastWords("EXIT") == "aup: plugin 'rude' called exit() in process at frame 0; run without it")
        #expect(await lastWords("CRASH_IN_INSTANTIATE").hasSuffix("'rude' crashed in create (SIGSEGV); run without it"))
        #expect(await lastWords("CRASH_IN_CLEANUP").hasSuffix("'rude' crashed in destroy (SIGSEGV); run without it"))
        #expect(await lastWords("CRASH_IN_LIST").hasSuffix("crashed in a query (SIGSEGV); run without it"))
    }
}
