import Foundation
import TestSupport
import Testing

/// Pages of `--help`, which are kept rather than written by the parser at each start.
@Suite struct `Help` {
    private static let names = CommandHelp.all.map(\.name)

    private func page(_ words: String, columns: Int) throws -> String {
        let run = try Pipeline.run(["aup \(words)"], environment: ["COLUMNS": "\(columns)"])
        #expect(run.statuses == [0] && run.errors == [""])
        return String(decoding: run.output, as: UTF8.self)
    }

    private func words(_ page: String) -> [Substring] { page.split { $0.isWhitespace } }

    @Test func `is there for every command`() throws {
        #expect(Self.names.count > 7)
    }

    @Test(arguments: names)
    func `is what the parser says, however it is asked for`(_ name: String) throws {
        let shown = try page("\(name) --help", columns: 100_000)
        // With another word before it the parser answers.
        if !name.isEmpty { #expect(try page("\(name) --json --help", columns: 100_000) == shown) }
        #expect(try page("\(name) -h", columns: 100_000) == shown)
        #expect(try page("help \(name)", columns: 100_000) == shown)
    }

    @Test(arguments: names, [40, 80, 133])
    func `fits into the terminal, and no word is lost`(_ name: String, _ columns: Int) throws {
        let whole = try page("\(name) --help", columns: 100_000)
        let shown = try page("\(name) --help", columns: columns)
        #expect(words(shown) == words(whole))
        let kept = Set(whole.split(separator: "\n"))
        for line in shown.split(separator: "\n") where line.count > columns {
            // An example and the line that says how to call it are of one piece, and so is a long word.
            let indent = line.prefix { $0 == " " }.count
            let isOne = line.dropFirst(indent).split(separator: " ").count == 1
            #expect(kept.contains(line) && (line.hasPrefix("USAGE: ") || indent > 0) || isOne, "\(line)")
        }
        // What goes on below an option begins where its words began.
        let entries = shown.components(separatedBy: "USAGE: ").last?.split(separator: "\n").dropFirst() ?? []
        for line in entries where line.hasPrefix("   ") {
            #expect(line.prefix { $0 == " " }.count == 26, "\(line)")
        }
    }

    @Test func `asks the terminal how wide it is`() throws {
        let run = try Pipeline.run(["script -qec 'stty cols 60; env -u COLUMNS aup play --help' /dev/null"])
        let longest = String(decoding: run.output, as: UTF8.self).split(whereSeparator: \.isNewline).map(\.count).max()
        #expect((50...60).contains(longest ?? 0))
    }
}
