import Foundation
import TestSupport

/// The manual page of one subcommand, as it stands in man/.
struct ManualPage {
    let path: String
    let text: String

    init(_ subcommand: String) throws {
        let file = "man/aup-\(subcommand).1"
        path = Repository.root.appending(path: file).path
        text = try Repository.text(file)
    }

    /// The text between a heading (`.Sh DESCRIPTION`) and the next of its kind, `nil` where there is none.
    func part(_ heading: String) -> String? {
        guard let start = text.firstRange(of: "\n\(heading)\n") else { return nil }
        let rest = text[start.upperBound...]
        return String(rest[..<(rest.firstRange(of: "\n\(heading.prefix(3)) ")?.lowerBound ?? rest.endIndex)])
    }

    /// The options it describes.
    var described: Set<String> {
        let lines = (part(".Sh DESCRIPTION") ?? "").split(separator: "\n").filter { $0.hasPrefix(".It ") }
        return Set(lines.flatMap(Self.flags))
    }

    /// All options it speaks of.
    var mentioned: Set<String> { Set(Self.flags(text[...])) }

    private static func flags(_ text: Substring) -> [String] {
        text.matches(of: /Fl (-?[A-Za-z][-a-z]*)/).map { "-" + $0.1 }
    }
}
