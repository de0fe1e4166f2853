/// What there is to choose from.
///
/// - Thread: control.
public enum PluginDirectory {
    /// A file of the search path: what it offers, or why it cannot be used.
    public struct Entry: Sendable {
        public let path: String
        public let plugins: [PluginDescription]
        public let error: PluginError?
    }

    /// Every plugin of the search paths, in the order of the folders: native ones, LADSPA, LV2, CLAP. Files are looked at as
    /// ``PluginScanner`` does it; what LV2 bundles say is read without running them.
    ///
    /// - Parameter interface: the only one that is asked for; `nil` for all of them.
    public static func all(
        _ search: PluginSearch = .standard(), of interface: PluginDescription.Interface? = nil
    ) -> [Entry] {
        let library = PluginLibrary(search: search)
        var scans: [PluginScan] = []
        if interface ?? .native == .native { scans += search.files().map { PluginScanner.scan($0) } }
        if interface ?? .ladspa == .ladspa { scans += library.ladspaScans() }
        if interface ?? .lv2 == .lv2 { scans += library.lv2Scans() }
        if interface ?? .clap == .clap { scans += library.clapScans() }
        return scans.map { Entry(path: $0.path, plugins: $0.plugins, error: $0.error) }
    }

    /// What one reference stands for; all plugins of the module when it names a file with several.
    public static func describe(
        _ reference: String, library: PluginLibrary = PluginLibrary()
    ) throws(PluginError) -> [PluginDescription] {
        do throws(PluginError) {
            return [try library.find(reference).description]
        } catch {
            guard error.code == .usage else { throw error }
            let path = reference.contains("/") ? reference : library.search.file(named: reference) ?? reference
            return try library.module(path).plugins
        }
    }
}
