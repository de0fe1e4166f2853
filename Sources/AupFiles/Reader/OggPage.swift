/// One page of an Ogg stream (RFC 3533), whole and in memory.
enum OggPage {
    /// The checksum's polynomial is 0x04C11DB7, most significant bit first, from zero.
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte) << 24) { value, _ in
            value & 0x8000_0000 != 0 ? value << 1 ^ 0x04C1_1DB7 : value << 1
        }
    }

    /// Whether a page is as it was written.
    static func isIntact(_ page: [UInt8]) -> Bool {
        var sum: UInt32 = 0
        for index in page.indices {
            let byte = (22..<26).contains(index) ? 0 : page[index]
            sum = sum << 8 ^ table[Int(UInt8(sum >> 24) ^ byte)]
        }
        return UInt64(sum) == page.little(22, 4)
    }

    /// 48 kHz frames of the packets that end on a page, by their table-of-contents bytes (RFC 6716, 3.1 and 3.2);
    /// `nil` where one is malformed. A packet that began on the page before counts as nothing: it is lost.
    static func opusFrames(_ page: [UInt8]) -> Int64? {
        let segments = Int(page[26])
        var place = 27 + segments
        var size = 0
        var frames: Int64 = 0
        var isContinued = page[5] & 1 != 0
        for segment in 0..<segments {
            let bytes = Int(page[27 + segment])
            size += bytes
            guard bytes < 255 else { continue }
            if isContinued {
                isContinued = false
            } else if size > 0 {
                guard let count = packetFrames(page, place, size) else { return nil }
                frames += count
            }
            place += size
            size = 0
        }
        return frames
    }

    private static func packetFrames(_ page: [UInt8], _ place: Int, _ size: Int) -> Int64? {
        let contents = page[place]
        let configuration = Int(contents >> 3)
        let frame: Int64 =
            switch configuration {
            case 0..<12: [480, 960, 1920, 2880][configuration % 4]
            case 12..<16: [480, 960][configuration % 2]
            default: [120, 240, 480, 960][configuration % 4]
            }
        switch contents & 3 {
        case 0: return frame
        case 1, 2: return 2 * frame
        default: return size > 1 ? Int64(page[place + 1] & 63) * frame : nil
        }
    }
}

/// The end of an Ogg file: where its last page but one ends and where the last one does.
///
/// The last page may say less than it holds (RFC 3533: the end is trimmed), and decoders that count back from its end
/// land wrong.
struct OggTail {
    let granuleBefore: Int64
    let lastGranule: Int64

    /// Two pages of the largest size and the beginning of a third.
    private static let bytes: Int64 = 3 * 65_307

    /// `nil` for what is no file, and for files of a single page.
    init?(_ input: ByteInput) {
        guard let total = input.fileBytes else { return nil }
        let start = max(0, total - Self.bytes)
        var tail = [UInt8](repeating: 0, count: Int(total - start))
        let count = unsafe tail.withUnsafeMutableBytes {
            unsafe $0.isEmpty ? 0 : input.read(at: start, into: $0.baseAddress!, count: $0.count)
        }
        var granules: [Int64] = []
        var index = 0
        while index + 27 <= count {
            guard tail.span.starts("OggS", at: index) else {
                index += 1
                continue
            }
            let segments = Int(tail[index + 26])
            guard index + 27 + segments <= count else { break }
            let length = 27 + segments + tail[(index + 27)..<(index + 27 + segments)].reduce(0) { $0 + Int($1) }
            guard index + length <= count, OggPage.isIntact(Array(tail[index..<index + length])) else {
                index += 1
                continue
            }
            let granule = Int64(bitPattern: tail.little(index + 6, 8))
            if granule >= 0 { granules.append(granule) }
            index += length
        }
        guard let last = granules.last else { return nil }
        lastGranule = last
        granuleBefore = granules.dropLast().last ?? 0
    }
}
