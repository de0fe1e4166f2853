/// Which defaults stand for a command line, and which give way: its own options count more than the environment, that
/// more than the user's file, that more than the machine's.
///
/// - Thread: any.
public struct DefaultsPlan: Sendable {
    public struct Default: Equatable, Sendable {
        public let setting: Setting
        /// What it is on the command line.
        public let words: [String]
    }

    /// Those that stand, the one that counts most first.
    public private(set) var defaults: [Default] = []
    /// Those that something else counts more than.
    public private(set) var overruled: [Setting] = []
    /// The command line's own words, as the parser takes them.
    public let words: [String]
    /// What the command line gives, opposites as one.
    public let given: Set<String>

    /// - Parameters:
    ///   - words: behind the command's name.
    ///   - bare: the values of options that may stand without one.
    public init(
        _ configuration: Configuration, for command: OptionTable.Command, words: [String], bare: [String: String]
    ) throws(ConfigurationMistake) {
        let reader = WordReader(words, of: command)
        self.words = reader.wordsForParser
        given = reader.families
        var taken = given
        for setting in configuration.settings where setting.command == nil || setting.command == command.name {
            guard let option = command.option(setting.key) else { continue }
            let words: [String]
            do throws(ConfigurationMistake) {
                words = try setting.words(option, of: command, bare: bare)
            } catch {
                // What is said to all commands is for those where the option is of that kind.
                if setting.command == nil { continue }
                throw error
            }
            guard taken.insert(command.family(setting.key)).inserted else {
                overruled.append(setting)
                continue
            }
            defaults.append(Default(setting: setting, words: words))
        }
    }
}
