import Foundation
import Testing

@testable import AupPlugins

@Suite struct SearchTests {
    private func folder(_ name: String, _ files: [String: String]) throws -> String {
        let path = "\(Guests.folder)/\(name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (file, source) in files {
            let goal = "\(path)/\(file)"
            try FileManager.default.createDirectory(
                atPath: URL(filePath: goal).deletingLastPathComponent().path, withIntermediateDirectories: true)
            try? FileManager.default.removeItem(atPath: goal)
            if source.isEmpty {
                try Data().write(to: URL(filePath: goal))
            } else {
                try FileManager.default.copyItem(atPath: source, toPath: goal)
            }
        }
        return path
    }

    private func complaint(_ library: PluginLibrary, _ reference: String) -> PluginError? {
        do throws(PluginError) {
            _ = try library.find(reference)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a name is found with and without its ending, flat or in a folder of its own`() throws {
        let path = try folder("flat", ["rude.so": Guests.rude("POLITE")])
        let library = PluginLibrary(search: PluginSearch(folders: [path, Guests.own]))
        #expect(try library.find("rude").description.path == "\(path)/rude.so")
        #expect(try library.find("rude.so").description.id == "rude")
        #expect(try library.find("gain").description.path == "\(Guests.own)/gain/gain.so")
        #expect(try library.find("\(path)/rude.so").description.id == "rude")
    }

    @Test func `the current directory counts only for names that are spelled out`() throws {
        let here = try folder("here", ["mine.so": Guests.rude("POLITE")])
        let library = PluginLibrary(search: PluginSearch(environmentPath: nil, executable: nil, currentDirectory: here))
        #expect(try library.find("mine.so").description.id == "rude")
        #expect(complaint(library, "mine")?.code == .notFound)
    }

    @Test func `the environment's folders come first, then the installed ones`() {
        let search = PluginSearch(environmentPath: "/a:/b::/c", executable: "/opt/aup/bin/aup")
        #expect(
            search.folders == [
                "/a", "/b", "/c", "/opt/aup/bin/../lib/aup/plugins", "/usr/local/lib/aup/plugins",
                "/usr/lib/aup/plugins",
            ])
    }

    @Test func `an executable in a build tree sees the plugins of its checkout`() throws {
        let checkout = try folder("checkout", ["plugins/aup_plugin.h": "", ".build/machine/debug/aup": ""])
        let search = PluginSearch(environmentPath: nil, executable: "\(checkout)/.build/machine/debug/aup")
        #expect(search.folders.contains("\(checkout)/plugins"))
    }

    @Test func `what is nowhere is told with the folders and the near names`() throws {
        let error = try #require(complaint(Guests.library(["/nonexistent"]), "gian"))
        #expect(error.code == .notFound)
        #expect(error.message == "plugin 'gian' is not in /nonexistent, \(Guests.own); did you mean 'gain'?")
        #expect(complaint(Guests.library(), "./gian.so")?.message == "plugin './gian.so': there is no such file")
        for word in ["", ".", "..", ":", ":x", "a:b:c", ".so", "\u{1B}]0;x\u{7}"] {
            #expect(complaint(Guests.library(), word)?.code == .notFound)
        }
    }

    @Test func `one plugin of a module is chosen by its id`() throws {
        let path = Guests.rude("TWO")
        #expect(try Guests.library().find("\(path):second").description.id == "second")
        let undecided = try #require(complaint(Guests.library(), path))
        #expect(undecided.code == .usage)
        #expect(undecided.message.contains("rude, second"))
        #expect(complaint(Guests.library(), "\(path):secnod")?.message.contains("did you mean 'second'?") == true)
        #expect(try PluginDirectory.describe(path, library: Guests.library()).map(\.id) == ["rude", "second"])
        #expect(try PluginDirectory.describe("gain", library: Guests.library()).map(\.id) == ["gain"])
    }

    @Test func `a file is loaded once and again when it was replaced`() throws {
        let path = try folder("reload", ["one.so": Guests.rude("POLITE")]) + "/one.so"
        let library = Guests.library()
        let first = try library.find(path).module
        #expect(try library.find(path).module === first)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: Guests.rude("TWO"), toPath: path)
        #expect(complaint(library, path)?.code == .usage)
    }

    @Test func `a list shows good and bad ones, each name once`() throws {
        let first = try folder("list1", ["a.so": Guests.rude("POLITE"), "bad.so": "", "readme.txt": ""])
        let second = try folder("list2", ["a.so": Guests.rude("TWO"), "b/b.so": Guests.rude("TWO")])
        let entries = PluginDirectory.all(PluginSearch(folders: [first, second, "/nonexistent"]))
        #expect(entries.map(\.path) == ["\(first)/a.so", "\(first)/bad.so", "\(second)/b/b.so"])
        #expect(entries.map(\.plugins.count) == [1, 0, 2])
        #expect(entries[1].error?.code == .broken)
    }

    @Test func `words become a chain`() throws {
        let specs = try ChainArguments.parse(["gain.so", "gain=-6", "invert", "./a=b.so", "x=1=2", "y="], limit: 64)
        #expect(specs.map(\.reference) == ["gain.so", "invert", "./a=b.so"])
        #expect(specs[0].settings == [.init(key: "gain", value: "-6")])
        #expect(specs[1].settings.isEmpty)
        #expect(specs[2].settings == [.init(key: "x", value: "1=2"), .init(key: "y", value: "")])
        #expect(try ChainArguments.parse([], limit: 64).isEmpty)
    }

    @Test(arguments: [["gain=3"], ["gain=3", "gain"], ["gain", "gain=1", "gain=2"], [""], ["a", "b", "c"]])
    func `words that make no chain are refused`(words: [String]) {
        #expect(throws: PluginError.self) { try ChainArguments.parse(words, limit: 2) }
    }
}
