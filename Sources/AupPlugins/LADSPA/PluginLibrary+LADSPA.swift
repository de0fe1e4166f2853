/// LADSPA plugins by name. Twelve labels of those in Debian are in two files, so a file can be said too.
extension PluginLibrary {
    /// What follows `ladspa:`: `LABEL`, `FILE:LABEL`, or `FILE` where it holds one plugin.
    func findLADSPA(_ name: String) throws(PluginError) -> Found {
        let reference = Self.ladspa + name
        if name.contains("/"), FileFacts(name) != nil || !name.contains(":") {
            return try choose(nil, in: module(name), reference)
        }
        let cuts = Self.cuts(name)
        for (stem, label) in cuts {
            if let path = ladspaFile(stem) { return try choose(label, in: module(path), reference) }
        }
        // A label first: a file of that name may hold others.
        let scans = ladspaScans()
        if let found = try findLabel(name, scans) { return found }
        if let path = ladspaFile(name) { return try choose(nil, in: module(path), reference) }
        if let (stem, _) = cuts.first {
            let stems = ladspaFiles().map { Self.stem(of: $0) }
            throw PluginError(
                .notFound,
                "plugin '\(shown(reference))': there is no '\(shown(stem))' in \(folderList)"
                    + suggestion(nearMatches(to: stem, among: stems)))
        }
        let labels = scans.flatMap { $0.plugins.map(\.id) }
        throw PluginError(
            .notFound,
            "plugin '\(shown(reference))': no LADSPA plugin of that label is in \(folderList)"
                + suggestion(nearMatches(to: name, among: labels)))
    }

    /// The one plugin of that label on the search path, or `nil`.
    ///
    /// - Throws: `usage` where several files have it, and why the only one that has it cannot be used.
    func findLabel(_ label: String, _ scans: [PluginScan]) throws(PluginError) -> Found? {
        let found = scans.filter { $0.plugins.contains { $0.id == label } }
        if found.count > 1 {
            let names = found.map { "\(Self.ladspa)\(Self.stem(of: $0.path)):\(shown(label))" }
            throw PluginError(
                .usage,
                "plugin '\(shown(label))' is in \(found.count) files: choose one of \(names.joined(separator: ", "))")
        }
        guard let only = found.first else {
            if let refusal = scans.lazy.compactMap({ $0.refusals[label] }).first { throw refusal }
            return nil
        }
        return try choose(label, in: module(only.path), label)
    }

    /// What each LADSPA file of the search path offers.
    func ladspaScans() -> [PluginScan] { ladspaFiles().map { PluginScanner.scan($0) } }

    /// Every LADSPA file of the search path, each name once, the one that wins.
    func ladspaFiles() -> [String] {
        var seen: Set<String> = []
        return search.ladspaFolders.flatMap { folder in
            PluginSearch.entries(of: folder).filter { $0.hasSuffix(".so") && seen.insert($0).inserted }
                .map { "\(folder)/\($0)" }
        }.filter { FileFacts($0) != nil }
    }

    private func ladspaFile(_ name: String) -> String? {
        if name.contains("/") { return FileFacts(name) == nil ? nil : name }
        let file = name.hasSuffix(".so") ? name : name + ".so"
        return search.ladspaFolders.lazy.map { "\($0)/\(file)" }.first { FileFacts($0) != nil }
    }

    private var folderList: String { search.ladspaFolders.joined(separator: ", ") }

    static func stem(of path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return String(name.prefix(upTo: name.lastIndex(of: ".") ?? name.endIndex))
    }
}
