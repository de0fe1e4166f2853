import Glibc

/// Notices places that come, go and change, also those of which not even the folder is there yet (inotify(7)).
///
///     wanted /run/user/1000/pulse/native      there is /run/user/1000  ─► that is watched, for a `pulse`
///                                             `pulse` comes            ─► that is watched, for a `native`
///
/// A name is watched in its folder, because it outlives what it stands for. What a symbolic link leads to is not followed.
///
/// - Thread: control.
@safe public final class PathWatch {
    /// What is watched, and what counts as a change of it.
    public struct Place: Sendable, Equatable {
        public enum Kind: Sendable, Equatable {
            /// A file or socket: it comes, it goes, it is written.
            case file
            /// A folder of files: they come, go and are written.
            case files
            /// A folder of device nodes: they come, go and get other permissions. Not that they are closed, since looking
            /// at a device closes it too.
            case nodes
            /// The same, and that nodes whose names begin so are opened and closed: for whoever looks without opening them.
            case usedNodes(prefix: String)

            fileprivate var isFile: Bool { self == .file }
            /// What happens to a name in a watched folder and counts.
            fileprivate var events: Int32 {
                switch self {
                case .file, .files: IN_ATTRIB | IN_CLOSE_WRITE
                case .nodes: IN_ATTRIB
                case .usedNodes: IN_ATTRIB | PathWatch.uses
                }
            }
        }
        public var path: String
        public var kind: Kind

        public init(_ path: String, _ kind: Kind) {
            self.path = path
            self.kind = kind
        }
    }

    /// What matters in a folder that is watched.
    private struct Interest: Equatable {
        var place: Int
        /// `nil` for all of them.
        var name: String?
    }

    private let places: [Place]
    private let descriptor: Descriptor?
    private var interests: [Int32: [Interest]] = [:]

    public init(_ places: [Place]) {
        self.places = places
        let number = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        descriptor = number >= 0 ? Descriptor(adopting: number) : nil
        arm()
    }

    /// Readable when something may have changed; -1, which poll passes over, where nothing is watched.
    public var number: Int32 { isWatching ? descriptor?.number ?? -1 : -1 }

    /// Whether anything is watched at all. Instances of inotify are few (fs.inotify.max_user_instances).
    public var isWatching: Bool { !interests.isEmpty }

    /// Takes what was noticed: the places, by their numbers in the order they were given. All of them where the kernel had
    /// more than it kept.
    public func takeChanges() -> Set<Int> {
        guard let descriptor else { return [] }
        var changed: Set<Int> = []
        var isToArm = false
        let isWhole = WatchRecord.takeAll(descriptor.number) { record in
            guard let interested = interests[record.watch] else { return }
            // Without a name it is the folder itself: moved, removed, given to somebody else.
            let isUse = record.mask & UInt32(Self.uses) != 0
            let hit = interested.filter { interest in
                if let name = interest.name { return record.name.isEmpty || name == record.name }
                guard isUse, case .usedNodes(let prefix) = places[interest.place].kind else { return true }
                return record.name.hasPrefix(prefix)
            }
            guard !hit.isEmpty else { return }
            if !isUse { isToArm = true }
            changed.formUnion(hit.map(\.place))
        }
        if isToArm || !isWhole { arm() }
        return isWhole ? changed : Set(places.indices)
    }

    /// Watches for each place the deepest folder on its way that is there.
    private func arm() {
        guard let descriptor else { return }
        var found: [Int32: [Interest]] = [:]
        for (index, place) in places.enumerated() {
            // A folder that is made while its parent is put under watch would be missed, hence the second look.
            for _ in 0..<8 {
                let (folder, name) = Self.deepest(place)
                let mask = Self.always | (name == nil ? place.kind.events : Place.Kind.file.events)
                let watch = unsafe inotify_add_watch(descriptor.number, folder, UInt32(mask))
                let interest = Interest(place: index, name: name)
                // Two places may have one folder, whose mask they add to.
                if watch >= 0, found[watch]?.contains(interest) != true { found[watch, default: []].append(interest) }
                let again = Self.deepest(place)
                if again.folder == folder, again.name == name { break }
            }
        }
        for watch in interests.keys where found[watch] == nil { inotify_rm_watch(descriptor.number, watch) }
        interests = found
    }

    fileprivate static let uses = IN_OPEN | IN_CLOSE_WRITE | IN_CLOSE_NOWRITE
    private static let always =
        IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR
        | IN_MASK_ADD

    /// The folder to watch, and for which name in it.
    private static func deepest(_ place: Place) -> (folder: String, name: String?) {
        if !place.kind.isFile, isFolder(place.path) { return (place.path, nil) }
        var folder = place.path
        while let slash = folder.lastIndex(of: "/") {
            let name = String(folder[folder.index(after: slash)...])
            folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
            if folder == "/" || isFolder(folder) { return (folder, name) }
        }
        return (".", folder)
    }

    private static func isFolder(_ path: String) -> Bool {
        var facts = stat()
        return unsafe stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }
}
