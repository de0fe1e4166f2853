import AupFiles
import AupSound
import AupSystem
import Glibc

/// The files that words of a command line mean, in the order in which they are played.
///
/// Folders are looked through and playlists read once, before the first file sounds; files are opened when their turn
/// comes.
///
/// - Thread: transport.
struct PlayOrder {
    struct Entry: Equatable {
        enum Place: Equatable {
            case standardInput
            case path(String)
            /// Known to be unplayable, and why.
            case refused(String)
        }
        var place: Place
        /// What a playlist calls it.
        var title: String?

        /// How reports call it.
        var name: String {
            switch place {
            case .standardInput: "-"
            case .path(let path): path
            case .refused: ""
            }
        }
    }

    private(set) var entries: [Entry] = []
    /// Playlists within playlists; more is a mistake.
    static let deepest = 16

    init(_ words: [String]) {
        for word in words {
            if word == "-" {
                entries.append(Entry(place: .standardInput))
            } else {
                add(word, title: nil, within: [])
            }
        }
    }

    private mutating func add(_ path: String, title: String?, within: [String]) {
        if FileKind.isFolder(path) { return add(folder: path) }
        guard PlaylistFile.isNamed(path) else {
            entries.append(Entry(place: .path(path), title: title))
            return
        }
        let identity = FileKind.identity(path) ?? path
        guard !within.contains(identity) else {
            return refuse("\(path) lists itself, directly or through others; take that line out")
        }
        guard within.count < Self.deepest else {
            return refuse("\(path): more than \(Self.deepest) playlists within each other")
        }
        add(playlist: path, within: within + [identity])
    }

    private mutating func add(folder: String) {
        let found = SoundFolder(folder)
        for folder in found.unread { refuse("cannot look into \(folder.path): \(folder.reason)") }
        if found.files.isEmpty, found.unread.isEmpty {
            refuse("\(folder) holds no file that is called like sound (.wav, .flac, .mp3, .opus …); name one yourself")
        }
        for file in found.files { entries.append(Entry(place: .path(file))) }
    }

    private mutating func add(playlist path: String, within: [String]) {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Self.bytes(path)
        } catch {
            return refuse("cannot open \(path): \(error.reason)")
        }
        guard bytes.count <= PlaylistFile.largestBytes else {
            return refuse("\(path): longer than the \(PlaylistFile.largestBytes >> 20) MiB of the largest playlist")
        }
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/." : String(path[..<$0]) } ?? ""
        let list = PlaylistFile(bytes, folder: folder)
        if list.isSegmentList {
            return refuse("\(path) lists the pieces of a network stream (HLS), which aup does not play; ffmpeg does")
        }
        if list.entries.isEmpty { return refuse("\(path) lists nothing; add a line with a file's name") }
        if list.refusedLines > 0 { refuse("\(path): \(list.refusedLines) lines are no names of files") }
        for entry in list.entries {
            if entry.isRemote {
                refuse("\(entry.path) in \(path) is on a network; aup plays files")
            } else {
                add(Self.path(of: entry), title: entry.title, within: within)
            }
        }
    }

    /// A name that is no UTF-8 is most often that of a file which is called so; else it was written in Latin-1.
    private static func path(of entry: PlaylistFile.Entry) -> String {
        guard let written = entry.pathAsWritten, FileKind.identity(written) != nil else { return entry.path }
        return written
    }

    private mutating func refuse(_ why: String) {
        entries.append(Entry(place: .refused(why)))
    }

    /// A byte more than is allowed at most, so that too long can be told.
    private static func bytes(_ path: String) throws(SystemError) -> [UInt8] {
        let file = try Descriptor.reading(path)
        let stop = StopRequest()
        var scratch = ScratchBytes()
        var bytes: [UInt8] = []
        while bytes.count <= PlaylistFile.largestBytes {
            let space = unsafe scratch.space(64 << 10)
            guard let count = try unsafe file.read(into: space, stop: stop), count > 0 else { break }
            unsafe bytes += space.prefix(count)
        }
        return bytes
    }
}

/// What lies at a path.
enum FileKind {
    static func isFolder(_ path: String) -> Bool { has(path, S_IFDIR) }
    static func isRegular(_ path: String) -> Bool { has(path, S_IFREG) }

    private static func has(_ path: String, _ kind: mode_t) -> Bool {
        var facts = stat()
        return unsafe stat(FileName.bytes(path), &facts) == 0 && facts.st_mode & S_IFMT == kind
    }

    /// The same for all names of a file; `nil` where there is none.
    static func identity(_ path: String) -> String? {
        var facts = stat()
        return unsafe stat(FileName.bytes(path), &facts) == 0 ? "\(facts.st_dev):\(facts.st_ino)" : nil
    }
}
