/// A default that somebody gave: an option, its value, and where that was said.
public struct Setting: Equatable, Sendable {
    /// For whom; `nil` for every command that has such an option.
    public let command: String?
    /// An option's long name, without dashes.
    public let key: String
    public let value: SettingValue
    public let origin: SettingOrigin

    public init(command: String?, key: String, value: SettingValue, origin: SettingOrigin) {
        self.command = command
        self.key = key
        self.value = value
        self.origin = origin
    }

    /// What it is on a command line; empty for a flag that is off, or a list without elements.
    ///
    /// - Parameter bare: the values of options that may stand without one: `realtime = true`.
    func words(
        _ option: OptionTable.Option, of command: OptionTable.Command, bare: [String: String]
    ) throws(ConfigurationMistake) -> [String] {
        guard !option.isAction else { throw mistake("is something to do, and no default") }
        switch (option.kind, value) {
        case (.flag, .flag(let isOn)):
            if isOn { return ["--\(key)"] }
            // Some flags have an opposite, and may be on by themselves.
            return command.option("no-\(key)")?.kind == .flag ? ["--no-\(key)"] : []
        case (.flag, _):
            throw mistake("is on or off; write true or false, not \(value.written)")
        case (.values, .list(let elements)):
            var words: [String] = []
            for element in elements { words += try given(element) }
            return words
        case (.value, .flag(let isOn)):
            if isOn, let usual = bare[key] { return ["--\(key)=\(usual)"] }
            if !isOn, command.option("no-\(key)")?.kind == .flag { return ["--no-\(key)"] }
            // There it is a text like any other: AUP_CAPTURE_ON_FILE=true is a program.
            if case .environment = origin { return ["--\(key)=\(value.written)"] }
            throw mistake("takes a value, not \(value.written)")
        case (.value, .list):
            throw mistake("takes one value, not a list")
        case (.values, _), (.value, _):
            return try given(value)
        }
    }

    /// The option with a value that is no flag.
    private func given(_ value: SettingValue) throws(ConfigurationMistake) -> [String] {
        guard let word = value.word, value.kind != "true or false" else {
            throw mistake("takes texts and numbers, not \(value.written)")
        }
        guard !word.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw mistake("has a control character in its value")
        }
        // Behind a = the parser sees no empty value.
        return word.isEmpty ? ["--\(key)", ""] : ["--\(key)=\(word)"]
    }

    func mistake(_ message: String) -> ConfigurationMistake { ConfigurationMistake(origin, "'\(key)' \(message)") }
}
