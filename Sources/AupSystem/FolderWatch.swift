import Glibc

/// Notices files of folders that have been written, in place or by another file that took their name (inotify(7)). Folders
/// in them are not looked into.
///
/// - Thread: control.
@safe public final class FolderWatch {
    private let descriptor: Descriptor
    private var folders: [Int32: String] = [:]
    private let isWanted: (String) -> Bool

    /// Readable when something may have changed.
    public var number: Int32 { descriptor.number }

    /// - Parameter isWanted: which names matter, without their folder.
    public init(_ paths: [String], isWanted: @escaping (String) -> Bool) throws(SystemError) {
        let number = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard number >= 0 else { throw SystemError("inotify_init1") }
        descriptor = Descriptor(adopting: number)
        self.isWanted = isWanted
        // Not when it is written to, but when whoever wrote has closed it: half a file is of no use.
        let changes = UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO) | UInt32(IN_ONLYDIR)
        for path in paths {
            let watch = unsafe inotify_add_watch(number, path, changes)
            guard watch >= 0 else { throw SystemError("inotify_add_watch", path: path) }
            folders[watch] = path
        }
    }

    /// Takes what was noticed: the paths of regular files that are there; an empty path for more than the kernel kept.
    public func takeChanges() -> Set<String> {
        var changed: Set<String> = []
        let isWhole = WatchRecord.takeAll(descriptor.number) { record in
            guard !record.isFolder, isWanted(record.name), let folder = folders[record.watch] else { return }
            let path = folder.hasSuffix("/") ? folder + record.name : "\(folder)/\(record.name)"
            if Self.isRegular(path) { changed.insert(path) }
        }
        if !isWhole { changed.insert("") }
        return changed
    }

    /// Editors try a folder with files that are gone the next moment.
    private static func isRegular(_ path: String) -> Bool {
        var facts = stat()
        return unsafe stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
    }
}
