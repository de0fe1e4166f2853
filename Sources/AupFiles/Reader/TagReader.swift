internal import AupSound

/// What files say about their sound in words, as far as it is kept.
struct FoundTags {
    var tags: [SoundTag] = []
    /// How many were longer than anybody keeps, or too many.
    var leftOut = 0

    mutating func add(_ tag: SoundTag?) {
        if let tag, tags.count < SoundTag.mostTags { tags.append(tag) } else { leftOut += 1 }
    }
}

/// Finds the tags of FLAC and Ogg files, all of them: libsndfile knows ten keys and no pictures.
///
/// Read before the decoder is, because of a pipe the beginning is kept only as long as the header is looked for. What is
/// damaged ends the search and nothing else.
///
/// Sources: RFC 9639, 8 (FLAC's metadata); Vorbis I specification, 5 (comments); RFC 7845, 5.2 (OpusTags).
enum TagReader {
    /// A base64 picture and all the words beside it.
    private static let headerBytes = 2 * SoundTag.longestValue
    private static let blocks = 256

    /// - Parameter start: where `fLaC` is: behind an ID3 tag, now and then.
    static func flac(_ input: ByteInput, at start: Int64 = 0) -> FoundTags {
        var found = FoundTags()
        var place = start + 4
        for _ in 0..<blocks {
            guard let head = bytes(input, at: place, count: 4) else { break }
            let length = Int(head.big(1, 3))
            switch head[0] & 0x7F {
            case 4:
                guard length <= headerBytes, let body = bytes(input, at: place + 4, count: length) else { return found }
                comments(body[...], &found)
            case 6:
                // In base64 it grows by a third.
                guard length / 3 * 4 + 4 <= SoundTag.longestValue else {
                    found.leftOut += 1
                    break
                }
                guard let body = bytes(input, at: place + 4, count: length) else { return found }
                found.add(SoundTag("METADATA_BLOCK_PICTURE", base64(body)))
            default: break
            }
            if head[0] & 0x80 != 0 { break }
            place += 4 + Int64(length)
        }
        return found
    }

    static func ogg(_ input: ByteInput) -> FoundTags {
        var found = FoundTags()
        guard let packet = secondPacket(input) else { return found }
        // What stands before the comments, by codec: a block header of FLAC in Ogg is no name.
        if packet.span.starts("OpusTags", at: 0) {
            comments(packet[8...], &found)
        } else if packet.count > 7, packet[0] == 3, packet.span.starts("vorbis", at: 1) {
            comments(packet[7...], &found)
        } else if packet.count > 4, packet[0] & 0x7F == 4 {
            comments(packet[4...], &found)
        }
        return found
    }

    /// The second packet of the first stream; other streams may begin between its pages.
    private static func secondPacket(_ input: ByteInput) -> [UInt8]? {
        var place: Int64 = 0
        var serial: UInt64?
        var packets = 0
        var packet: [UInt8] = []
        while place < Int64(headerBytes) {
            guard let head = bytes(input, at: place, count: 27), head.span.starts("OggS", at: 0),
                let laces = bytes(input, at: place + 27, count: Int(head[26]))
            else { return nil }
            let length = laces.reduce(0) { $0 + Int($1) }
            let own = head.little(14, 4)
            serial = serial ?? own
            if own == serial {
                guard let body = bytes(input, at: place + 27 + Int64(laces.count), count: length) else { return nil }
                var start = 0
                for lace in laces {
                    if packets == 1 { packet += body[start..<start + Int(lace)] }
                    start += Int(lace)
                    if lace < 255 { packets += 1 }
                    if packets == 2 { return packet }
                }
            }
            place += 27 + Int64(laces.count + length)
        }
        return nil
    }

    /// Vorbis comments: a vendor's name, then as many `KEY=VALUE` as it says, each with its length before it.
    static func comments(_ bytes: ArraySlice<UInt8>, _ found: inout FoundTags) {
        var rest = bytes
        func number() -> Int? {
            guard rest.count >= 4 else { return nil }
            defer { rest = rest.dropFirst(4) }
            return Int(Array(rest.prefix(4)).little(0, 4))
        }
        guard let vendor = number(), vendor <= rest.count else { return }
        rest = rest.dropFirst(vendor)
        guard let count = number() else { return }
        for _ in 0..<min(count, rest.count / 4) {
            guard let length = number(), length <= rest.count else { return }
            let text = rest.prefix(length)
            rest = rest.dropFirst(length)
            guard length <= SoundTag.longestValue + Limits.stringBytes else {
                found.leftOut += 1
                continue
            }
            found.add(SoundTag(String(decoding: text, as: UTF8.self)))
        }
    }

    private static func bytes(_ input: ByteInput, at place: Int64, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        guard count > 0 else { return bytes }
        let taken = unsafe bytes.withUnsafeMutableBytes {
            unsafe input.read(at: place, into: $0.baseAddress!, count: count)
        }
        return taken == count ? bytes : nil
    }

    /// RFC 4648, section 4.
    static func base64(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var word = 0
            for index in 0..<3 { word = word << 8 | (index < count ? Int(bytes[start + index]) : 0) }
            for index in 0..<4 {
                text.append(index <= count ? letters[word >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
