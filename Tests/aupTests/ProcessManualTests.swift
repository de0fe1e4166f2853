import Foundation
import TestSupport
import Testing

/// The manual page of process: it is well formed, and has the options that there are.
@Suite struct `The manual of process` {
    private static let path = Repository.root.appending(path: "man/aup-process.1").path

    @Test func `every option of the help is on the page, and no other`() throws {
        let help = String(decoding: try Pipeline.run(["aup process --help"]).output, as: UTF8.self)
        var known: Set<String> = []
        for line in help.split(separator: "\n") {
            // An option's own line, not one of its description.
            guard let words = line.prefixMatch(of: /\ \ (-[-A-Za-z,\/ ]*)/)?.1 else { continue }
            for word in words.matches(of: /--?[A-Za-z][-a-z]*/) { known.insert(String(word.0)) }
        }
        #expect(known.isSuperset(of: ["--control", "--tail", "--help"]))
        let page = try Repository.text("man/aup-process.1")
        var described: Set<String> = []
        for line in page.split(separator: "\n") where line.hasPrefix(".It ") {
            for flag in line.matches(of: /Fl (-?[A-Za-z][-a-z]*)/) { described.insert("-" + flag.1) }
        }
        #expect(known.subtracting(described).sorted() == [])
        #expect(described.subtracting(known).sorted() == [])
        for flag in page.matches(of: /Fl (-?[A-Za-z][-a-z]*)/) { #expect(known.contains("-" + flag.1), "-\(flag.1)") }
    }

    @Test(.enabled(if: ToolRun.find("man") != nil))
    func `man formats it without a complaint`() throws {
        let run = try Pipeline.run(["env LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l -Tutf8 -Z '\(Self.path)'"])
        #expect(run.statuses == [0])
        #expect(run.errors == [""])
    }

    @Test(.enabled(if: ToolRun.find("mandoc") != nil))
    func `mandoc finds nothing to warn of`() throws {
        let run = try ToolRun("mandoc", ["-T", "lint", "-W", "warning", Self.path])
        #expect(run.status == 0)
        #expect(run.output == "")
    }
}
