internal import AupSystem
internal import Glibc

/// Where the kernel tells of its sound cards: procfs and sysfs, or a drawing of them.
///
/// - Thread: any.
public struct HostFolders: Sendable, Equatable {
    /// Where procfs is mounted.
    public var processes = "/proc"
    /// Where sysfs is mounted.
    public var system = "/sys"
    /// Where nodes of cards appear.
    public var nodes = "/dev/snd"

    public init() {}

    /// This machine's, or those that the environment names. Tests of cards that come, go and are held have no say over
    /// the kernel's, so they draw their own and say where; nobody else has a reason to.
    public static let current: HostFolders = {
        var folders = HostFolders()
        if let path = unsafe getenv("AUP_TEST_PROCFS") { folders.processes = unsafe String(cString: path) }
        if let path = unsafe getenv("AUP_TEST_SYSFS") { folders.system = unsafe String(cString: path) }
        if let path = unsafe getenv("AUP_TEST_DEVSND") { folders.nodes = unsafe String(cString: path) }
        return folders
    }()

    /// Whether what stands there is this machine, so that alsa-lib tells of the same cards.
    public var isHost: Bool { self == HostFolders() }

    // MARK: - Small files

    /// A file of the kernel's as text, at most 64 KiB of it; `nil` where there is none.
    func text(_ path: String) -> String? { bytes(path).map { String(decoding: $0, as: UTF8.self) } }

    func bytes(_ path: String) -> [UInt8]? {
        guard let file = try? Descriptor.reading(path) else { return nil }
        return try? file.readAll(limit: 1 << 16)
    }

    /// The first line of a file, without its spaces at the end.
    func line(_ path: String) -> String? {
        guard let text = text(path), let first = text.split(separator: "\n").first else { return nil }
        let end = first.lastIndex { !$0.isWhitespace }
        return end.map { String(first[...$0]) }
    }

    /// The names in a folder that begin so, in no order.
    func names(_ folder: String, prefix: String) -> [String] {
        (FolderNames.all(folder) ?? []).filter { $0.hasPrefix(prefix) }
    }

    /// A path with its links followed; `nil` where it leads nowhere.
    func resolved(_ path: String) -> String? {
        guard let text = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }
}
