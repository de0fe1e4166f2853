internal import AupSound

/// What a FLAC recording says about its sound: comments of any key, and pictures. libsndfile has nine keys and no
/// picture, so these blocks are put behind what libFLAC has written, before the first frame.
///
///     "fLaC" STREAMINFO VORBIS_COMMENT   →   "fLaC" STREAMINFO VORBIS_COMMENT PICTURE …   frames
///
/// Source: RFC 9639, section 8.
///
/// - Thread: any; a plain value.
struct FLACMetadata {
    private var comments: [SoundTag] = []
    private var pictures: [[UInt8]] = []

    private static let streamInfoBytes = 42
    /// What 24 bits hold.
    private static let mostBytes = 0xFF_FFFF

    init(_ tags: [SoundTag]) {
        var room = Self.mostBytes - 1024
        for tag in tags {
            if tag.hasKey("METADATA_BLOCK_PICTURE"), let picture = Self.picture(tag.value) {
                pictures.append(picture)
            } else if tag.text.utf8.count + 4 <= room {
                room -= tag.text.utf8.count + 4
                comments.append(tag)
            }
        }
    }

    /// The first bytes of a file in which no frame is.
    static func streamInfo(_ format: PCMFormat) -> [UInt8] {
        let bits: UInt64 =
            switch format.sampleFormat {
            case .u8: 8
            case .s16: 16
            default: 24
            }
        var bytes = Array("fLaC".utf8) + [0, 0, 0, 34]
        // Frames of a block, at least and at most; bytes of one, which there is none of.
        bytes.appendBig(4096, 2)
        bytes.appendBig(4096, 2)
        bytes.appendBig(0, 6)
        bytes.appendBig(UInt64(format.rate) << 44 | UInt64(format.channels - 1) << 41 | (bits - 1) << 36, 8)
        // MD5 of nothing, RFC 1321.
        bytes.appendBig(0xD41D_8CD9_8F00_B204, 8)
        bytes.appendBig(0xE980_0998_ECF8_427E, 8)
        return bytes
    }

    /// The beginning of a file with these blocks in it.
    ///
    /// - Parameter old: all that is in the file; `nil` where that is not what libFLAC writes before the first frame.
    func header(_ old: [UInt8]) -> [UInt8]? {
        guard old.count >= Self.streamInfoBytes, old.span.starts("fLaC", at: 0), old[4] & 0x7F == 0 else { return nil }
        var list = CommentList(vendor: "aup")
        var place = Self.streamInfoBytes
        while place + 4 <= old.count {
            let end = place + 4 + Int(old.big(place + 1, 3))
            guard end <= old.count else { return nil }
            if old[place] & 0x7F == 4, let found = CommentList(old[(place + 4)..<end]) { list.vendor = found.vendor }
            place = end
        }
        guard place == old.count else { return nil }
        list.comments = comments.map { Array($0.text.utf8) }
        var header = Array(old[..<Self.streamInfoBytes])
        header[4] = 0
        let bodies = [list.bytes] + pictures
        for (number, body) in bodies.enumerated() {
            header.append((number == 0 ? 4 : 6) | (number == bodies.count - 1 ? 0x80 : 0))
            header.appendBig(UInt64(body.count), 3)
            header += body
        }
        return header
    }

    /// The block that a comment holds in base64; `nil` where it is none, and stays a comment.
    static func picture(_ text: String) -> [UInt8]? {
        guard let block = decoded(text), block.count <= mostBytes else { return nil }
        var place = 4
        // The kind of file and a description; then four numbers, and the picture itself.
        for before in [0, 0, 16] {
            guard place + before + 4 <= block.count else { return nil }
            place += before + 4 + Int(block.big(place + before, 4))
        }
        return place == block.count ? block : nil
    }

    /// RFC 4648, section 4.
    private static func decoded(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 4 * 3)
        var (word, bits, padding) = (0, 0, 0)
        for letter in text.utf8 {
            let value: UInt8
            switch letter {
            case 0x41...0x5A: value = letter - 0x41
            case 0x61...0x7A: value = letter - 0x61 + 26
            case 0x30...0x39: value = letter - 0x30 + 52
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            case UInt8(ascii: "="):
                padding += 1
                continue
            default: return nil
            }
            guard padding == 0 else { return nil }
            word = (word << 6 | Int(value)) & 0xFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: word >> bits))
            }
        }
        return text.utf8.count % 4 == 0 && padding <= 2 ? bytes : nil
    }
}
