/// What the words of a command line are, by the table of its options: which options they give, which words are values of
/// which option, and which belong to none.
///
/// - Thread: any.
public struct WordReader: Sendable {
    public enum Role: Equatable, Sendable {
        /// An option with its value, or a flag: `--rate=48000`, `-qv`, `--json`.
        case options([String])
        /// The value of the option before it.
        case value(of: String)
        /// A word of its own.
        case word
        /// `--`, or an option that there is not.
        case other
    }

    public let words: [String]
    /// One for each word.
    public private(set) var roles: [Role] = []
    private let command: OptionTable.Command

    /// - Parameter words: behind the command's name.
    public init(_ words: [String], of command: OptionTable.Command) {
        self.words = words
        self.command = command
        var at = 0
        while at < words.count {
            let word = words[at]
            at += 1
            if word == "--" {
                roles.append(.other)
                roles += words[at...].map { _ in .word }
                return
            }
            let (role, wanting) = Self.role(word, command)
            roles.append(role)
            if let wanting, at < words.count {
                roles.append(.value(of: wanting))
                at += 1
            }
        }
    }

    /// - Returns: also the option whose value must come next.
    private static func role(_ word: String, _ command: OptionTable.Command) -> (role: Role, wanting: String?) {
        guard word.hasPrefix("-"), word.count > 1 else { return (.word, nil) }
        let name = word.drop { $0 == "-" }.prefix { $0 != "=" }
        let hasValue = word.contains("=")
        if word.hasPrefix("--") {
            guard let option = command.option(name) else { return (.other, nil) }
            return (.options([option.name]), option.kind != .flag && !hasValue ? option.name : nil)
        }
        // Short ones may stand together; only the last of them can have a value.
        let options = name.map { command.option($0) }
        guard !options.isEmpty, options.allSatisfy({ $0 != nil }), let last = options.last ?? nil else {
            return (.other, nil)
        }
        return (
            .options(options.compactMap { $0?.name }), last.kind != .flag && !hasValue ? last.name : nil
        )
    }

    /// The options that are given, opposites as one (`no-realtime` is `realtime`).
    public var families: Set<String> {
        var families: Set<String> = []
        for (index, role) in roles.enumerated() {
            switch role {
            case .options(let names): families.formUnion(names.map(command.family))
            case .other: if let flag = switchedOff(index) { families.insert(command.family(flag)) }
            case .value, .word: break
            }
        }
        return families
    }

    /// What is given for an option, the last time it is; `nil` where it is a flag.
    public func value(of name: String) -> String? {
        var value: String?
        for (index, role) in roles.enumerated() {
            if role == .value(of: name) { value = words[index] }
            if case .options(let names) = role, names.last == name, let equals = words[index].firstIndex(of: "=") {
                value = String(words[index][words[index].index(after: equals)...])
            }
        }
        return value
    }

    /// Whether an option itself is given, and not its opposite.
    public func gives(_ name: String) -> Bool {
        roles.contains { if case .options(let names) = $0 { names.contains(name) } else { false } }
    }

    /// The words without those that switch a flag off which nobody has switched on.
    public var wordsForParser: [String] {
        words.indices.filter { roles[$0] != .other || switchedOff($0) == nil }.map { words[$0] }
    }

    private func switchedOff(_ index: Int) -> String? {
        guard roles[index] == .other, words[index].hasPrefix("--"), words[index].count > 2 else { return nil }
        return command.switchedOff(by: String(words[index].dropFirst(2)))
    }

    /// The words with some replaced, each by any number.
    ///
    /// - Parameter change: gets a value and the option it belongs to, `nil` for words of their own; `nil` leaves it.
    public func replacing<Failure: Error>(
        _ change: (_ value: String, _ option: String?) throws(Failure) -> [String]?
    ) throws(Failure) -> [String] {
        var result: [String] = []
        for (word, role) in zip(words, roles) {
            switch role {
            case .word: result += try change(word, nil) ?? [word]
            case .value(let option): result += try change(word, option) ?? [word]
            case .options(let names):
                guard let equals = word.firstIndex(of: "="), let name = names.last else {
                    result.append(word)
                    continue
                }
                let value = String(word[word.index(after: equals)...])
                let replaced = try change(value, name)?.joined(separator: " ")
                result.append(replaced.map { word[...equals] + $0 } ?? word)
            case .other: result.append(word)
            }
        }
        return result
    }
}
