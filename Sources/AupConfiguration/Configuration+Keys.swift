import AupSound

extension Configuration {
    /// Whether every command and every key is known and takes such a value.
    ///
    /// - Parameter bare: the values of options that may stand without one.
    public func check(_ table: OptionTable, bare: [String: String] = [:]) throws(ConfigurationMistake) {
        for setting in settings {
            var mistake: ConfigurationMistake?
            var isTaken = false
            for command in table.commands where setting.command == nil || setting.command == command.name {
                guard let option = command.option(setting.key) else { continue }
                do throws(ConfigurationMistake) {
                    _ = try setting.words(option, of: command, bare: bare)
                    isTaken = true
                } catch {
                    mistake = error
                }
            }
            if isTaken { continue }
            if let mistake { throw mistake }
            guard let name = setting.command else {
                throw ConfigurationMistake(
                    setting.origin,
                    "no command has an option '\(setting.key)'"
                        + NearWord.question(setting.key, among: table.commands.flatMap(\.options).map(\.name)))
            }
            guard let command = table[name] else {
                throw ConfigurationMistake(
                    setting.origin,
                    "there is no command '\(name)'" + NearWord.question(name, among: table.commands.map(\.name)))
            }
            throw ConfigurationMistake(
                setting.origin,
                "aup \(name) has no option '\(setting.key)'"
                    + NearWord.question(setting.key, among: command.options.map(\.name)))
        }
    }

    /// Adds what the environment says for a command: AUP_CAPTURE_LATENCY, and AUP_DEFAULT_LATENCY for every command.
    ///
    /// An empty variable says nothing. A repeated option's values stand one a line. Environment counts more than files.
    ///
    /// - Parameter variables: names and values.
    public mutating func add(
        environment variables: [(name: String, value: String)], for command: OptionTable.Command, _ table: OptionTable
    ) throws(ConfigurationMistake) {
        var own: [Setting] = []
        var common: [Setting] = []
        for (name, value) in variables where !value.isEmpty {
            let origin = SettingOrigin.environment(name: name)
            for prefix in [Self.prefix(of: command.name), Self.commonPrefix] where name.hasPrefix(prefix) {
                let key = String(name.dropFirst(prefix.count).lowercased().map { $0 == "_" ? "-" : $0 })
                let isCommon = prefix == Self.commonPrefix
                let known = isCommon ? table.commands.flatMap(\.options) : command.options
                guard let option = known.first(where: { $0.name == key }) else {
                    throw ConfigurationMistake(
                        origin,
                        (isCommon ? "no command has an" : "aup \(command.name) has no") + " option '\(key)'"
                            + NearWord.question(key, among: known.map(\.name)))
                }
                let setting = Setting(
                    command: isCommon ? nil : command.name, key: key, value: Self.value(value, option), origin: origin)
                if isCommon { common.append(setting) } else { own.append(setting) }
            }
        }
        settings = own.sorted { $0.key < $1.key } + common.sorted { $0.key < $1.key } + settings
    }

    public static let commonPrefix = "AUP_DEFAULT_"
    public static func prefix(of command: String) -> String { "AUP_\(command.uppercased())_" }

    private static func value(_ text: String, _ option: OptionTable.Option) -> SettingValue {
        if option.kind == .values {
            return .list(text.split(separator: "\n").map { .text(String($0)) })
        }
        switch text.lowercased() {
        case "true": return .flag(true)
        case "false": return .flag(false)
        case "1", "yes", "on": return option.kind == .flag ? .flag(true) : .text(text)
        case "0", "no", "off": return option.kind == .flag ? .flag(false) : .text(text)
        default: return .text(text)
        }
    }
}
