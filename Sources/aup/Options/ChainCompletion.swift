import AupEngine

/// What a shell offers for a word of a chain: plugins, the keys of the plugin before it, the labels of a key; with
/// `--connect`, what the running process can be told.
enum ChainCompletion {
    /// - Parameters:
    ///   - words: the command line, as far as it was typed.
    ///   - index: the word that is completed.
    ///   - prefix: what of it stands before the cursor.
    static func candidates(_ words: [String], _ index: Int, _ prefix: String) -> [String] {
        guard words.indices.contains(index) || index == words.count else { return [] }
        // bash takes = and : for words of their own, and wants only what follows them.
        var first = index
        while first >= 2, ["=", ":"].contains(words[first - 1]) { first -= 2 }
        let begun = words[first..<index].joined()
        let whole = begun + prefix
        let all = path(in: words).map { running($0) } ?? parameters(Array(words.prefix(first))) + plugins(whole)
        return all.filter { candidate in
            // Values only once a key has been chosen: there are many.
            candidate.hasPrefix(whole) && (whole.contains("=") || !candidate.dropLast().contains("="))
        }.map { String($0.dropFirst(begun.count)) }
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

    /// The commands of a running process and its parameters.
    private static func running(_ path: String) -> [String] {
        var keys: [String] = []
        try? ControlClient(path).talk(["list"]) { line in
            guard let end = line.firstIndex(of: "=") else { return }
            keys.append(String(line[...end]))
        }
        return ControlReport.commands + keys
    }

    private static func plugins(_ prefix: String) -> [String] {
        PluginCatalog.scanInProcesses(Process.scanWords)
        let interfaces = ["ladspa", "lv2", "clap"]
        // Looking at all of them takes its time where they have never been looked at.
        guard let interface = interfaces.first(where: { prefix.hasPrefix("\($0):") }) else {
            return PluginCatalog.names() + interfaces.map { "\($0):" }
        }
        return PluginCatalog.all(of: interface).compactMap { entry in
            guard case .plugin(let plugin) = entry else { return nil }
            return plugin.reference
        }
    }

    /// `key=` for each parameter of the last plugin, `key=label` where it has labels, and the host's words for its channels.
    private static func parameters(_ before: [String]) -> [String] {
        let isWord = { (word: String) in !word.contains("=") && !word.hasPrefix("-") }
        guard let name = before.dropFirst(2).last(where: isWord), let plugin = try? PluginCatalog.find(name) else {
            return []
        }
        let counts = plugin.channelCounts
        let hostWords =
            ["channels="] + (counts.contains { $0.side > 0 } ? ["side="] : [])
            + (counts.contains { $0.inputs != $0.outputs } ? ["out="] : [])
        return plugin.parameters.filter { !$0.isOutput }.flatMap { parameter in
            ["\(parameter.key)="] + parameter.labels.map { "\(parameter.key)=\($0)" }
        } + hostWords
    }
}
