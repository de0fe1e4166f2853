import Foundation
import TestSupport
import Testing

/// What `--help` says of a command.
struct CommandHelp: Sendable, CustomTestStringConvertible {
    /// Nothing for the program itself.
    let name: String
    let abstract: String
    /// Every option as it is typed, and whether it takes a value.
    let options: [String: Bool]

    /// The program and all its commands, as its own help lists them.
    static let all: [CommandHelp] = (try? read()) ?? []

    var testDescription: String { name.isEmpty ? "aup" : name }

    private static func read() throws -> [CommandHelp] {
        let root = try text("")
        let list = root.components(separatedBy: "SUBCOMMANDS:\n").last ?? ""
        let names = list.split(separator: "\n").compactMap { $0.prefixMatch(of: /\ \ ([a-z]+)\ /).map { String($0.1) } }
        return try [CommandHelp(name: "", help: root)] + names.map { CommandHelp(name: $0, help: try text($0)) }
    }

    private static func text(_ command: String) throws -> String {
        // Wide enough that no line of an option is broken.
        String(decoding: try Pipeline.run(["env COLUMNS=400 aup \(command) --help"]).output, as: UTF8.self)
    }

    private init(name: String, help: String) {
        self.name = name
        var options: [String: Bool] = [:]
        for line in help.split(separator: "\n") {
            // An option's own line, not one of its description.
            guard let words = line.prefixMatch(of: /\ \ (-[^ ]*(\ [-<][^ ]*)*)/)?.1 else { continue }
            for word in words.matches(of: /--?[A-Za-z][-a-z0-9]*/) { options[String(word.0)] = words.contains("<") }
        }
        self.options = options
        let overview = help.components(separatedBy: "\n\n").first ?? ""
        abstract = overview.replacing("OVERVIEW: ", with: "").replacing("\n", with: " ")
    }
}
