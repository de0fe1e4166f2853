import Glibc

/// The names of all plugins of an interface, for who wants to see them at once: a shell at a TAB.
///
/// Looking at some hundred bundles takes seconds. So the names are kept, in `$XDG_CACHE_HOME/aup/names`, until a folder that plugins
/// are looked for in gets or loses an entry. A plugin that was changed in its place may have its old name for so long, which does
/// nobody harm.
///
/// - Thread: control.
public enum PluginNameList {
    public struct Entry: Sendable, Equatable {
        /// What names it on a command line.
        public let reference: String
        public let name: String
    }

    public static func entries(of interface: PluginDescription.Interface) -> [Entry] {
        // There are few native ones, and they are built while one tries them.
        let file = interface == .native ? nil : CacheFile.standardFolder().map { "\($0)/names/\(interface.rawValue)" }
        let stamp = GuestFolders.watched(interface).map { "\($0)=\(changed($0))" }.joined(separator: "\t")
        if let lines = file.map(CacheFile.lines), lines.first == stamp { return lines.dropFirst().compactMap(entry) }
        let entries = PluginDirectory.all(of: interface).flatMap(\.plugins).map {
            Entry(reference: $0.reference, name: $0.name)
        }
        // Nothing may be nothing only for now: what opens the plugins is not installed.
        if let file, !entries.isEmpty {
            CacheFile.write([stamp] + entries.filter(isLine).map { "\($0.reference)\t\($0.name)" }, to: file)
        }
        return entries
    }

    private static func isLine(_ entry: Entry) -> Bool {
        !(entry.reference + entry.name).utf8.contains { $0 == 9 || $0 == 10 }
    }

    private static func entry(_ line: String) -> Entry? {
        let parts = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
        return parts.count == 2 ? Entry(reference: String(parts[0]), name: String(parts[1])) : nil
    }

    /// When a folder's entries changed, in nanoseconds since 1970; 0 where there is none.
    private static func changed(_ folder: String) -> Int {
        var facts = stat()
        guard unsafe stat(folder, &facts) == 0 else { return 0 }
        return facts.st_mtim.tv_sec &* 1_000_000_000 &+ facts.st_mtim.tv_nsec
    }
}
