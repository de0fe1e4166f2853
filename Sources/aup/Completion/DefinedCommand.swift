import ArgumentParser

/// A command as its own definition has it: what help, completion and manual must agree on.
///
/// Read from the parser's description of all commands, which is one object of JSON; it takes some milliseconds, and only what
/// writes scripts pays for it.
struct DefinedCommand {
    let name: String
    let abstract: String
    let options: [DefinedOption]
    /// The words that are no options, `nil` where it takes none.
    let operands: DefinedOperands?
    let subcommands: [DefinedCommand]

    /// The whole program.
    static func program() -> DefinedCommand {
        DefinedCommand(JSONTree(Aup._dumpHelp())["command"])
    }

    /// Which options take the next word.
    var valuedNames: [String] { options.filter { $0.value == .required }.flatMap(\.names) }

    private init(_ tree: JSONTree) {
        name = tree["commandName"].text
        abstract = tree["abstract"].text
        let arguments = tree["arguments"].items.filter { $0["shouldDisplay"].isTrue }
        options = arguments.filter { $0["kind"].text != "positional" }.map(DefinedOption.init)
        operands = arguments.first { $0["kind"].text == "positional" }.map(DefinedOperands.init)
        subcommands = tree["subcommands"].items.filter { $0["shouldDisplay"].isTrue }.map { DefinedCommand($0) }
    }
}

/// An option or a flag that is shown.
struct DefinedOption {
    enum Value { case none, optional, required }

    /// `-D`, `--device`: as they are typed, the short ones first.
    let names: [String]
    let abstract: String
    let valueName: String
    let value: Value
    let kind: ValueKind
    let isRepeating: Bool

    fileprivate init(_ tree: JSONTree) {
        names = tree["names"].items.map { name in
            (name["kind"].text == "long" ? "--" : "-") + name["name"].text
        }.sorted { !$0.hasPrefix("--") && $1.hasPrefix("--") }
        abstract = tree["abstract"].text
        valueName = tree["valueName"].text
        isRepeating = tree["isRepeating"].isTrue
        if tree["kind"].text == "flag" {
            (value, kind) = (.none, .nothing)
        } else {
            value = names.contains(where: ArgumentWords.hasOptionalValue) ? .optional : .required
            kind = ValueKind(tree)
        }
    }

    /// What it is called where one name is enough.
    var name: String { names.last ?? "" }

    /// The abstract as far as it fits into a line beside the option.
    var note: String { DefinedText.note(abstract) }
}

/// Words of a command that are no options.
struct DefinedOperands {
    let valueName: String
    let kind: ValueKind

    fileprivate init(_ tree: JSONTree) {
        valueName = tree["valueName"].text
        // The parser's own command of this kind says nothing of what may stand there.
        kind = valueName == "subcommands" ? .commands : ValueKind(tree)
    }
}

enum DefinedText {
    /// A line that stands beside a word: the first sentence without its dot, or as many words as fit.
    static func note(_ text: String) -> String {
        let end = text.indices.dropFirst(shortest).first { index in
            text[index...].hasPrefix(". ") || text[index...].hasPrefix("; ") || text[index...].hasPrefix(" (default")
        }
        var sentence = String(text[..<(end ?? text.endIndex)])
        if sentence.hasSuffix(".") { sentence.removeLast() }
        guard sentence.count > longest else { return sentence }
        var line = ""
        for word in sentence.split(separator: " ") {
            guard line.count + word.count + 2 <= longest else { break }
            line += (line.isEmpty ? "" : " ") + word
        }
        return line + " …"
    }

    /// So that an option and its note fit into 100 columns.
    private static let longest = 72
    /// Less says nothing by itself: "Record nothing; mend …".
    private static let shortest = 16
}
