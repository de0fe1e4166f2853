import AupPlugins
import Foundation
import Testing

@Suite struct CLAPTests {
    private func chain(
        _ words: [String], channels: Int = 1, library: PluginLibrary = ForeignGuests.clapLibrary()
    ) throws -> PluginChain {
        try PluginChain(
            specs: ChainArguments.parse(words, limit: 64), library: library, rate: 48000, maxFrames: 1024,
            channels: channels, isOffline: true, keepsDenormals: true)
    }

    @Test(
        .enabled(if: ForeignGuests.hasCLAP && ForeignGuests.hasLV2, "zam-plugins and lilv are not installed"),
        arguments: ["ZamEQ2", "ZamTube", "ZamDelay", "ZamComp", "ZaMultiComp", "ZamGEQ31"])
    func `one plugin in two interfaces makes one sound`(name: String) throws {
        let here = try chain(["clap:com.zamaudio.\(name)", "c0=1"])
        let there = try chain(["urn:zamaudio:\(name)", "c0=1"])
        let sound = material(channels: 1, frames: 24000)
        let result = here.run(sound, block: 1024)
        #expect(result.status == .running)
        let isEqual = result.sound == there.run(sound, block: 1024).sound
        #expect(isEqual)
        let isHeard = result.sound[0].contains { abs($0) > 1e-3 }
        #expect(isHeard)
    }

    @Test(.enabled(if: ForeignGuests.hasCLAP, "zam-plugins is not installed"))
    func `a file and an id both name a plugin, and near ones are offered`() throws {
        let library = ForeignGuests.clapLibrary()
        let plugin = try library.find("clap:ZamEQ2").description
        #expect(plugin.interface == .clap)
        #expect(plugin.reference == "clap:com.zamaudio.ZamEQ2")
        #expect(try library.find(plugin.reference).description == plugin)
        #expect(try library.find("/usr/lib/clap/ZamEQ2.clap:com.zamaudio.ZamEQ2").description == plugin)
        do throws(PluginError) {
            _ = try library.find("clap:ZamEQ")
            Issue.record("found")
        } catch {
            #expect(error.message.contains("did you mean 'ZamEQ2'"))
        }
        #expect(PluginDirectory.all(library.search).flatMap(\.plugins).filter { $0.interface == .clap }.count >= 17)
    }

    @Test func `a guest gets all a host has to lend`() throws {
        let chain = try chain([ForeignGuests.clap("POLITE"), "gain=2"])
        let plugin = chain.plugins[0]
        #expect(plugin.layoutSummary == "1 to 1")
        #expect(plugin.version == "3")
        #expect(plugin.tags == ["audio-effect", "mono"])
        #expect(plugin.parameters.map(\.key) == ["gain", "reading", "mode"])
        #expect(plugin.parameters[0].range == 0.1...4)
        #expect(plugin.parameters[0].unit == "dB")
        #expect(plugin.parameters[2].labels == ["Low", "Mid", "High"])
        #expect(plugin.parameters[2].defaultValue == 2)
        #expect(chain.latencyFrames == 1)
        #expect(chain.tailFrames == 1)
        let sound = ramp(channels: 1, frames: 600)
        let expected = [[0] + sound[0].dropLast().map { $0 * 2 }]
        let isEqual = chain.run(sound, block: 300).sound == expected
        #expect(isEqual)
        // Two values told before the first block, none again, and no promise broken.
        #expect(try chain.value(plugin: 0, key: "reading") == 2600)
        try chain.set(plugin: 0, key: "mode", to: "high")
        _ = chain.run(sound, block: 600)
        #expect(try chain.value(plugin: 0, key: "reading") == 4200)
        chain.reset()
        let again = chain.run(sound, block: 300).sound == expected
        #expect(again)
        #expect(try chain.value(plugin: 0, key: "reading") == 2600)
        #expect(chain.takeMessages().contains("test.guest: begun"))
    }

    @Test(arguments: [
        ("OPEN_FAILS", "does not start"), ("WRONG_VERSION", "version 7 of CLAP"), ("MANY", "4000000000 plugins"),
        ("NULL_DESCRIPTOR", "has no id"), ("NULL_ID", "has no id"), ("CREATE_NULL", "cannot be created"),
        ("BEGIN_FAILS", "cannot be created"), ("NO_OUTPUT", "has no sound output"), ("CROWD", "too many parameters"),
        ("NO_INFO", "does not describe its parameters"), ("ACTIVATE_FAILS", "does not start at 48000 Hz"),
    ])
    func `what cannot be used is refused with the reason`(way: String, reason: String) throws {
        do {
            _ = try chain([ForeignGuests.clap(way)])
            Issue.record("accepted")
        } catch {
            #expect((error as? PluginError)?.message.contains(reason) == true)
        }
    }

    @Test func `a name without an end is cut`() throws {
        #expect(try chain([ForeignGuests.clap("LONG_NAME")]).plugins[0].parameters[0].key.utf8.count == 64)
    }

    @Test func `a guest that gives up is told`() throws {
        let chain = try chain([ForeignGuests.clap("FAILS")])
        let result = chain.run([[Float](repeating: 1, count: 1024)], block: 512)
        #expect(result.status == .failed(plugin: 0, code: -5))
    }

    @Test func `a crash names plugin, frame and signal`() async throws {
        let path = ForeignGuests.clap("SEGFAULT")
        let result = await #expect(processExitsWith: .exitCode(7), observing: [\.standardErrorContent]) {
            [path = path as String] in
            CrashReport.install(exitCode: 7)
            let chain = try PluginChain(specs: [PluginSpec(path)], rate: 48000, maxFrames: 256, channels: 1)
            _ = chain.run([[Float](repeating: 0, count: 1024)], block: 256)
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("aup: plugin 'test.guest' crashed in process at frame 512 (SIGSEGV); run without it"))
    }
}
