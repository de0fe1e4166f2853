import AupEngine
import AupSound

/// `aup process --connect`: words of the command line to a running chain, its answers to standard output.
enum ControlReport {
    static let commands = ["list", "get", "set", "bypass", "subscribe", "unsubscribe", "reload", "help"]

    /// Ends the process: 0, or 1 when something was refused.
    static func talk(_ path: String, _ words: [String], get keys: [String], _ options: ReportOptions) -> Never {
        var lines: [String]? = []
        if !words.isEmpty { lines?.append(line(words, json: options.json)) }
        if !keys.isEmpty { lines?.append(line(["get"] + keys, json: options.json)) }
        if words.isEmpty, keys.isEmpty { lines = nil }
        var hasFailed = false
        do throws(ControlClient.Failure) {
            try ControlClient(path).talk(lines) { answer in
                let text = Printer.printable(answer)
                if answer.hasPrefix("error ") || answer.contains("\"ok\":false") {
                    hasFailed = true
                    let reason = text.hasPrefix("error ") ? String(text.dropFirst("error ".count)) : text
                    Printer.line("aup process: \(reason)", to: .standardError)
                } else if answer != "ok" || lines == nil {
                    // Tabs divide the columns of a list.
                    Printer.line(
                        answer.split(separator: "\t").map { Printer.printable(String($0)) }.joined(separator: "\t"),
                        to: .standardOutput)
                }
            }
        } catch {
            Printer.line("aup process: \(error.message)", to: .standardError)
            ExitCodes.end(ExitCodes.failed)
        }
        ExitCodes.end(hasFailed ? ExitCodes.failed : 0)
    }

    /// What is sent for words: a command with its own, or settings.
    private static func line(_ words: [String], json: Bool) -> String {
        guard json, commands.contains(words[0]), words.count <= 2, words[0] != "set" else {
            return words.joined(separator: " ")
        }
        var object = JSONText()
        object.add("command", words[0])
        if words.count == 2 { object.add(words[0] == "bypass" ? "plugin" : "parameter", words[1]) }
        return object.line
    }
}
