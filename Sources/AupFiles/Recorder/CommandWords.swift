/// A command line in words, without a shell: nothing in it is expanded, so nothing in a file's name can run.
///
/// Blanks part words. Quotes, single or double, hold blanks together; a backslash outside of single quotes takes the next
/// character as it is. Whoever wants more says `sh -c '…'`.
///
/// - Thread: any.
public struct CommandWords: Equatable, Sendable {
    public let words: [String]

    /// `nil` when a quote is open at the end, a backslash has nothing behind it, or there is no word at all.
    public init?(_ text: String) {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = Substring(text)
        while let character = rest.popFirst() {
            switch (quote, character) {
            case (let open?, _) where character == open: quote = nil
            case (nil, "'"), (nil, "\""):
                quote = character
                word = word ?? ""
            case (nil, " "), (nil, "\t"), (nil, "\n"):
                if let word { words.append(word) }
                word = nil
            case (nil, "\\"), ("\"", "\\"):
                guard let next = rest.popFirst() else { return nil }
                word = (word ?? "") + String(next)
            default: word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        guard quote == nil, let program = words.first, !program.isEmpty else { return nil }
        self.words = words
    }
}
