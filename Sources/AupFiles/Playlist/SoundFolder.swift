internal import AupSound
internal import Glibc

/// The sound files of a folder, in the order in which a person would play them.
///
/// Files of a folder come first, then its folders, each sorted by name with numbers by their value: `2.flac` before
/// `10.flac`. Hidden names, playlists and whatever is not called like sound are left out.
///
/// - Thread: control.
public struct SoundFolder: Equatable, Sendable {
    public private(set) var files: [String] = []
    /// Folders that could not be read: their path and what the system said.
    public private(set) var unread: [Unread] = []

    public struct Unread: Equatable, Sendable {
        public let path: String
        public let reason: String
    }

    public static let mostFiles = 100_000
    /// Folders within folders; deeper is a loop or a mistake.
    public static let deepest = 32
    /// What files of sound are called.
    public static let extensions: Set<String> = [
        "wav", "wave", "bwf", "rf64", "w64", "aif", "aiff", "aifc", "au", "snd", "caf", "flac", "ogg", "oga", "opus",
        "mp3", "mp2", "aup",
    ]

    public init(_ path: String) {
        var seen: Set<Identity> = []
        read(path, depth: 0, &seen)
    }

    /// Which folder it is, whatever it is called: what keeps links from leading round in a circle.
    private struct Identity: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    private mutating func read(_ path: String, depth: Int, _ seen: inout Set<Identity>) {
        var facts = stat()
        guard depth < Self.deepest, unsafe stat(FileName.bytes(path), &facts) == 0,
            seen.insert(Identity(device: UInt64(facts.st_dev), inode: UInt64(facts.st_ino))).inserted
        else { return }
        guard let folder = unsafe opendir(FileName.bytes(path)) else {
            unread.append(Unread(path: path, reason: systemText(errno)))
            return
        }
        var names: [String] = []
        while names.count < Self.mostFiles, let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: UInt8.self, capacity: 256) { start in
                    unsafe FileName.text(UnsafeBufferPointer(start: start, count: 256).prefix { $0 != 0 })
                }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        unsafe closedir(folder)
        var folders: [String] = []
        let base = path.hasSuffix("/") ? path : path + "/"
        for name in names.sorted(by: naturallyBefore) {
            guard unsafe stat(FileName.bytes(base + name), &facts) == 0 else { continue }
            if facts.st_mode & S_IFMT == S_IFDIR {
                folders.append(base + name)
            } else if Self.extensions.contains(fileExtension(name)), files.count < Self.mostFiles {
                files.append(base + name)
            }
        }
        for folder in folders { read(folder, depth: depth + 1, &seen) }
    }
}

/// Whether a name comes before another for a person: letters without case, numbers by value, the rest by code.
func naturallyBefore(_ first: String, _ second: String) -> Bool {
    var (left, right) = (Array(first.lowercased().unicodeScalars)[...], Array(second.lowercased().unicodeScalars)[...])
    while let a = left.first, let b = right.first {
        if isDigit(a), isDigit(b) {
            let (x, y) = (number(&left), number(&right))
            if x.count != y.count { return x.count < y.count }
            if x != y { return x.lexicographicallyPrecedes(y) }
        } else if a != b {
            return a.value < b.value
        } else {
            left.removeFirst()
            right.removeFirst()
        }
    }
    if left.isEmpty != right.isEmpty { return left.isEmpty }
    // Names that differ in case or leading zeros only still have an order.
    return first < second
}

private func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

/// The digits at the beginning, which go, without leading zeros: of equal length they compare like their values.
private func number(_ text: inout ArraySlice<Unicode.Scalar>) -> [UInt32] {
    let digits = text.prefix(while: isDigit)
    text = text.dropFirst(digits.count)
    return digits.drop { $0 == "0" }.map(\.value)
}
