import ArgumentParser
import AupConfiguration
import AupEngine
import AupSound

/// Names of a configuration in the words of a command line: `-D @mic`, `-i alsa:@mic`, `process @voice`.
enum ConfiguredNames {
    /// Options whose values are devices.
    private static let deviceOptions: Set = ["device", "to", "probe", "test"]
    /// Options whose values are endpoints, where `@mic` is the device and a file of that name is `./@mic`.
    static let endpointOptions: Set = ["input", "output"]

    /// Whether there may be one in these words.
    static func areLikely(in words: [String]) -> Bool {
        words.contains { word in
            // The options' values may be joined to them: -D=@mic, -i=alsa:@mic.
            word.hasPrefix("@") || word.contains("=@") || word.contains("alsa:@")
        }
    }

    /// The words with what the names stand for.
    static func replaced(
        in words: [String], of command: OptionTable.Command, _ configuration: Configuration
    ) throws(ValidationError) -> [String] {
        try WordReader(words, of: command).replacing { (word, option) throws(ValidationError) -> [String]? in
            guard let option else {
                guard command.name == "process", let name = Self.name(in: word) else { return nil }
                return try chain(name, configuration)
            }
            if deviceOptions.contains(option), let name = Self.name(in: word) {
                return [try device(name, configuration)]
            }
            guard endpointOptions.contains(option) else { return nil }
            let plain = word.hasPrefix("alsa:") ? String(word.dropFirst(5)) : word
            return try Self.name(in: plain).map { (name) throws(ValidationError) in
                let device = try device(name, configuration)
                return [device.hasPrefix("sim:") ? device : "alsa:" + device]
            }
        }
    }

    private static func name(in word: String) -> String? { word.hasPrefix("@") ? String(word.dropFirst()) : nil }

    private static func device(_ name: String, _ configuration: Configuration) throws(ValidationError) -> String {
        guard case .text(let device)? = configuration.devices[name]?.value else {
            throw unknown(name, "device", configuration.devices.keys, configuration)
        }
        return device
    }

    private static func chain(_ name: String, _ configuration: Configuration) throws(ValidationError) -> [String] {
        guard let named = configuration.chains[name] else {
            throw unknown(name, "chain", configuration.chains.keys, configuration)
        }
        do throws(ConfigurationMistake) {
            return try words(of: named, name)
        } catch {
            throw ValidationError(error.line)
        }
    }

    /// A chain's words, as a shell would cut them.
    static func words(of named: Configuration.Named, _ name: String) throws(ConfigurationMistake) -> [String] {
        switch named.value {
        case .list(let words): return words.compactMap(\.word)
        case .text(let text):
            guard let words = ChainText.words(text) else {
                throw ConfigurationMistake(
                    named.origin, "'\(name)': a quotation mark is left open, or there is no word")
            }
            return words
        case .integer, .number, .flag: return []
        }
    }

    // MARK: - What there is to choose from

    /// Names of devices and what they stand for, in their order; none where the configuration is wrong, which is not what is
    /// asked.
    static func devices() -> [(name: String, device: String)] {
        guard let named = try? Arrangement.files()?.devices else { return [] }
        return named.sorted { $0.key < $1.key }.compactMap { name, named in
            guard case .text(let device) = named.value else { return nil }
            return (name, device)
        }
    }

    /// The same of chains and their words.
    static func chains() -> [(name: String, words: [String])] {
        guard let named = try? Arrangement.files()?.chains else { return [] }
        return named.sorted { $0.key < $1.key }.compactMap { name, named in
            (try? words(of: named, name)).map { (name, $0) }
        }
    }

    private static func unknown(
        _ name: String, _ kind: String, _ names: some Sequence<String>, _ configuration: Configuration
    ) -> ValidationError {
        let files = configuration.paths.joined(separator: ", ")
        let place = files.isEmpty ? "there is no configuration" : "[\(kind)s] in \(files) does not have it"
        return ValidationError(
            "@\(name): there is no \(kind) of that name; \(place)" + NearWord.question(name, among: names))
    }
}
