import AupSound

/// Which channels a plugin is given and how many it makes: what `channels=`, `side=` and `out=` behind it ask for.
///
/// These words are the host's. Where a plugin has a parameter of that name the word is the plugin's, and the host's is
/// written `aup.channels=`, `aup.side=`, `aup.out=`, which always works.
///
/// - Thread: any; a plain value.
struct ChannelRouting: Sendable, Equatable {
    /// Channels of the stage from 0, in the order that was written; `nil` for all that are not the side chain's.
    var channels: [Int]?
    /// The key's, in the order that was written.
    var side: [Int] = []
    /// How many are to come out of the plugin.
    var outputs: Int?

    /// What the host's words begin with where they have to be told from a plugin's own.
    static let prefix = "aup."
    private static let words = ["channels", "side", "out"]

    /// Parts the host's words from the plugin's.
    ///
    /// - Throws: ``PluginError/Code/value`` for what is no list, ``PluginError/Code/layout`` for a side chain or a number of
    ///   outputs that the plugin never has.
    static func parting(
        _ settings: [PluginSpec.Setting], of plugin: PluginDescription
    ) throws(PluginError) -> (routing: ChannelRouting, rest: [PluginSpec.Setting]) {
        var routing = ChannelRouting()
        var rest: [PluginSpec.Setting] = []
        var seen: Set<String> = []
        for setting in settings {
            guard let word = try word(setting.key, of: plugin) else {
                rest.append(setting)
                continue
            }
            guard seen.insert(word).inserted else {
                throw PluginError(.usage, "plugin '\(plugin.id)': \(word) is given twice")
            }
            switch word {
            case "channels": routing.channels = try list(setting, of: plugin)
            case "side": routing.side = try list(setting, of: plugin)
            default:
                guard let count = Int(setting.value), (1...Limits.channels).contains(count) else {
                    throw PluginError(
                        .value,
                        "plugin '\(plugin.id)': \(shown(setting.key))=\(shown(setting.value)): how many channels are to "
                            + "come out is a number from 1 to \(Limits.channels)")
                }
                routing.outputs = count
            }
        }
        try routing.check(plugin)
        return (routing, rest)
    }

    /// The host's word that a key is; `nil` for one of the plugin's.
    private static func word(_ key: String, of plugin: PluginDescription) throws(PluginError) -> String? {
        guard key.hasPrefix(prefix) else {
            return words.contains(key) && plugin.parameter(key) == nil ? key : nil
        }
        let word = String(key.dropFirst(prefix.count))
        guard words.contains(word) else {
            throw PluginError(
                .value,
                "plugin '\(plugin.id)': there is no '\(shown(key))'; the host has "
                    + words.map { prefix + $0 }.joined(separator: ", "))
        }
        return word
    }

    /// `3`, `1-2`, `1,3-5`: counted from 1, each once.
    private static func list(
        _ setting: PluginSpec.Setting, of plugin: PluginDescription
    ) throws(PluginError) -> [Int] {
        func wrong(_ why: String) -> PluginError {
            PluginError(
                .value,
                "plugin '\(plugin.id)': \(shown(setting.key))=\(shown(setting.value)): \(why); "
                    + "write channels as 3, 1-2 or 1,3")
        }
        var channels: [Int] = []
        for part in setting.value.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
                part.utf8.allSatisfy({ (48...57).contains($0) || $0 == 45 })
            else { throw wrong("no list of channels") }
            guard first >= 1, last <= Limits.channels else {
                throw wrong("channels are counted from 1 to \(Limits.channels)")
            }
            guard first <= last else { throw wrong("\(last) comes before \(first)") }
            channels += (first...last).map { $0 - 1 }
        }
        guard Set(channels).count == channels.count else { throw wrong("a channel stands there twice") }
        return channels
    }

    /// What can be told before there is a format.
    private func check(_ plugin: PluginDescription) throws(PluginError) {
        if !side.isEmpty {
            let counts = plugin.sideCounts
            guard !counts.isEmpty else {
                throw PluginError(.layout, "plugin '\(plugin.id)' has no side chain")
            }
            guard counts.contains(side.count) || side.count == 1 else {
                throw PluginError(
                    .layout,
                    "plugin '\(plugin.id)' has a side chain of \(orList(counts)) channel\(counts == [1] ? "" : "s"), "
                        + "and side= names \(side.count)")
            }
        }
        if let outputs {
            // Copies of a plugin, and any equal number, depend on what comes in.
            let isOpen = plugin.layouts.contains { $0.inputs == $0.outputs }
            guard isOpen || plugin.layouts.contains(where: { $0.outputs == outputs }) else {
                throw PluginError(
                    .layout,
                    "plugin '\(plugin.id)' cannot make \(outputs) channel\(outputs == 1 ? "" : "s"): it takes "
                        + plugin.layoutSummary)
            }
        }
    }

    /// Whether the plugin is given all there is, and nothing else is asked.
    var isPlain: Bool { channels == nil && side.isEmpty }

    /// The channels that the plugin is given of so many, and which of the others go by it.
    ///
    /// - Throws: ``PluginError/Code/value`` naming the range.
    func selection(
        among count: Int, of plugin: PluginDescription
    ) throws(PluginError) -> (given: [Int], passing: [Int]) {
        for (word, list) in [("channels", channels ?? []), ("side", side)] {
            guard let beyond = list.first(where: { $0 >= count }) else { continue }
            throw PluginError(
                .value,
                "plugin '\(plugin.id)': \(word)= names channel \(beyond + 1), but "
                    + (count == 1 ? "there is only channel 1" : "there are channels 1 to \(count)"))
        }
        if let channels { return (channels, (0..<count).filter { !channels.contains($0) }) }
        let given = (0..<count).filter { !side.contains($0) }
        guard !given.isEmpty else {
            throw PluginError(
                .value,
                "plugin '\(plugin.id)': side= names every channel there is, and none is left to process; "
                    + "say which with channels=")
        }
        return (given, [])
    }

    /// Where the channels go; `nil` where all of them go through the plugin.
    ///
    /// - Throws: ``PluginError/Code/layout`` where more would leave than a stream holds.
    func route(
        _ plan: ChannelPlan, given: [Int], passing: [Int], of plugin: PluginDescription
    ) throws(PluginError) -> ChainRoute.Plan? {
        if isPlain { return nil }
        let key = side.count == plan.side ? side : Array(repeating: side.first ?? 0, count: plan.side)
        var inputs: [Int] = []
        if plugin.sideInputs.isEmpty || plan.side == 0 {
            inputs = given + key
        } else {
            for copy in 0..<plan.copies {
                var next = copy * plan.inputs
                for input in 0..<(plan.inputs + plan.side) {
                    if let place = plugin.sideInputs.firstIndex(of: input) {
                        inputs.append(key[place])
                    } else {
                        inputs.append(given[plan.isFedByOne ? 0 : next])
                        next += 1
                    }
                }
            }
        }
        let route = ChainRoute.Plan(
            inputs: inputs, given: given, passing: passing, outputs: plan.outputs * plan.copies)
        guard route.width <= Limits.channels else {
            throw PluginError(
                .layout,
                "plugin '\(plugin.id)': \(route.width) channels would leave it; at most \(Limits.channels) fit")
        }
        return route
    }
}

/// `1`, `1 or 2`, `1, 2 or 4`.
func orList(_ numbers: [Int]) -> String {
    let words = numbers.map(String.init)
    return words.count < 2 ? words.joined() : words.dropLast().joined(separator: ", ") + " or " + words[words.count - 1]
}
