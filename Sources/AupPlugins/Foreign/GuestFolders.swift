import Glibc

/// Where the plugins of other interfaces are kept.
///
/// - Thread: control.
public enum GuestFolders {
    /// `LADSPA_PATH`, `~/.ladspa`, and `ladspa` in the system's library folders, Debian's for this machine among them.
    public static func ladspa() -> [String] { folders("LADSPA_PATH", "ladspa") }

    /// `CLAP_PATH`, `~/.clap`, and `clap` in the system's library folders.
    public static func clap() -> [String] { folders("CLAP_PATH", "clap") }

    /// `LV2_PATH`, made absolute because lilv does not survive a relative one; `nil` for where lilv looks by itself.
    static func lv2() -> [String]? {
        guard let path = environment("LV2_PATH") else { return nil }
        let here = unsafe getcwd(nil, 0)
        defer { unsafe free(here) }
        let folder = unsafe here.map { unsafe String(cString: $0) } ?? ""
        return path.split(separator: ":").map { entry in
            entry.hasPrefix("/") || entry.hasPrefix("~") ? String(entry) : "\(folder)/\(entry)"
        }
    }

    /// Every folder that may have plugins of an interface of others, where lilv looks by itself too.
    static func watched(_ interface: PluginDescription.Interface) -> [String] {
        switch interface {
        case .native: []
        case .ladspa: ladspa()
        case .lv2: lv2() ?? folders("LV2_PATH", "lv2")
        case .clap: clap()
        }
    }

    private static func folders(_ variable: String, _ name: String) -> [String] {
        let given = (environment(variable) ?? "").split(separator: ":").map(String.init)
        let home = environment("HOME").map { ["\($0)/.\(name)"] } ?? []
        let system = ["/usr/local/lib", "/usr/lib", "/usr/lib/\(machine)-linux-gnu"].map { "\($0)/\(name)" }
        var seen: Set<String> = []
        return (given + home + system).filter { seen.insert($0).inserted }
    }

    static func environment(_ name: String) -> String? {
        let value = unsafe getenv(name).map { unsafe String(cString: $0) }
        return value == "" ? nil : value
    }

    #if arch(x86_64)
        private static let machine = "x86_64"
    #elseif arch(arm64)
        private static let machine = "aarch64"
    #endif
}
