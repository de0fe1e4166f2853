import AupSound
import Glibc

/// The command line before it is parsed.
enum ArgumentWords {
    /// Flags whose value is optional, and the value they have without one. Written out before parsing, because
    /// `--stats gain.so` must not take the plugin for a number of seconds.
    private static let optionalValues = [
        "--stats": "10", "--realtime": "40", "--wait-device": "forever", "--reconnect": "60s", "--retry": "forever",
    ]

    /// Whether an option's value may be left out.
    static func hasOptionalValue(_ option: String) -> Bool { optionalValues[option] != nil }

    /// The same by the options' names, for `realtime = true` in a configuration.
    static var bareValues: [String: String] {
        Dictionary(uniqueKeysWithValues: optionalValues.map { (String($0.key.dropFirst(2)), $0.value) })
    }

    /// The commands whose words are names of files that are sound, and what a shell wants completed.
    private static let withNames = ["capture", "play", "process", "encode", "meter", LiveCompletion.word]

    /// The words behind the program's own name. Names of files need be no UTF-8 (``FileName``); where there are none of sound
    /// what is no UTF-8 is replaced, as Swift does it.
    static func ofProcess() -> [String] {
        let words = Array(CommandLine.arguments.dropFirst())
        guard let first = words.first, withNames.contains(first) else { return words }
        return (1..<Int(CommandLine.argc)).compactMap { index in
            guard let word = unsafe CommandLine.unsafeArgv[index] else { return nil }
            let bytes = unsafe UnsafeBufferPointer(start: word, count: strlen(word))
            return FileName.text(unsafe bytes.map { UInt8(bitPattern: $0) })
        }
    }

    static func normalized(_ words: [String]) -> [String] {
        let end = words.firstIndex(of: "--") ?? words.endIndex
        return words[..<end].map { word in
            optionalValues[word].map { "\(word)=\($0)" } ?? word
        } + words[end...]
    }
}
