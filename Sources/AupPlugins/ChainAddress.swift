/// How plugins of a chain and their parameters are called from outside: `gain`, `2` for the second plugin, `gain.gain`.
public enum ChainAddress {
    /// The place of the plugin that a word means: its number in the chain from 1, or its id where only one has it.
    ///
    /// - Throws: ``PluginError/Code/value``.
    public static func plugin(_ word: String, in plugins: [PluginDescription]) throws(PluginError) -> Int {
        let places = plugins.indices.filter { plugins[$0].id == word }
        if places.count == 1 { return places[0] }
        if places.count > 1 {
            let numbers = places.map { "\($0 + 1)" }.joined(separator: ", ")
            throw PluginError(
                .value, "'\(shown(word))' stands in the chain more than once; write its number: \(numbers)")
        }
        if let number = Int(word), word.utf8.allSatisfy({ (48...57).contains($0) }) {
            guard plugins.indices.contains(number - 1) else {
                throw PluginError(
                    .value, "there is no plugin number \(shown(word)); the chain has \(plugins.count)")
            }
            return number - 1
        }
        let ids = plugins.map(\.id)
        let near = nearMatches(to: word, among: ids)
        throw PluginError(
            .value,
            "no plugin of the chain is called '\(shown(word))'"
                + (near.isEmpty ? "; it has \(ids.prefix(12).joined(separator: ", "))" : suggestion(near)))
    }

    /// The plugin and the key that `gain.gain` or, where only one plugin of the chain has such a key, `gain` means.
    ///
    /// - Throws: ``PluginError/Code/value``.
    public static func parameter(
        _ word: String, in plugins: [PluginDescription]
    ) throws(PluginError) -> (plugin: Int, key: String) {
        // The last dot, because an id may have some and a key has none.
        if let dot = word.lastIndex(of: ".") {
            let place = try plugin(String(word[..<dot]), in: plugins)
            let key = String(word[word.index(after: dot)...])
            return (place, try plugins[place].parameter(named: key).key)
        }
        let places = plugins.indices.filter { plugins[$0].parameter(word) != nil }
        if places.count == 1 { return (places[0], word) }
        if places.count > 1 {
            let ways = places.map { "\(plugins[$0].id).\(word)" }
            let isClear = Set(ways).count == ways.count
            throw PluginError(
                .value,
                "\(places.count) plugins have '\(shown(word))'; write "
                    + (isClear ? ways : places.map { "\($0 + 1).\(word)" }).joined(separator: " or "))
        }
        let keys = plugins.flatMap { plugin in plugin.parameters.filter { !$0.isHidden }.map { $0.key } }
        throw PluginError(
            .value,
            "no plugin of the chain has a parameter '\(shown(word))'" + suggestion(nearMatches(to: word, among: keys)))
    }
}
