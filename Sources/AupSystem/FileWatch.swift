import Glibc

/// Notices when files have been written anew, in place or by another file that took their name (inotify(7)).
///
/// Their folders are watched, because a name outlives what it stands for.
///
/// - Thread: control.
@safe public final class FileWatch {
    private let descriptor: Descriptor
    private var names: [Int32: Set<String>] = [:]

    /// Readable when something may have changed.
    public var number: Int32 { descriptor.number }

    public init(_ paths: [String]) throws(SystemError) {
        let number = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard number >= 0 else { throw SystemError("inotify_init1") }
        descriptor = Descriptor(adopting: number)
        // Not when it is written to, but when whoever wrote has closed it: half a file is of no use.
        let changes = UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO)
        for path in paths {
            let slash = path.lastIndex(of: "/")
            let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
            let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
            let watch = unsafe inotify_add_watch(number, folder, changes)
            guard watch >= 0 else { throw SystemError("inotify_add_watch", path: folder) }
            names[watch, default: []].insert(name)
        }
    }

    /// Takes what was noticed; whether one of the files is among it.
    public func takeChanges() -> Bool {
        var hasChanged = false
        let isWhole = WatchRecord.takeAll(descriptor.number) { record in
            if names[record.watch]?.contains(record.name) ?? false { hasChanged = true }
        }
        // What did not fit into the kernel's queue may have been one of ours.
        return hasChanged || !isWhole
    }
}

/// One thing that inotify(7) noticed.
struct WatchRecord {
    let watch: Int32
    /// What happened: bits of inotify(7).
    let mask: UInt32
    let isFolder: Bool
    let name: String

    /// Takes all that waits at an inotify descriptor.
    ///
    /// - Returns: false when the kernel had more than it kept.
    static func takeAll(_ descriptor: Int32, _ tell: (WatchRecord) -> Void) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 8192)
        var isWhole = true
        while true {
            let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return isWhole }
            if !each(of: bytes[..<count], tell) { isWhole = false }
        }
    }

    private static func each(of records: ArraySlice<UInt8>, _ tell: (WatchRecord) -> Void) -> Bool {
        // struct inotify_event: watch, mask, cookie, length of the name, the name with zeros behind it.
        let header = 16
        var at = 0
        func word(_ offset: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(records[at + offset + $1]) << UInt32(8 * $1) }
        }
        while at + header <= records.count {
            let length = Int(word(12))
            guard at + header + length <= records.count, word(4) & UInt32(IN_Q_OVERFLOW) == 0 else { return false }
            let name = records[(at + header)..<(at + header + length)].prefix { $0 != 0 }
            tell(
                WatchRecord(
                    watch: Int32(bitPattern: word(0)), mask: word(4), isFolder: word(4) & UInt32(IN_ISDIR) != 0,
                    name: String(decoding: name, as: UTF8.self)))
            at += header + length
        }
        return true
    }
}
