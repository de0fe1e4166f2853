import Foundation
import TestSupport
import Testing

/// A manual page, as it stands in man/.
struct ManualPage: Sendable, CustomTestStringConvertible {
    /// `aup-capture.1`.
    let name: String
    let path: String
    let text: String

    /// All there are.
    static let all: [ManualPage] = {
        let folder = Repository.root.appending(path: "man").path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.wholeMatch(of: /[-a-z]+\.[1-8]/) != nil }.sorted().compactMap {
            try? ManualPage(file: $0)
        }
    }()

    /// The page of one subcommand, or with none that of the program.
    init(_ subcommand: String) throws { try self.init(file: subcommand.isEmpty ? "aup.1" : "aup-\(subcommand).1") }

    init(file: String) throws {
        name = file
        path = Repository.root.appending(path: "man/\(file)").path
        text = try Repository.text("man/\(file)")
    }

    var testDescription: String { name }
    var isOfCommand: Bool { name.hasSuffix(".1") }

    var sections: [String] { text.matches(of: /(?m)^\.Sh (.+)$/).map { String($0.1) } }

    /// What the page is about, in a line.
    var abstract: String { text.firstMatch(of: /(?m)^\.Nd (.+)$/).map { String($0.1) } ?? "" }

    /// The text between a heading (`.Sh DESCRIPTION`) and the next of its kind, `nil` where there is none.
    func part(_ heading: String) -> String? {
        guard let start = text.firstRange(of: "\n\(heading)\n") else { return nil }
        let rest = text[start.upperBound...]
        return String(rest[..<(rest.firstRange(of: "\n\(heading.prefix(3)) ")?.lowerBound ?? rest.endIndex)])
    }

    /// The options it describes, and whether each takes a value.
    var described: [String: Bool] {
        var described: [String: Bool] = [:]
        for line in (part(".Sh DESCRIPTION") ?? "").split(separator: "\n") where line.hasPrefix(".It ") {
            let hasValue = line.contains(#/ (Ar|Cm|Li) /#)
            for flag in Self.flags(line) { described[flag] = hasValue }
        }
        return described
    }

    /// All options it speaks of.
    var mentioned: Set<String> { Set(Self.flags(text[...])) }

    /// The variables of the environment it tells of.
    var variables: Set<String> {
        var names: Set<String> = []
        for line in (part(".Sh ENVIRONMENT") ?? "").split(separator: "\n") where line.contains("Ev ") {
            for match in line.matches(of: /[A-Z][A-Z0-9_]+/) { names.insert(String(match.0)) }
        }
        return names
    }

    private static func flags(_ text: Substring) -> [String] {
        text.matches(of: /Fl (-?[A-Za-z][-a-z0-9]*)/).map { "-" + $0.1 }
    }
}
