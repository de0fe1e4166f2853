/// One plugin of a chain as it was asked for: where to find it and what to set.
public struct PluginSpec: Sendable, Equatable {
    public struct Setting: Sendable, Equatable {
        public var key: String
        public var value: String

        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }
    /// A path, a name on the search path, either with `:ID` for one plugin of a module.
    public var reference: String
    public var settings: [Setting]

    public init(_ reference: String, _ settings: [Setting] = []) {
        self.reference = reference
        self.settings = settings
    }
}

/// Reads the words of a command line as a chain: `gain.so gain=-6 invert`.
///
/// A word is a setting when it begins with a key and `=`; it belongs to the plugin before it. Every other word is a
/// plugin, so a path may contain `=` after a slash.
public enum ChainArguments {
    /// - Throws: ``PluginError/Code/usage``.
    public static func parse(_ words: [String], limit: Int) throws(PluginError) -> [PluginSpec] {
        var specs: [PluginSpec] = []
        for word in words {
            guard let setting = setting(word) else {
                if word.isEmpty { throw PluginError(.usage, "an empty word where a plugin was expected") }
                specs.append(PluginSpec(word))
                continue
            }
            guard !specs.isEmpty else {
                throw PluginError(
                    .usage,
                    "'\(shown(word))' comes before any plugin; write it after the plugin it belongs to: gain.so gain=-6"
                )
            }
            let last = specs.count - 1
            if specs[last].settings.contains(where: { $0.key == setting.key }) {
                throw PluginError(
                    .usage, "plugin '\(shown(specs[last].reference))': \(shown(setting.key)) is given twice")
            }
            specs[last].settings.append(setting)
        }
        guard specs.count <= limit else {
            throw PluginError(.usage, "a chain of \(specs.count) plugins; at most \(limit) fit")
        }
        return specs
    }

    /// `nil` for a word that names a plugin.
    private static func setting(_ word: String) -> PluginSpec.Setting? {
        guard let equals = word.firstIndex(of: "=") else { return nil }
        let key = word[..<equals]
        guard !key.contains("/") else { return nil }
        return PluginSpec.Setting(key: String(key), value: String(word[word.index(after: equals)...]))
    }
}
