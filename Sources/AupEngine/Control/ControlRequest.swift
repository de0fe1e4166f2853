import AupSound

/// What a client of the control socket asks for.
enum ControlCommand: Equatable, Sendable {
    /// Everything that can be set and read.
    case list
    /// Values; all where no word is given.
    case get([String])
    case set([Setting], ramp: TimeSpan?)
    /// One plugin or, with `nil`, all of them; `nil` turns round what is.
    case bypass(String?, Bool?)
    /// Readings, or all of them, every so often.
    case subscribe([String], nanoseconds: Int64)
    case unsubscribe
    case reload
    case help
    case quit

    struct Setting: Equatable, Sendable {
        var parameter: String
        var value: String
    }
}

/// One line of a client, understood.
struct ControlRequest: Equatable, Sendable {
    /// How the answer is to look.
    enum Manner: Equatable, Sendable {
        case text
        /// With the member `id` as it was given, already written as JSON.
        case json(id: String?)
    }

    struct Mistake: Error, Equatable, Sendable {
        let manner: Manner
        let message: String
    }

    /// Bytes of a line, without its end.
    static let lineBytes = 4096
    /// How often readings are sent where nothing is said, and at most.
    static let usualInterval: Int64 = 100_000_000
    static let shortestInterval: Int64 = 10_000_000

    var manner: Manner
    var command: ControlCommand

    /// The words of every command, for help and for mistakes.
    static let usage = [
        "list", "get [PLUGIN.KEY ...]", "set PLUGIN.KEY VALUE [TIME]", "PLUGIN.KEY=VALUE ... [ramp=TIME]",
        "bypass [PLUGIN] [on|off]", "subscribe [PLUGIN.KEY ...] [every=TIME]", "unsubscribe", "reload", "help", "quit",
    ]

    /// - Returns: `nil` for a line with nothing in it.
    init?(_ line: some Collection<UInt8>) throws(Mistake) {
        guard let text = String(validating: line, as: UTF8.self) else {
            throw Mistake(manner: .text, message: "the line is not UTF-8")
        }
        let first = text.unicodeScalars.first { $0 != " " && $0 != "\t" && $0 != "\r" }
        guard let first, first != "#" else { return nil }
        if first == "{" {
            try self.init(json: text)
        } else {
            try self.init(text: text)
        }
    }

    // MARK: - Text

    private init(text: String) throws(Mistake) {
        guard !text.unicodeScalars.contains(where: { ($0.value < 32 && $0 != "\t" && $0 != "\r") || $0.value == 127 })
        else { throw Mistake(manner: .text, message: "the line has control characters in it") }
        let words = text.split { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\r\n" }.map(String.init)
        manner = .text
        do throws(Complaint) {
            command = try Self.command(words)
        } catch {
            throw Mistake(manner: .text, message: error.message)
        }
    }

    private struct Complaint: Error {
        let message: String
    }

    private static func command(_ words: [String]) throws(Complaint) -> ControlCommand {
        let rest = Array(words.dropFirst())
        switch words[0] {
        case "list" where rest.isEmpty: return .list
        case "get": return .get(rest)
        case "set": return try setting(rest)
        case "bypass": return try bypass(rest)
        case "subscribe": return try subscription(rest)
        case "unsubscribe" where rest.isEmpty: return .unsubscribe
        case "reload" where rest.isEmpty: return .reload
        case "help": return .help
        case "quit" where rest.isEmpty: return .quit
        default:
            if words[0].contains("=") { return try setting(words) }
            let known = usage.contains { $0 == words[0] || $0.hasPrefix(words[0] + " ") }
            throw Complaint(
                message: known ? "'\(words[0])' stands alone" : "no command '\(words[0].prefix(40))'; help lists them")
        }
    }

    private static func setting(_ words: [String]) throws(Complaint) -> ControlCommand {
        guard let first = words.first else { throw Complaint(message: "set what? set PLUGIN.KEY VALUE [TIME]") }
        if !first.contains("=") {
            guard (2...3).contains(words.count) else { throw Complaint(message: "it is: set PLUGIN.KEY VALUE [TIME]") }
            let setting = ControlCommand.Setting(parameter: first, value: words[1])
            return .set([setting], ramp: words.count == 3 ? try time(words[2]) : nil)
        }
        var settings: [ControlCommand.Setting] = []
        var ramp: TimeSpan?
        for word in words {
            guard let equals = word.firstIndex(of: "=") else {
                throw Complaint(message: "'\(word.prefix(40))' is not PLUGIN.KEY=VALUE")
            }
            let (key, value) = (String(word[..<equals]), String(word[word.index(after: equals)...]))
            if key == "ramp", word == words[words.count - 1], words.count > 1 {
                ramp = try time(value)
            } else {
                settings.append(ControlCommand.Setting(parameter: key, value: value))
            }
        }
        return .set(settings, ramp: ramp)
    }

    private static func time(_ word: String) throws(Complaint) -> TimeSpan {
        guard let span = TimeSpan(word) else {
            throw Complaint(message: "'\(word.prefix(40))' is no length of time; write 200ms")
        }
        return span
    }

    private static func bypass(_ words: [String]) throws(Complaint) -> ControlCommand {
        let states = ["on": true, "off": false]
        guard words.count <= 2 else { throw Complaint(message: "it is: bypass [PLUGIN] [on|off]") }
        guard let last = words.last else { return .bypass(nil, nil) }
        if let state = states[last] { return .bypass(words.count == 2 ? words[0] : nil, state) }
        guard words.count == 1 else { throw Complaint(message: "'\(last.prefix(40))' is neither on nor off") }
        return .bypass(last, nil)
    }

    private static func subscription(_ words: [String]) throws(Complaint) -> ControlCommand {
        var keys = words
        var interval = usualInterval
        if let last = words.last, last.hasPrefix("every=") {
            interval = try nanoseconds(try time(String(last.dropFirst("every=".count))))
            keys.removeLast()
        }
        return .subscribe(keys, nanoseconds: interval)
    }

    private static func nanoseconds(_ span: TimeSpan) throws(Complaint) -> Int64 {
        guard case .nanoseconds(let nanoseconds) = span, nanoseconds >= shortestInterval else {
            throw Complaint(message: "readings come every 10ms at most")
        }
        return nanoseconds
    }

    // MARK: - JSON

    /// `{"command": "set", "parameter": "gain.gain", "value": -6, "ramp": "200ms", "id": 1}`.
    private init(json text: String) throws(Mistake) {
        let members: JSONMembers
        do throws(JSONMembers.Mistake) {
            members = try JSONMembers(text.utf8)
        } catch {
            throw Mistake(manner: .json(id: nil), message: "byte \(error.offset + 1): \(error.message)")
        }
        let id: String? =
            switch members["id"] {
            case .text(let text): JSONText.quoted(text)
            case .number(let number): Self.number(number)
            default: nil
            }
        manner = .json(id: id)
        do throws(Complaint) {
            command = try Self.command(members)
        } catch {
            throw Mistake(manner: .json(id: id), message: error.message)
        }
    }

    /// A number as a user would have typed it.
    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    private static func command(_ members: JSONMembers) throws(Complaint) -> ControlCommand {
        func word(_ key: String) throws(Complaint) -> String? {
            switch members[key] {
            case nil, .null?: return nil
            case .text(let text)?: return text
            case .number(let value)?: return number(value)
            case .flag(let flag)?: return flag ? "on" : "off"
            }
        }
        func span(_ key: String) throws(Complaint) -> TimeSpan? {
            guard let text = try word(key) else { return nil }
            return try time(text)
        }
        let parameter = try word("parameter")
        switch try word("command") {
        case "list": return .list
        case "get": return .get(parameter.map { [$0] } ?? [])
        case "set":
            guard let parameter, let value = try word("value") else {
                throw Complaint(message: "set has the members parameter and value")
            }
            return .set([ControlCommand.Setting(parameter: parameter, value: value)], ramp: try span("ramp"))
        case "bypass":
            let state = try word("value")
            guard state == nil || state == "on" || state == "off" else {
                throw Complaint(message: "value is true or false")
            }
            return .bypass(try word("plugin"), state.map { $0 == "on" })
        case "subscribe":
            let interval = try span("every")
            return .subscribe(
                parameter.map { [$0] } ?? [], nanoseconds: try interval.map(nanoseconds) ?? usualInterval)
        case "unsubscribe": return .unsubscribe
        case "reload": return .reload
        case "help": return .help
        case "quit": return .quit
        case let other?: throw Complaint(message: "no command '\(other.prefix(40))'")
        case nil: throw Complaint(message: "the member command is missing")
        }
    }
}
