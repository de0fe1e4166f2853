import AupPlugins
import Foundation
import TestSupport
import Testing

@Suite struct RudeGuestTests {
    private func complaint(about path: String) -> PluginError? {
        do throws(PluginError) {
            _ = try PluginModule(path: path)
            return nil
        } catch {
            return error
        }
    }

    private func file(_ name: String, _ bytes: Data) throws -> String {
        let path = "\(Guests.folder)/\(name)"
        try bytes.write(to: URL(filePath: path))
        return path
    }

    @Test func `a polite guest has nothing to be told`() throws {
        let module = try PluginModule(path: Guests.rude(Guests.polite))
        #expect(module.plugins.count == 1)
        #expect(module.plugins[0].id == "rude")
        #expect(module.plugins[0].name == "Rude ?[31mguest", "no control character reaches a terminal")
        #expect(module.plugins[0].parameters.count == 11)
    }

    @Test func `a file that is no shared object is refused before the loader sees it`() throws {
        let text = try file("text.so", Data("#!/bin/sh\necho hello\n".utf8))
        #expect(complaint(about: text)?.code == .broken)
        #expect(complaint(about: try file("empty.so", Data()))?.code == .broken)
        #expect(complaint(about: Guests.folder)?.code == .broken)
        #expect(complaint(about: Guests.folder + "/nowhere.so")?.code == .notFound)
        #expect(complaint(about: "/bin/true")?.code != nil)
    }

    @Test func `a shared object cut short is refused at every length`() throws {
        let whole = try Data(contentsOf: URL(filePath: Guests.rude(Guests.polite)))
        let forty = complaint(about: try file("forty.so", whole.prefix(40)))
        #expect(forty?.code == .broken)
        #expect(forty?.message.contains("cut short: 40 bytes") == true)
        for length in [4, 63, 64, 100, 119, 1000, 4096, 8192, whole.count / 2] {
            #expect(complaint(about: try file("short.so", whole.prefix(length)))?.code == .broken)
        }
    }

    @Test func `random damage to the headers never takes the loader down`() throws {
        let whole = try Data(contentsOf: URL(filePath: Guests.rude(Guests.polite)))
        var seed: UInt64 = 1
        for at in [16, 18, 32, 33, 39, 54, 56, 57, 64 + 8, 64 + 15, 64 + 32, 64 + 39] {
            var damaged = whole
            seed = seed &* 6_364_136_223_846_793_005 &+ 1
            damaged[at] ^= UInt8(truncatingIfNeeded: seed >> 33) | 1
            damaged[at + 1] |= 0x70
            let complaint = complaint(about: try file("damaged.so", damaged))
            #expect(complaint?.code == .broken || complaint?.code == .foreign, "byte \(at)")
        }
    }

    @Test func `another machine's plugin is named as such`() throws {
        var bytes = try Data(contentsOf: URL(filePath: Guests.rude(Guests.polite)))
        bytes[18] = 243
        let error = complaint(about: try file("riscv.so", bytes))
        #expect(error?.code == .foreign)
        #expect(error?.message.contains("RISC-V") == true)
        bytes[4] = 1
        #expect(complaint(about: try file("narrow.so", bytes))?.code == .foreign)
    }

    @Test func `what is missing or of another version is named`() {
        #expect(Guests.complaint("NO_SYMBOL")?.code == .notPlugin)
        #expect(Guests.complaint("NO_SYMBOL")?.message.contains("aup_module_v1") == true)
        #expect(Guests.complaint("WRONG_ABI")?.code == .version)
        #expect(Guests.complaint("WRONG_ABI")?.message.contains("version 7") == true)
        #expect(Guests.complaint("WRONG_ABI")?.message.contains("newer aup") == true)
        #expect(Guests.complaint("OLD_ABI")?.message.contains("build it again") == true)
        #expect(Guests.complaint("UNDEFINED")?.code == .unloadable)
        #expect(Guests.complaint("UNDEFINED")?.message.contains("this_is_nowhere") == true)
    }

    @Test func `a plugin of another kind is called by its name`() {
        let path = Guests.folder + "/ladspa.so"
        Guests.compile([
            "-DRUDE_LADSPA", "-DRUDE_NO_SYMBOL", "-I\(Repository.root.path)/plugins", "-std=gnu11", "-w", "-shared",
            "-fPIC",
            "-o", path, "\(Repository.root.path)/Tests/Guests/rude.c", "-lm",
        ])
        #expect(complaint(about: path)?.message.contains("plugin for LADSPA") == true)
    }

    @Test(arguments: [
        "WRONG_MAGIC", "NULL_NAME", "BAD_ID", "LONG_NAME", "ZERO_SIZE", "ODD_SIZE", "SHORT_STRIDE", "ODD_STRIDE",
        "CROWD",
        "NULL_PARAMS", "NO_LAYOUT", "NULL_PROCESS", "NULL_PLUGIN", "SAME_IDS", "MANY_PLUGINS", "BAD_KEY", "NULL_KEY",
        "NAN_RANGE", "TURNED_RANGE", "BAD_SCALE", "LOG_ZERO", "NO_LABELS", "DOUBLE_KEY", "WIDE",
    ])
    func `a table that breaks the contract is refused in one line`(way: String) throws {
        let error = try #require(Guests.complaint(way))
        #expect(error.code == .malformed)
        #expect(!error.message.contains("\n"))
        #expect(error.message.contains("rude_\(way.lowercased()).so"))
    }

    @Test(arguments: ["OLDER", "NEWER"])
    func `a guest of an older or newer header runs`(way: String) throws {
        let chain = try PluginChain(
            specs: [PluginSpec(Guests.rude(way))], library: Guests.library(), rate: 48000, maxFrames: 128, channels: 2)
        let sound = ramp(channels: 2, frames: 500)
        let result = chain.run(sound, block: 100)
        #expect(result.sound == sound)
        #expect(result.status == .running)
        #expect(chain.latencyFrames == (way == "OLDER" ? 0 : 1))
        if way == "NEWER" { chain.reset() }
        #expect(chain.plugins[0].parameters.map(\.key).last == "last_event")
    }

    @Test func `what a guest prints does not reach standard output`() async {
        let path = Guests.rude("PRINTS")
        let result = await #expect(
            processExitsWith: .success, observing: [\.standardOutputContent, \.standardErrorContent]
        ) { [path = path as String] in
            let chain = try PluginChain(specs: [PluginSpec(path)], rate: 48000, maxFrames: 64, channels: 1)
            _ = chain.run([[1, 2, 3]], block: 3)
        }
        let out = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        let complaints = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(!out.contains("hello") && !out.contains("text while being created"))
        #expect(complaints.contains("hello from a constructor"))
        #expect(complaints.contains("raw hello"))
        #expect(complaints.contains("text while being created"))
    }
}
