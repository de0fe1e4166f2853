import Glibc

/// Where plugins are looked for by name.
///
/// A folder holds `NAME.so`, or `NAME/NAME.so` as the source tree builds them. In order: the folders of
/// `AUP_PLUGIN_PATH`; the current directory, for names written with `.so` only, so that a bare word never runs code that
/// happens to lie about; `../lib/aup/plugins` beside the executable; the `plugins` folder of the checkout the executable
/// was built in; `/usr/local/lib/aup/plugins`; `/usr/lib/aup/plugins`.
public struct PluginSearch: Sendable, Equatable {
    public var folders: [String]
    /// Searched between the environment's folders and the installed ones, for names with `.so`; `nil` for never.
    public var currentDirectory: String?
    /// Folders with LADSPA plugins.
    public var ladspaFolders: [String] = []
    /// Folders with LV2 bundles, absolute; `nil` for where lilv looks by itself.
    public var lv2Folders: [String]?
    /// Whether LV2 bundles are listed.
    public var findsLV2 = false
    var lv2Memory = LV2BundleMemory()
    /// Folders with CLAP plugins.
    public var clapFolders: [String] = []
    private var environmentFolders: Int

    public init(folders: [String], currentDirectory: String? = nil) {
        self.folders = folders
        self.currentDirectory = currentDirectory
        environmentFolders = folders.count
    }

    /// The order above, for an executable's path and a colon list from the environment.
    public init(environmentPath: String?, executable: String?, currentDirectory: String? = ".") {
        var folders = (environmentPath ?? "").split(separator: ":").map(String.init)
        environmentFolders = folders.count
        if let executable, let slash = executable.lastIndex(of: "/") {
            let folder = String(executable[..<slash])
            folders.append(folder + "/../lib/aup/plugins")
            if let checkout = Self.checkout(above: folder) { folders.append(checkout + "/plugins") }
        }
        self.folders = folders + ["/usr/local/lib/aup/plugins", "/usr/lib/aup/plugins"]
        self.currentDirectory = currentDirectory
    }

    /// For this process.
    public static func standard() -> PluginSearch {
        let environment = unsafe getenv("AUP_PLUGIN_PATH").map { unsafe String(cString: $0) }
        var search = PluginSearch(environmentPath: environment, executable: Self.executable())
        search.ladspaFolders = GuestFolders.ladspa()
        search.clapFolders = GuestFolders.clap()
        search.lv2Folders = GuestFolders.lv2()
        search.findsLV2 = true
        // Folders of one's own are for trying things out; what they hold is not remembered.
        if search.lv2Folders == nil { search.lv2Memory = .standard() }
        return search
    }

    /// The file a name stands for, or `nil`.
    func file(named name: String) -> String? {
        let spelledOut = name.hasSuffix(".so")
        let stem = spelledOut ? String(name.dropLast(3)) : name
        guard !stem.isEmpty, stem != ".", stem != ".." else { return nil }
        return candidates(stem, spelledOut: spelledOut).first { FileFacts($0) != nil }
    }

    private func candidates(_ stem: String, spelledOut: Bool) -> [String] {
        func both(_ folder: String) -> [String] { ["\(folder)/\(stem).so", "\(folder)/\(stem)/\(stem).so"] }
        let here = spelledOut ? currentDirectory.map { ["\($0)/\(stem).so"] } ?? [] : []
        return folders.prefix(environmentFolders).flatMap(both) + here
            + folders.dropFirst(environmentFolders).flatMap(both)
    }

    /// Folders in the order they are tried.
    func searched(spelledOut: Bool) -> [String] {
        guard spelledOut, let currentDirectory else { return folders }
        return Array(folders.prefix(environmentFolders)) + [currentDirectory] + folders.dropFirst(environmentFolders)
    }

    /// Every plugin file in the folders, each name once, the one that wins.
    public func files() -> [String] {
        var seen: Set<String> = []
        var found: [String] = []
        for folder in folders {
            for entry in Self.entries(of: folder) {
                let (stem, path) =
                    entry.hasSuffix(".so")
                    ? (String(entry.dropLast(3)), "\(folder)/\(entry)") : (entry, "\(folder)/\(entry)/\(entry).so")
                guard FileFacts(path) != nil, seen.insert(stem).inserted else { continue }
                found.append(path)
            }
        }
        return found
    }

    /// Sorted; empty when the folder cannot be read.
    static func entries(of folder: String) -> [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { _ = unsafe closedir(directory) }
        var names: [String] = []
        // Bounded because a search path may point anywhere.
        while names.count < 10_000, let entry = unsafe readdir(directory) {
            // Through a pointer, because the entry ends with its name and not where the declared array does.
            let offset = MemoryLayout<dirent>.offset(of: \.d_name)!
            let name = unsafe String(
                cString: (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self))
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// The nearest folder above that holds `plugins/aup_plugin.h`: a build tree lies at most five levels deep.
    private static func checkout(above folder: String) -> String? {
        var current = folder
        for _ in 0..<6 {
            if FileFacts(current + "/plugins/aup_plugin.h") != nil { return current }
            guard let slash = current.lastIndex(of: "/"), slash != current.startIndex else { return nil }
            current = String(current[..<slash])
        }
        return nil
    }

    private static func executable() -> String? {
        var bytes = [CChar](repeating: 0, count: 4096)
        let count = unsafe readlink("/proc/self/exe", &bytes, bytes.count)
        guard count > 0, count < bytes.count else { return nil }
        return String(decoding: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Size and identity of a regular file; `nil` when there is none.
struct FileFacts: Equatable {
    let bytes: Int
    let device: UInt
    let inode: UInt
    /// When the contents changed last, in nanoseconds since 1970.
    let changed: Int

    init?(_ path: String) {
        var facts = stat()
        guard unsafe stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
        bytes = Int(facts.st_size)
        device = UInt(facts.st_dev)
        inode = UInt(facts.st_ino)
        changed = facts.st_mtim.tv_sec &* 1_000_000_000 &+ facts.st_mtim.tv_nsec
    }
}
