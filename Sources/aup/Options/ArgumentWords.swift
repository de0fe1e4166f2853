/// The command line before it is parsed.
enum ArgumentWords {
    /// Flags whose value is optional, and the value they have without one. Written out before parsing, because
    /// `--stats gain.so` must not take the plugin for a number of seconds.
    private static let optionalValues = [
        "--stats": "10", "--realtime": "40", "--wait-device": "forever", "--reconnect": "60s",
    ]

    static func normalized(_ words: [String]) -> [String] {
        let end = words.firstIndex(of: "--") ?? words.endIndex
        return words[..<end].map { word in
            optionalValues[word].map { "\(word)=\($0)" } ?? word
        } + words[end...]
    }
}
