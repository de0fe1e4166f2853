import AupEngine
import Glibc

/// What a shell offers for a word of a chain: plugins, the keys of the plugin before it with their ranges, values of a key; with
/// `--connect`, what the running process can be told.
enum ChainCompletion {
    private static let interfaces = [
        (prefix: "ladspa:", note: "LADSPA plugins"), (prefix: "lv2:", note: "LV2 plugins"),
        (prefix: "clap:", note: "CLAP plugins"),
    ]

    static func words(_ question: LiveCompletion.Question) -> [Offer] {
        if let path = path(in: question.before) { return commands + running(path) }
        if question.typed.hasPrefix("@") { return chains }
        return parameters(question) + (question.typed.contains("=") ? [] : chains + plugins(question.typed))
    }

    /// What the configuration calls them.
    private static var chains: [Offer] {
        ConfiguredNames.chains().map { Offer(value: "@\($0.name)", note: $0.words.joined(separator: " ")) }
    }

    static func plugins(_ typed: String) -> [Offer] {
        PluginCatalog.scanInProcesses(Process.scanWords)
        // Looking at all of them takes its time where they have never been looked at.
        guard let interface = interfaces.first(where: { typed.hasPrefix($0.prefix) }) else {
            let isPath = typed.contains("/") || typed.hasPrefix(".") || typed.hasPrefix("~")
            return PluginCatalog.names(of: "native").map { Offer(value: $0.reference, note: $0.name) }
                + interfaces.map { Offer(value: $0.prefix, note: $0.note) } + (isPath ? [.files] : [])
        }
        // LV2 plugins are named by their URIs, also without what stands before them here.
        return PluginCatalog.names(of: String(interface.prefix.dropLast())).map { plugin in
            let hasPrefix = plugin.reference.hasPrefix(interface.prefix)
            return Offer(value: (hasPrefix ? "" : interface.prefix) + plugin.reference, note: plugin.name)
        }
    }

    // MARK: - Parameters

    /// `key=` for each parameter of the last plugin, `key=VALUE` once a key is chosen, and the host's words for its channels.
    private static func parameters(_ question: LiveCompletion.Question) -> [Offer] {
        guard let name = lastPlugin(question), let plugin = try? PluginCatalog.find(name) else { return [] }
        let settable = plugin.parameters.filter { !$0.isOutput }
        if let sign = question.typed.firstIndex(of: "=") {
            let key = question.typed[..<sign]
            return settable.first { $0.key == key }.map(values) ?? []
        }
        let counts = plugin.channelCounts
        var offers = settable.map { parameter in
            let range = parameter.expectation + (parameter.scalesWithRate ? " at 48 kHz" : "")
            return Offer(
                value: "\(parameter.key)=", note: "\(parameter.name), \(range); usually \(parameter.defaultText)")
        }
        offers.append(Offer(value: "channels=", note: "only these go through it, such as 1-2"))
        if counts.contains(where: { $0.side > 0 }) {
            offers.append(Offer(value: "side=", note: "channels of its side chain"))
        }
        if counts.contains(where: { $0.inputs != $0.outputs }) {
            offers.append(Offer(value: "out=", note: "how many channels come out"))
        }
        return offers
    }

    /// Labels, or the ends of the range and what it is without a word, for people to change.
    private static func values(_ parameter: PluginFacts.Parameter) -> [Offer] {
        func offer(_ text: String, _ note: String) -> Offer {
            // A value and its unit are one word here, so that nothing has to be quoted.
            Offer(value: "\(parameter.key)=\(text.split(separator: " ").joined())", note: note)
        }
        guard parameter.labels.isEmpty else { return parameter.labels.map { Offer(value: "\(parameter.key)=\($0)") } }
        guard let ends = parameter.endTexts else {
            return parameter.scale == "toggle" ? [offer("on", ""), offer("off", "")] : []
        }
        var offers = [offer(ends.lowest, "the least"), offer(ends.highest, "the most")]
        if parameter.defaultText != ends.lowest, parameter.defaultText != ends.highest {
            offers.insert(offer(parameter.defaultText, "as without"), at: 1)
        }
        return offers
    }

    private static func lastPlugin(_ question: LiveCompletion.Question) -> String? {
        let valued = Set(question.option.split(separator: ",").map(String.init))
        var last: String?
        var isValue = false
        for word in spelledOut(question.before) {
            if isValue {
                isValue = false
            } else if valued.contains(word) {
                isValue = true
            } else if !word.hasPrefix("-"), !isSetting(word) {
                last = word
            }
        }
        return last
    }

    /// The words, with those of a chain in the place of its name.
    private static func spelledOut(_ words: [String]) -> [String] {
        guard words.contains(where: { $0.hasPrefix("@") }) else { return words }
        let chains = ConfiguredNames.chains()
        return words.flatMap { word in chains.first { "@\($0.name)" == word }?.words ?? [word] }
    }

    /// `key=value`; the URI of a plugin may have an `=` too.
    private static func isSetting(_ word: String) -> Bool {
        guard let sign = word.firstIndex(of: "=") else { return false }
        return !word[..<sign].contains(":") && !word[..<sign].contains("/")
    }

    // MARK: - A chain that runs

    /// The names of its parameters.
    static func running(_ question: LiveCompletion.Question) -> [Offer] {
        guard let path = path(in: question.before) else { return [] }
        return running(path).map { Offer(value: String($0.value.dropLast()), note: $0.note) }
    }

    private static let commands = ControlReport.commands.map { Offer(value: $0, note: "a command") }

    private static func running(_ path: String) -> [Offer] {
        var offers: [Offer] = []
        // One that is stopped never answers.
        _ = alarm(2)
        try? ControlClient(path).talk(["list"]) { line in
            guard let end = line.firstIndex(of: "=") else { return }
            let columns = line.split(separator: "\t").map(String.init)
            offers.append(Offer(value: String(line[...end]), note: columns.dropFirst().joined(separator: ", ")))
        }
        return offers
    }

    /// Where `--connect` leads.
    private static func path(in words: [String]) -> String? {
        for (index, word) in words.enumerated() where word.hasPrefix("--connect") {
            if word == "--connect", index + 1 < words.count {
                return ControlPathArgument(argument: words[index + 1])?.path
            }
            if word.hasPrefix("--connect=") { return ControlPathArgument(argument: String(word.dropFirst(10)))?.path }
        }
        return nil
    }
}
