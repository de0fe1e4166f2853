internal import AupSound

/// What an `m3u` or `m3u8` playlist lists.
///
///     #EXTM3U
///     #EXTINF:215,Artist - Title          a title, for the entry that follows
///     # any other comment
///     CD 1/01.flac                        relative to the playlist's own folder
///     /music/02.flac
///     file:///music/03%20x.flac
///
/// There is no standard: this is what Winamp began and VLC, mpv and foobar2000 write. Lines are UTF-8; where they are not,
/// a name may be Latin-1 or the very bytes of a file's, which only a look at the disk can tell; CR, LF and CRLF end them. `#EXT-X-` belongs to HTTP Live Streaming (RFC 8216), which is something else.
///
/// - Thread: any.
public struct PlaylistFile: Equatable, Sendable {
    public struct Entry: Equatable, Sendable {
        /// The path as it is to be opened, or what the line says where ``isRemote``.
        public var path: String
        /// The path byte for byte (``FileName``), where its line is no UTF-8 and ``path`` was read as Latin-1.
        public var pathAsWritten: String?
        /// What `#EXTINF` says.
        public var title: String?
        /// The entry is somewhere on a network.
        public var isRemote = false

        public init(path: String, pathAsWritten: String? = nil, title: String? = nil, isRemote: Bool = false) {
            self.path = path
            self.pathAsWritten = pathAsWritten
            self.title = title
            self.isRemote = isRemote
        }
    }

    /// A list of segments of a network stream, in the clothes of a playlist.
    public private(set) var isSegmentList = false
    public private(set) var entries: [Entry] = []
    /// Lines that are too long for a path, or entries beyond the limit.
    public private(set) var refusedLines = 0

    /// A playlist longer than this is none.
    public static let largestBytes = 16 << 20
    public static let mostEntries = 100_000
    /// What Linux takes as a path (PATH_MAX).
    public static let pathBytes = 4096

    /// Whether a name says that it is a playlist.
    public static func isNamed(_ path: String) -> Bool {
        ["m3u", "m3u8"].contains(fileExtension(path))
    }

    /// - Parameter folder: the playlist's own, without a slash at its end; empty for the working folder.
    public init(_ bytes: [UInt8], folder: String) {
        var rest = bytes[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        var title: String?
        for line in rest.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            guard line.count <= Self.pathBytes, entries.count < Self.mostEntries else {
                refusedLines += 1
                continue
            }
            let text = Self.trimmed(Self.text(line))
            if text.hasPrefix("#EXT-X-") {
                isSegmentList = true
            } else if text.hasPrefix("#EXTINF:") {
                title = Self.title(text.dropFirst(8)) ?? title
            } else if !text.isEmpty, !text.hasPrefix("#") {
                var entry = Self.entry(text, title, folder)
                let written = Self.entry(Self.trimmed(FileName.text(line)), nil, folder)
                if let path = written.pathAsWritten ?? (written.path == entry.path ? nil : written.path) {
                    entry.pathAsWritten = path
                }
                entries.append(entry)
                title = nil
            }
        }
    }

    private static func entry(_ text: String, _ title: String?, _ folder: String) -> Entry {
        if let scheme = text.firstRange(of: "://"), text[..<scheme.lowerBound].allSatisfy(isOfScheme) {
            guard text.lowercased().hasPrefix("file://") else { return Entry(path: text, title: title, isRemote: true) }
            // Whatever host is named, files are looked for here.
            let bytes = decoded(text[scheme.upperBound...].drop { $0 != "/" })
            let (path, written) = (self.text(bytes[...]), FileName.text(bytes))
            return Entry(path: path, pathAsWritten: written == path ? nil : written, title: title)
        }
        // Written on Windows: no name on Linux that a player made has a backslash and no slash.
        let path = text.contains("\\") && !text.contains("/") ? text.replacing("\\", with: "/") : text
        return Entry(path: path.hasPrefix("/") || folder.isEmpty ? path : "\(folder)/\(path)", title: title)
    }

    private static func isOfScheme(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "+-.".contains(character))
    }

    /// `215,Title` and `-1 tvg-id="a,b",Title`: what follows the first comma outside of quotes.
    private static func title(_ text: Substring) -> String? {
        var isQuoted = false
        for index in text.indices {
            if text[index] == "\"" { isQuoted.toggle() }
            if text[index] == ",", !isQuoted {
                let title = trimmed(String(text[text.index(after: index)...]))
                return title.isEmpty ? nil : title
            }
        }
        return nil
    }

    /// Percent-encoding (RFC 3986, section 2.1) undone; what is none stays.
    private static func decoded(_ text: Substring) -> [UInt8] {
        let bytes = FileName.bytes(String(text)).dropLast().map { UInt8(bitPattern: $0) }
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x25, index + 2 < bytes.count,
                let byte = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
            {
                result.append(byte)
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(validating: bytes, as: UTF8.self)
            ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    private static func trimmed(_ text: String) -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = text.drop(while: isBlank)
        return String(start[..<(start.lastIndex { !isBlank($0) }.map(start.index(after:)) ?? start.startIndex)])
    }
}

/// What stands behind the last point of a path's last name, in small letters; empty where there is none.
func fileExtension(_ path: String) -> String {
    let name = path.split(separator: "/", omittingEmptySubsequences: true).last ?? ""
    guard let point = name.lastIndex(of: "."), point != name.startIndex else { return "" }
    return name[name.index(after: point)...].lowercased()
}
