/// Finds plugins by path or name and loads each file once.
///
/// - Thread: control; one at a time.
public final class PluginLibrary {
    public let search: PluginSearch
    /// Whether files may be written over while their plugins run.
    private let copiesFiles: Bool
    /// Where plugins are kept in processes of their own: how.
    private let isolation: Isolation?
    var isolated: [String: IsolatedModule] = [:]
    var lv2World: LV2World?
    var lv2Modules: [String: LV2Module] = [:]
    private var loaded: [(file: FileFacts, module: any GuestModule)] = []

    /// - Parameters:
    ///   - copiesFiles: loads a copy of each file that nobody else can change, so that it may be rebuilt meanwhile.
    ///   - isolation: loads nothing here, but in processes of their own.
    public init(search: PluginSearch = .standard(), copiesFiles: Bool = false, isolation: Isolation? = nil) {
        self.search = search
        self.isolation = isolation
        self.copiesFiles = copiesFiles
    }

    /// A plugin and the module that keeps it alive.
    public struct Found {
        let module: any GuestModule
        let index: Int

        /// As far as it does not depend on the rate; where it does, for 48 kHz.
        public var description: PluginDescription { module.plugins[index] }
        /// For one rate.
        public func description(rate: Double) throws(PluginError) -> PluginDescription {
            try module.description(index, rate: rate)
        }
        /// For 48 kHz, where settings may name a preset.
        public func description(settings: [PluginSpec.Setting]) throws(PluginError) -> PluginDescription {
            try module.description(index, rate: 48000, settings: settings)
        }
    }

    /// Resolves `./gain.so`, `gain`, `gain.so` or `eq.so:low_pass`; `ladspa:LABEL`, `ladspa:FILE:LABEL` or a bare label;
    /// `lv2:URI` or a bare URI; `clap:ID`.
    public func find(_ reference: String) throws(PluginError) -> Found {
        if let isolation { return try findIsolated(reference, isolation) }
        if reference.hasPrefix(Self.ladspa) { return try findLADSPA(String(reference.dropFirst(Self.ladspa.count))) }
        if let uri = Self.uri(reference) { return try findLV2(uri) }
        if reference.hasPrefix(Self.clap) { return try findCLAP(String(reference.dropFirst(Self.clap.count))) }
        // The whole word first, because a path may contain a colon.
        if let path = file(reference) { return try choose(nil, in: module(path), reference) }
        for (name, label) in Self.cuts(reference) {
            if let path = file(name) { return try choose(label, in: module(path), reference) }
        }
        let scans = reference.contains("/") || reference.hasSuffix(".so") ? [] : ladspaScans()
        if let found = try findLabel(reference, scans) { return found }
        throw notFound(reference, labels: scans.flatMap { $0.plugins.map(\.id) })
    }

    static let ladspa = "ladspa:"

    /// A file and what is in it, for every colon there is: labels may hold some, as those that are URIs do.
    static func cuts(_ reference: String) -> [(file: String, label: String)] {
        reference.indices.filter { reference[$0] == ":" && $0 != reference.startIndex }.map {
            (String(reference[..<$0]), String(reference[reference.index(after: $0)...]))
        }
    }

    /// The module of a file, whatever interface it is for; the same one again as long as the file has not been replaced.
    func module(_ path: String) throws(PluginError) -> any GuestModule {
        guard let facts = FileFacts(path) else {
            throw PluginError(.notFound, "plugin '\(shown(path))': there is no such file")
        }
        if let known = loaded.first(where: { $0.file == facts }) { return known.module }
        let module = try Self.load(path, isCopied: copiesFiles)
        // What the file was before lives on as long as its instances do.
        loaded.removeAll { $0.module.path == path }
        loaded.append((facts, module))
        return module
    }

    /// Asks a file what it is for.
    static func load(_ path: String, isCopied: Bool = false) throws(PluginError) -> any GuestModule {
        let object = try SharedObject(path: path, isCopied: isCopied)
        guard !object.has(PluginModule.symbol) else { return try PluginModule(object) }
        if object.has(LADSPAModule.symbol) { return try LADSPAModule(object) }
        if object.has(CLAPModule.symbol) { return try CLAPModule(object) }
        return try PluginModule(object)
    }

    private func file(_ name: String) -> String? {
        name.contains("/") ? (FileFacts(name) == nil ? nil : name) : search.file(named: name)
    }

    func choose(_ id: String?, in module: any GuestModule, _ reference: String) throws(PluginError) -> Found {
        let ids = module.plugins.map(\.id)
        let list = ids.prefix(12).map { visible($0) }.joined(separator: ", ") + (ids.count > 12 ? ", ..." : "")
        if let id {
            if let index = ids.firstIndex(of: id) { return Found(module: module, index: index) }
            if let refusal = module.refusals[id] { throw refusal }
            throw PluginError(
                .notFound,
                "plugin '\(shown(reference))': the module has no '\(shown(id))', it has \(list)"
                    + suggestion(nearMatches(to: id, among: ids)))
        }
        guard ids.count == 1 else {
            throw PluginError(
                .usage,
                "plugin '\(shown(reference))' holds \(ids.count) plugins: choose one as \(shown(reference)):\(ids[0]); it has \(list)"
            )
        }
        return Found(module: module, index: 0)
    }

    private func notFound(_ reference: String, labels: [String]) -> PluginError {
        if reference.contains("/") {
            return PluginError(.notFound, "plugin '\(shown(reference))': there is no such file")
        }
        let names = search.files().map { path in
            path.split(separator: "/").last.map { String($0.dropLast(3)) } ?? path
        }
        let wanted = reference.hasSuffix(".so") ? String(reference.dropLast(3)) : reference
        let folders = search.searched(spelledOut: reference.hasSuffix(".so"))
        return PluginError(
            .notFound,
            "plugin '\(shown(reference))' is not in " + folders.joined(separator: ", ")
                + suggestion(nearMatches(to: wanted, among: names + labels)))
    }
}
