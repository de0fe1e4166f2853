import Foundation
import TestSupport
import Testing

/// The manual pages: they are well formed, and have the options that there are, neither more nor fewer.
@Suite struct `The manual` {
    private static let pages = ["capture", "encode", "play", "process", "stream"]

    @Test func `has no page that is not looked at here`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Repository.root.appending(path: "man").path)
        #expect(files.sorted() == Self.pages.map { "aup-\($0).1" })
    }

    @Test(arguments: pages) func `has every option of the help, and no other`(subcommand: String) throws {
        let help = String(decoding: try Pipeline.run(["aup \(subcommand) --help"]).output, as: UTF8.self)
        var known: Set<String> = []
        for line in help.split(separator: "\n") {
            // An option's own line, not one of its description.
            guard let words = line.prefixMatch(of: /\ \ (-[-A-Za-z,\/ ]*)/)?.1 else { continue }
            for word in words.matches(of: /--?[A-Za-z][-a-z]*/) { known.insert(String(word.0)) }
        }
        #expect(known.isSuperset(of: ["-q", "--quiet", "--json", "-h", "--help"]))
        let page = try ManualPage(subcommand)
        #expect(known.subtracting(page.described).sorted() == [])
        #expect(page.described.subtracting(known).sorted() == [])
        #expect(page.mentioned.subtracting(known).sorted() == [])
    }

    @Test(.enabled(if: ToolRun.find("man") != nil, "man is not installed"), arguments: pages)
    func `is formatted by man without a complaint`(subcommand: String) throws {
        let path = try ManualPage(subcommand).path
        let run = try Pipeline.run(["env LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l -Tutf8 -Z '\(path)'"])
        #expect(run.statuses == [0])
        #expect(run.errors == [""])
        #expect(run.output.count > 10_000)
    }

    @Test(.enabled(if: ToolRun.find("mandoc") != nil, "mandoc is not installed"), arguments: pages)
    func `gives mandoc nothing to warn of`(subcommand: String) throws {
        let run = try ToolRun("mandoc", ["-T", "lint", "-W", "warning", try ManualPage(subcommand).path])
        #expect(run.status == 0)
        #expect(run.output == "")
    }
}
