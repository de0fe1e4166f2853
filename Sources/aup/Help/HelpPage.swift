import ArgumentParser
import Glibc

/// The page that `--help` prints.
///
/// The parser needs 3 to 12 ms to write one. Those of ``helpPage(_:)`` are what it wrote when this was built, each entry in
/// one line; here lines are broken where the terminal ends.
enum HelpPage {
    /// `aup ---help` prints what the parser writes, a form feed behind each page: what `make options` keeps.
    static let word = "---help"

    /// Where the parser begins what it says of an option.
    private static let notesColumn = 26
    /// Narrower than this a page is not made: the terminal breaks its lines.
    private static let leastColumns = 40

    /// The page that these words ask for; `nil` where they ask for none, or for that of a command that there is not, and where
    /// only the parser knows what they mean.
    static func asked(by words: [String]) -> String? {
        command(of: words).flatMap(helpPage)
    }

    private static func command(of words: [String]) -> String? {
        switch words.count {
        case 1 where isRequest(words[0]): ""
        case 2 where isRequest(words[1]): words[0]
        case 2 where words[0] == "help": words[1]
        default: nil
        }
    }

    private static func isRequest(_ word: String) -> Bool { word == "--help" || word == "-h" }

    /// Every page as the parser writes it when no line ends early.
    static var written: String {
        var text = page(of: Aup.self)
        for command in Aup.configuration.subcommands where command.configuration.shouldDisplay {
            text += page(of: command)
        }
        return text
    }

    private static func page(of command: any ParsableCommand.Type) -> String {
        withOptionalValues(Aup.helpMessage(for: command, columns: .max / 2)) + "\n\u{0C}\n"
    }

    /// `--stats[=<seconds>]` for `--stats <seconds>`, where the value may be left out and so is never the next word.
    static func withOptionalValues(_ page: String) -> String {
        page.replacing(/(?<option>--[a-z-]+) <(?<value>[a-z]+)>(?<space>\ *)/) { match in
            guard ArgumentWords.hasOptionalValue(String(match.option)) else { return String(match.0) }
            // The notes stay in their column.
            return "\(match.option)[=<\(match.value)>]"
                + (match.space.count > 3 ? match.space.dropFirst(2) : match.space)
        }
    }

    // MARK: - Lines

    /// The page in lines of at most so many columns, each letter one. What is an example, or how to call the command, stays in
    /// one line.
    static func wrapped(_ page: String, columns: Int) -> String {
        let columns = max(columns, leastColumns)
        var text: [UInt8] = []
        // Options and what else has two columns stand behind the line that says how to call it.
        var hasNotes = false
        for line in Array(page.utf8).split(separator: newline, omittingEmptySubsequences: false) {
            if line.starts(with: "USAGE: ".utf8) { hasNotes = true }
            let indent = line.prefix { $0 == space }.count
            switch (hasNotes, indent) {
            case (true, 2), (true, notesColumn): wrap(line, notesColumn, columns, into: &text)
            case (true, _), (false, 1...): text += line
            case (false, _): wrap(line, 0, columns, into: &text)
            }
            text.append(newline)
        }
        // The last line ends with the page.
        text.removeLast()
        return String(decoding: text, as: UTF8.self)
    }

    /// Breaks one line at blanks; the lines behind the first begin in column `hang`.
    private static func wrap(_ line: ArraySlice<UInt8>, _ hang: Int, _ columns: Int, into text: inout [UInt8]) {
        var rest = line
        var room = columns
        while letters(rest) > room {
            // A word that is longer than a line has one of its own.
            guard let end = lastBlank(in: rest, within: room, behind: room == columns ? hang : 0) else { break }
            text += rest[..<end]
            text.append(newline)
            text += [UInt8](repeating: space, count: hang)
            rest = rest[(end + 1)...]
            room = columns - hang
        }
        text += rest
    }

    /// The last blank before which there is room, or the first one.
    private static func lastBlank(in line: ArraySlice<UInt8>, within room: Int, behind start: Int) -> Int? {
        var column = 0
        var found: Int?
        for (place, byte) in zip(line.indices, line) {
            if byte == space, column >= start {
                if column > room, found != nil { return found }
                found = place
                if column > room { return found }
            }
            if !isContinuation(byte) { column += 1 }
        }
        return found
    }

    private static func letters(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.reduce(0) { $0 + (isContinuation($1) ? 0 : 1) }
    }

    /// A byte of UTF-8 that is not the first of a letter.
    private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

    private static let space = UInt8(ascii: " ")
    private static let newline = UInt8(ascii: "\n")
}
