/// Everything a plugin says about itself before any of its code has run.
///
/// - Thread: any.
public struct PluginDescription: Sendable, Equatable {
    /// One combination of channel counts that works; `in` and `out` both 0 stand for any equal count.
    public struct Layout: Sendable, Equatable {
        public let inputs: Int
        public let outputs: Int
        public let side: Int
    }
    /// What a plugin was written for.
    public enum Interface: String, Sendable, Equatable {
        case native, ladspa, lv2, clap
    }
    /// The file it came from.
    public let path: String
    /// Stable; what follows the colon of `MODULE.so:ID`.
    public let id: String
    public let name: String
    public let version: String
    public let vendor: String
    public let tags: [String]
    public internal(set) var parameters: [PluginParameter]
    public let layouts: [Layout]
    /// Its output may overwrite its input.
    public let worksInPlace: Bool
    /// Wants changes as events instead of ramps.
    public let wantsEvents: Bool
    /// Promises that the cut into blocks does not change the sound.
    public let isBlockInvariant: Bool
    /// May wait or allocate while processing.
    public let isRealtimeSafe: Bool
    public internal(set) var interface = Interface.native
    /// Of an interface where a side chain is inputs like others: which of the inputs are its.
    public internal(set) var sideInputs: [Int] = []

    /// The parameter of that key; `c0`, `c1`, … is the first, second, … that can be set, where none has that key.
    public func parameter(_ key: String) -> PluginParameter? {
        if let found = parameters.first(where: { $0.key == key }) { return found }
        guard key.first == "c", let number = Int(key.dropFirst()), key == "c\(number)" else { return nil }
        return parameters.filter { !$0.isOutput }.dropFirst(max(number, 0)).first
    }

    /// The parameter of that key, or an error that names near ones.
    public func parameter(named key: String) throws(PluginError) -> PluginParameter {
        if let found = parameter(key) { return found }
        let keys = parameters.filter { !$0.isHidden }.map(\.key)
        let near = nearMatches(to: key, among: keys)
        let known =
            keys.isEmpty
            ? "; it has no parameters"
            : near.isEmpty
                ? "; it has " + keys.prefix(12).joined(separator: ", ") + (keys.count > 12 ? ", ..." : "")
                : suggestion(near)
        throw PluginError(.value, "plugin '\(id)' has no parameter '\(shown(key))'" + known)
    }

    /// The settings that are the plugin's own, without those by which the host leads its channels.
    ///
    /// - Throws: ``PluginError/Code/value``, ``PluginError/Code/layout`` or ``PluginError/Code/usage`` for a mistake in the
    ///   host's.
    public func ownSettings(_ settings: [PluginSpec.Setting]) throws(PluginError) -> [PluginSpec.Setting] {
        try ChannelRouting.parting(settings, of: self).rest
    }

    /// A parameter that is to be set while the plugin runs, and the value in its unit.
    ///
    /// - Throws: ``PluginError/Code/value``.
    public func change(
        _ key: String, to text: String
    ) throws(PluginError) -> (parameter: PluginParameter, value: Double) {
        let parameter = try parameter(named: key)
        guard parameter.canChange || parameter.isOutput,
            case .number(let number) = try parameter.parse(text, plugin: id)
        else {
            throw PluginError(
                .value, "plugin '\(id)': \(key) is fixed while it runs; start the chain again with the new value")
        }
        return (parameter, number)
    }

    /// What names it on a command line wherever its file lies on the search path.
    public var reference: String {
        switch interface {
        case .native: id
        case .ladspa: "ladspa:\(PluginLibrary.stem(of: path)):\(id)"
        case .lv2: id
        case .clap: "clap:\(id)"
        }
    }

    /// How many channels its side chain may have, rising; empty without one.
    public var sideCounts: [Int] { Set(layouts.map(\.side)).filter { $0 > 0 }.sorted() }

    /// What channel counts it takes: `any number`, `1 to 1, 2 to 2`, `any number, or 1-8 to 1-8 (out=N)`.
    public var layoutSummary: String {
        let plain = layouts.filter { $0.side == 0 }
        let sides = sideCounts
        let side = sides.isEmpty ? "" : "side chain of \(orList(sides)) (side=LIST)"
        if plain.isEmpty { return Self.list(layouts) + ", " + side }
        return (Self.table(plain) ?? Self.list(plain)) + (side.isEmpty ? "" : ", " + side)
    }

    private static func list(_ layouts: [Layout]) -> String {
        layouts.map { layout in
            if layout.inputs == 0, layout.outputs > 0 { return "none to \(layout.outputs)" }
            return layout.inputs == 0 ? "any number" : "\(layout.inputs) to \(layout.outputs)"
        }.joined(separator: ", ")
    }

    /// In short where every number goes to every other: fifty-seven pairs say nothing.
    private static func table(_ layouts: [Layout]) -> String? {
        let pairs = layouts.filter { $0.inputs > 0 && $0.outputs > 0 }
        let most = pairs.map { max($0.inputs, $0.outputs) }.max() ?? 0
        guard most > 2, layouts.contains(where: { $0.inputs == 0 && $0.outputs == 0 }) else { return nil }
        let known = Set(pairs.map { $0.inputs * 64 + $0.outputs })
        for inputs in 1...most {
            for outputs in 1...most where inputs != outputs && !known.contains(inputs * 64 + outputs) { return nil }
        }
        return "any number, or 1-\(most) to 1-\(most) (out=N)"
    }
}
