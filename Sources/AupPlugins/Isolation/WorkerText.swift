import CAupPlugin

/// What the host and a worker tell each other while a plugin is found and created: lines of words with tabs between.
///
/// - Thread: any.
enum WorkerText {
    /// Where it lies in the file that both share.
    static let place = Int(AUP_WORKER_TEXT_AT)
    static let limitBytes = Int(AUP_WORKER_TEXT_BYTES)

    /// Values and messages may hold anything; tabs, line ends and backslashes are spelled out.
    static func line(_ words: [String]) -> String { words.map(escaped).joined(separator: "\t") }

    static func words(_ line: String) -> [String] {
        line.split(separator: "\t", omittingEmptySubsequences: false).map { plain($0) }
    }

    static func bytes(_ lines: [String]) -> [UInt8] { Array(lines.joined(separator: "\n").utf8) }

    static func lines(_ bytes: [UInt8]) -> [String] {
        // Swift takes CR LF for one character, so the bytes are split.
        bytes.split(separator: 10, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func escaped(_ word: String) -> String {
        guard word.utf8.contains(where: { $0 == 9 || $0 == 10 || $0 == 92 }) else { return word }
        var bytes: [UInt8] = []
        for byte in word.utf8 {
            switch byte {
            case 9: bytes += [92, 116]
            case 10: bytes += [92, 110]
            case 92: bytes += [92, 92]
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func plain(_ word: Substring) -> String {
        guard word.utf8.contains(92) else { return String(word) }
        var bytes: [UInt8] = []
        var isEscape = false
        for byte in word.utf8 {
            if isEscape {
                bytes.append(byte == 116 ? 9 : byte == 110 ? 10 : byte)
                isEscape = false
            } else if byte == 92 {
                isEscape = true
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: - Errors

    static func lines(_ error: PluginError) -> [String] { [line(["error", error.code.rawValue, error.message])] }

    static func error(_ lines: [String]) -> PluginError? {
        guard let words = lines.first.map(words), words.count == 3, words[0] == "error",
            let code = PluginError.Code(rawValue: words[1])
        else { return nil }
        return PluginError(code, words[2])
    }
}
