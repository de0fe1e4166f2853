/// Finds plugins by path or name and loads each file once.
///
/// - Thread: control; one at a time.
public final class PluginLibrary {
    public let search: PluginSearch
    /// Whether files may be written over while their plugins run.
    private let copiesFiles: Bool
    private var loaded: [(file: FileFacts, module: PluginModule)] = []

    /// - Parameter copiesFiles: loads a copy of each file that nobody else can change, so that it may be rebuilt meanwhile.
    public init(search: PluginSearch = .standard(), copiesFiles: Bool = false) {
        self.search = search
        self.copiesFiles = copiesFiles
    }

    /// A plugin and the module that keeps it alive.
    public struct Found {
        public let module: PluginModule
        public let index: Int

        public var description: PluginDescription { module.plugins[index] }
    }

    /// Resolves `./gain.so`, `gain`, `gain.so` or `eq.so:low_pass`.
    public func find(_ reference: String) throws(PluginError) -> Found {
        // The whole word first, because a path may contain a colon.
        if let path = file(reference) { return try choose(nil, in: module(path), reference) }
        if let colon = reference.lastIndex(of: ":"), colon != reference.startIndex,
            let path = file(String(reference[..<colon]))
        {
            return try choose(String(reference[reference.index(after: colon)...]), in: module(path), reference)
        }
        throw notFound(reference)
    }

    /// The module of a file; the same one again as long as the file has not been replaced.
    public func module(_ path: String) throws(PluginError) -> PluginModule {
        guard let facts = FileFacts(path) else {
            throw PluginError(.notFound, "plugin '\(shown(path))': there is no such file")
        }
        if let known = loaded.first(where: { $0.file == facts }) { return known.module }
        let module = try PluginModule(path: path, isCopied: copiesFiles)
        // What the file was before lives on as long as its instances do.
        loaded.removeAll { $0.module.path == path }
        loaded.append((facts, module))
        return module
    }

    private func file(_ name: String) -> String? {
        name.contains("/") ? (FileFacts(name) == nil ? nil : name) : search.file(named: name)
    }

    private func choose(_ id: String?, in module: PluginModule, _ reference: String) throws(PluginError) -> Found {
        let ids = module.plugins.map(\.id)
        if let id {
            if let index = ids.firstIndex(of: id) { return Found(module: module, index: index) }
            throw PluginError(
                .notFound,
                "plugin '\(shown(reference))': the module has no '\(shown(id))', it has \(ids.joined(separator: ", "))"
                    + suggestion(nearMatches(to: id, among: ids)))
        }
        guard ids.count == 1 else {
            throw PluginError(
                .usage,
                "plugin '\(shown(reference))' holds \(ids.count) plugins: choose one as \(shown(reference)):\(ids[0]); it has "
                    + ids.joined(separator: ", "))
        }
        return Found(module: module, index: 0)
    }

    private func notFound(_ reference: String) -> PluginError {
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
                + suggestion(nearMatches(to: wanted, among: names)))
    }
}
