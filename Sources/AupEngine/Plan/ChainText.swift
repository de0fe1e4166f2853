import AupFiles

/// A chain that is written as one text, as in a configuration.
public enum ChainText {
    /// Its words, cut at blanks and ends of lines, with quotation marks as a command has them; `nil` where one is left open, or
    /// there is no word.
    public static func words(_ text: String) -> [String]? {
        CommandWords(String(text.map { $0.isNewline ? " " : $0 }))?.words
    }
}
