/// One page of an Ogg stream (RFC 3533), whole and in memory.
enum OggPage {
    /// The checksum's polynomial is 0x04C11DB7, most significant bit first, from zero.
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte) << 24) { value, _ in
            value & 0x8000_0000 != 0 ? value << 1 ^ 0x04C1_1DB7 : value << 1
        }
    }

    /// Whether a page is as it was written.
    static func isIntact(_ page: [UInt8]) -> Bool { UInt64(checksum(page)) == page.little(22, 4) }

    /// Says in a page that its stream ends there.
    static func markEnd(_ page: inout [UInt8]) {
        page[5] |= endFlag
        seal(&page)
    }

    /// Gives a page the checksum of what it says now.
    static func seal(_ page: inout [UInt8]) {
        let sum = checksum(page)
        for index in 0..<4 { page[22 + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index))) }
    }

    static let endFlag: UInt8 = 4

    /// Of all bytes, with zeros in its own place.
    private static func checksum(_ page: [UInt8]) -> UInt32 {
        var sum: UInt32 = 0
        for index in page.indices {
            let byte = (22..<26).contains(index) ? 0 : page[index]
            sum = sum << 8 ^ table[Int(UInt8(sum >> 24) ^ byte)]
        }
        return sum
    }

    /// Whether the page that lies right before a place in a file is as it was written.
    static func isIntact(before place: Int64, in input: ByteInput) -> Bool {
        let length = Int(min(place, mostBytes))
        var bytes = [UInt8](repeating: 0, count: length)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe $0.isEmpty ? 0 : input.peek(at: place - Int64(length), into: $0.baseAddress!, count: length)
        }
        guard count == length else { return false }
        for start in stride(from: length - 27, through: 0, by: -1) where bytes.span.starts("OggS", at: start) {
            if let end = self.length(bytes, at: start), start + end == length, isIntact(Array(bytes[start...])) {
                return true
            }
        }
        return false
    }

    /// Whether some bytes are the beginning of a page, however few there are.
    static func begins(_ bytes: ArraySlice<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.prefix(4).elementsEqual("OggS".utf8.prefix(bytes.count))
    }

    /// Bytes of the page that begins at a place; `nil` when its header is not all there, or none.
    static func length(_ bytes: [UInt8], at start: Int) -> Int? {
        guard start + 27 <= bytes.count, bytes.span.starts("OggS", at: start) else { return nil }
        let segments = Int(bytes[start + 26])
        guard start + 27 + segments <= bytes.count else { return nil }
        return 27 + segments + bytes[(start + 27)..<(start + 27 + segments)].reduce(0) { $0 + Int($1) }
    }

    /// A page is no longer (RFC 3533, section 6).
    static let mostBytes: Int64 = 65_307
}

/// The end of an Ogg file: where its last page but one ends and where the last one does.
///
/// The last page may say less than it holds (RFC 3533: the end is trimmed), and decoders that count back from its end
/// land wrong.
struct OggTail {
    let granuleBefore: Int64
    let lastGranule: Int64
    /// Behind the last page another one begins, and the file ends in the midst of it.
    let isTorn: Bool

    /// Two pages of the largest size and the beginning of a third.
    private static let bytes: Int64 = 3 * OggPage.mostBytes

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
        var end = 0
        while index + 27 <= count {
            guard tail.span.starts("OggS", at: index) else {
                index += 1
                continue
            }
            guard let length = OggPage.length(tail, at: index) else { break }
            guard index + length <= count, OggPage.isIntact(Array(tail[index..<index + length])) else {
                index += 1
                continue
            }
            let granule = Int64(bitPattern: tail.little(index + 6, 8))
            if granule >= 0 { granules.append(granule) }
            index += length
            end = index
        }
        guard let last = granules.last else { return nil }
        lastGranule = last
        granuleBefore = granules.dropLast().last ?? 0
        isTorn =
            OggPage.begins(tail[end..<count]) && (OggPage.length(tail, at: end).map { end + $0 > count } ?? true)
    }
}
