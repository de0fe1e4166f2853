import ArgumentParser
import AupConfiguration
import AupEngine
import Glibc

/// A command line with what users and machines have arranged for it beforehand: defaults and names.
///
/// Defaults are put before the words and parsed with them. One that does not fit the words is left out: `device` beside
/// `-i FILE`, or what belongs to an option that is not given. One whose value is wrong is a mistake of its place.
struct Arrangement {
    let plan: DefaultsPlan
    let configuration: Configuration
    let command: OptionTable.Command

    typealias Default = DefaultsPlan.Default

    /// A default that stands aside, and why.
    struct LeftOut {
        let setting: Setting
        let reason: String
    }

    /// What was arranged for these words; `nil` where nothing was, which costs no more than looking for the files.
    static func of(_ words: [String]) throws(ConfigurationMistake) -> Arrangement? {
        guard let name = words.first,
            Aup.configuration.subcommands.contains(where: { $0.configuration.commandName == name }),
            // Its script is read by shells that begin, and has nothing to be arranged.
            name != Completions.configuration.commandName, !Process.isInner(words), !asksForHelp(words)
        else { return nil }
        let configuration = try files()
        let variables = Self.variables(of: name)
        guard configuration != nil || !variables.isEmpty || ConfiguredNames.areLikely(in: words) else { return nil }
        return try Arrangement(configuration, variables, name, Array(words.dropFirst()))
    }

    /// - Parameter words: behind the command's name.
    init(
        _ files: Configuration?, _ variables: [(name: String, value: String)], _ name: String, _ words: [String]
    ) throws(ConfigurationMistake) {
        let table = OptionTable(lines: optionLines)
        var configuration = files ?? Configuration()
        try configuration.check(table, bare: ArgumentWords.bareValues)
        command = table[name] ?? OptionTable.Command(name, [])
        try configuration.add(environment: variables, for: command, table)
        self.configuration = configuration
        plan = try DefaultsPlan(configuration, for: command, words: words, bare: ArgumentWords.bareValues)
    }

    /// The files that there are; `nil` where there is none.
    static func files() throws(ConfigurationMistake) -> Configuration? {
        try Configuration.reading(
            ConfigurationFile.paths(variable), mustExist: variable(ConfigurationFile.variable) != nil)
    }

    static func variable(_ name: String) -> String? { unsafe getenv(name).map { unsafe String(cString: $0) } }

    /// What the environment says for a command.
    static func variables(of command: String) -> [(name: String, value: String)] {
        let prefixes = [Configuration.prefix(of: command), Configuration.commonPrefix]
        var found: [(name: String, value: String)] = []
        var at = unsafe Glibc.environ
        while let entry = unsafe at.pointee {
            unsafe at += 1
            // Nearly all of them are somebody else's, and are left without a copy.
            guard unsafe strncmp(entry, "AUP_", 4) == 0 else { continue }
            let text = unsafe String(cString: entry)
            guard let equals = text.firstIndex(of: "="), prefixes.contains(where: text.hasPrefix) else { continue }
            found.append((String(text[..<equals]), String(text[text.index(after: equals)...])))
        }
        return found
    }

    private static func asksForHelp(_ words: [String]) -> Bool {
        words.prefix { $0 != "--" }.contains { ["-h", "--help", "--version", "--help-hidden"].contains($0) }
    }

    // MARK: - Parsing

    /// The words with some defaults before them, and what names stand for.
    func words(_ defaults: [Default]) throws -> [String] {
        var words: [String] = []
        for one in defaults {
            do throws(ValidationError) {
                let replaced = try ConfiguredNames.replaced(in: one.words, of: command, configuration)
                try Self.checkEndpoints(replaced, of: one.setting.key)
                words += replaced
            } catch {
                throw ConfigurationMistake(one.setting.origin, error.message)
            }
        }
        return [command.name] + words + (try ConfiguredNames.replaced(in: plan.words, of: command, configuration))
    }

    /// The parser takes any word for an endpoint; a command that cannot go there would leave the default out.
    private static func checkEndpoints(_ words: [String], of key: String) throws(ValidationError) {
        guard ConfiguredNames.endpointOptions.contains(key) else { return }
        for word in words where word.hasPrefix("--\(key)=") {
            let endpoint = try EndpointArgument(argument: String(word.dropFirst(key.utf8.count + 3)))?.endpoint()
            if let complaint = endpoint?.complaint { throw ValidationError(complaint) }
        }
    }

    /// The command with every default that fits.
    ///
    /// - Throws: the parser's error for what the user wrote, or ``ConfigurationMistake``.
    func parsed() throws -> (command: any ParsableCommand, standing: [Default], leftOut: [LeftOut]) {
        let all = try words(plan.defaults)
        if let command = try? Aup.parsed(all) { return (command, plan.defaults, []) }
        var standing: [Default] = []
        var left = plan.defaults
        var command: (any ParsableCommand)?
        // Some fit only once another one stands.
        var isDone = false
        while !isDone {
            isDone = true
            for one in left {
                guard let next = try? Aup.parsed(words(standing + [one])) else { continue }
                (command, isDone) = (next, false)
                standing.append(one)
                left.removeAll { $0 == one }
            }
        }
        // What the user wrote is wrong by itself, whatever was arranged.
        let fitting = try command ?? Aup.parsed(words([]))
        let leftOut = try left.map { one in
            do {
                _ = try Aup.parsed(words(standing + [one]))
                return LeftOut(setting: one.setting, reason: "")
            } catch {
                return LeftOut(setting: one.setting, reason: try reason(error, one))
            }
        }
        return (fitting, standing, leftOut)
    }

    /// Why a default does not fit, in a line.
    ///
    /// - Throws: ``ConfigurationMistake`` where its value is wrong whatever stands beside it.
    private func reason(_ error: any Error, _ one: Default) throws -> String {
        if let mistake = error as? ConfigurationMistake { throw mistake }
        let message = String(Aup.message(for: error).prefix { $0 != "\n" })
        let (key, value) = (one.setting.key, one.setting.value.word ?? "")
        // Without anything beside it, the parser's words and the commands' own (--jobs 0: between …) are about the value.
        let isAboutValue =
            message.hasPrefix("The value '") && message.contains("for '--\(key)")
            || ["=", ":", " \(value):", " '"].contains { message.hasPrefix("--\(key)\($0)") }
        // Of a flag only what stands beside it can be wrong.
        if isAboutValue, command.option(key)?.kind != .flag { throw ConfigurationMistake(one.setting.origin, message) }
        return message
    }
}
