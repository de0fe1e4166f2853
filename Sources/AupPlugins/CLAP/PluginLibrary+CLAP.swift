/// CLAP plugins by id.
extension PluginLibrary {
    static let clap = "clap:"

    /// What follows `clap:`: an id, or the name of a file.
    func findCLAP(_ name: String) throws(PluginError) -> Found {
        let reference = Self.clap + name
        let files = clapFiles()
        if let path = files.first(where: { Self.stem(of: $0) == name || $0.hasSuffix("/" + name) }) {
            return try choose(nil, in: module(path), reference)
        }
        var ids: [String] = []
        for scan in files.map({ PluginScanner.scan($0) }) {
            if scan.plugins.contains(where: { $0.id == name }) {
                return try choose(name, in: module(scan.path), reference)
            }
            if let refusal = scan.refusals[name] { throw refusal }
            ids += scan.plugins.map(\.id) + [Self.stem(of: scan.path)]
        }
        throw PluginError(
            .notFound,
            "plugin '\(shown(reference))': no CLAP plugin of that id is in \(search.clapFolders.joined(separator: ", "))"
                + suggestion(nearMatches(to: name, among: ids)))
    }

    /// What each CLAP file of the search path offers.
    func clapScans() -> [PluginScan] { clapFiles().map { PluginScanner.scan($0) } }

    /// Every CLAP file of the search path, folders in folders too; each name once, the one that wins.
    private func clapFiles() -> [String] {
        var seen: Set<String> = []
        var found: [String] = []
        for folder in search.clapFolders {
            for entry in PluginSearch.entries(of: folder) {
                let inner = entry.hasSuffix(".clap") ? [] : PluginSearch.entries(of: "\(folder)/\(entry)")
                for file in [entry] + inner.map({ "\(entry)/\($0)" }) where file.hasSuffix(".clap") {
                    let name = file.split(separator: "/").last.map(String.init) ?? file
                    guard FileFacts("\(folder)/\(file)") != nil, seen.insert(name).inserted else { continue }
                    found.append("\(folder)/\(file)")
                }
            }
        }
        return found
    }
}
