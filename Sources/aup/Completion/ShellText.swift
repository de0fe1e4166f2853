/// Words as shells read them.
enum ShellText {
    /// For bash and zsh: as it is where nothing is special, else in single quotes.
    static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            Unicode.Scalar(byte).properties.isAlphabetic && byte < 128 || "0123456789_./:=@%+,-".utf8.contains(byte)
        }
        return isPlain && !word.isEmpty ? word : singleQuoted(word)
    }

    static func singleQuoted(_ text: String) -> String { "'\(replacing(text, "'", with: "'\\''"))'" }

    /// For fish, which knows \ in single quotes.
    static func fishQuoted(_ text: String) -> String {
        "'\(replacing(replacing(text, "\\", with: "\\\\"), "'", with: "\\'"))'"
    }

    /// Characters with a backslash before them.
    static func escaped(_ text: String, _ characters: Set<Character>) -> String {
        String(text.flatMap { characters.contains($0) ? ["\\", $0] : [$0] })
    }

    private static func replacing(_ text: String, _ character: Character, with replacement: String) -> String {
        text.split(separator: character, omittingEmptySubsequences: false).joined(separator: replacement)
    }
}
