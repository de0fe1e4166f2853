/// The options of every command, as its definition has them: what a configuration may say.
///
/// - Thread: any.
public struct OptionTable: Sendable {
    public struct Option: Equatable, Sendable {
        public enum Kind: String, Sendable {
            /// Is there or is not.
            case flag
            /// Takes one value.
            case value
            /// Takes one value each time it is given.
            case values
        }

        /// Without the dashes.
        public let name: String
        public let short: Character?
        public let kind: Kind
        /// Whether it makes the command do something else, which nobody means for every time.
        public let isAction: Bool
        /// What it is when nobody says it, where the definition tells that.
        public let builtIn: String?

        public init(
            _ name: String, _ short: Character?, _ kind: Kind, isAction: Bool = false, builtIn: String? = nil
        ) {
            self.name = name
            self.short = short
            self.kind = kind
            self.isAction = isAction
            self.builtIn = builtIn
        }
    }

    public struct Command: Equatable, Sendable {
        public let name: String
        public internal(set) var options: [Option]

        public func option(_ name: some StringProtocol) -> Option? { options.first { $0.name == name } }
        func option(_ short: Character) -> Option? { options.first { $0.short == short } }

        /// What two opposite options are about: `realtime` and `no-realtime` are one.
        func family(_ name: String) -> String {
            guard name.hasPrefix("no-"), option(name.dropFirst(3)) != nil else { return name }
            return String(name.dropFirst(3))
        }

        /// The flag that a word switches off though there is no option for that: `--no-json`, and `--controls` where there
        /// is only `--no-controls`.
        func switchedOff(by name: String) -> String? {
            guard option(name) == nil else { return nil }
            let opposite = name.hasPrefix("no-") ? String(name.dropFirst(3)) : "no-" + name
            return option(opposite)?.kind == .flag ? opposite : nil
        }
    }

    public private(set) var commands: [Command] = []

    public init(_ commands: [Command]) { self.commands = commands }

    public subscript(name: String) -> Command? { commands.first { $0.name == name } }

    /// Reads lines of command, option, short name or `-`, kind, `default` or `action`, and the built-in value if there is one.
    public init(lines: String) {
        for line in lines.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 5)
            guard words.count >= 5, let kind = Option.Kind(rawValue: String(words[3])) else { continue }
            let option = Option(
                String(words[1]), words[2] == "-" ? nil : words[2].first, kind,
                isAction: words[4] == "action", builtIn: words.count > 5 ? String(words[5]) : nil)
            if commands.last.map({ $0.name == words[0] }) != true {
                commands.append(Command(name: String(words[0]), options: []))
            }
            commands[commands.count - 1].options.append(option)
        }
    }
}

extension OptionTable.Command {
    public init(_ name: String, _ options: [OptionTable.Option]) {
        self.name = name
        self.options = options
    }
}
