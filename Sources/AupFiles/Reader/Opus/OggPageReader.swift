/// The pages of an Ogg stream in their order, each as it was written: what is damaged is passed over and said with the
/// next one.
///
/// No byte is asked for before it is needed, so that a page of a live pipe comes as soon as it is whole.
///
/// - Thread: one at a time, that of the decoder.
struct OggPageReader {
    private let input: ByteInput
    /// Where the first byte that is held lies in the input.
    private var place: Int64
    private var held: [UInt8] = []
    private var used = 0
    /// The input ended in the midst of a page.
    private(set) var isTorn = false
    /// Behind the last byte that was read.
    var end: Int64 { place + Int64(held.count) }

    /// Of a file so much is read at once.
    private static let chunkBytes = 32 << 10

    init(_ input: ByteInput, at place: Int64 = 0) {
        self.input = input
        self.place = place
    }

    /// `nil` at the end of the input.
    mutating func next() -> OggStreamPage? {
        var isBehindDamage = false
        while true {
            guard hold(27) else {
                isTorn = isTorn || (!isBehindDamage && OggPage.begins(held[used...]))
                return nil
            }
            guard held.span.starts("OggS", at: used), held[used + 4] == 0 else {
                isBehindDamage = true
                skip()
                continue
            }
            let segments = Int(held[used + 26])
            guard hold(27 + segments), let length = OggPage.length(held, at: used), hold(length) else {
                // The input ends in the middle of it; or what looks like a page is none, and there are some behind it.
                isTorn = true
                guard used + 28 < held.count else { return nil }
                isBehindDamage = true
                skip()
                continue
            }
            let bytes = Array(held[used..<used + length])
            guard OggPage.isIntact(bytes) else {
                isBehindDamage = true
                skip()
                continue
            }
            let page = OggStreamPage(bytes: bytes, place: place + Int64(used), isBehindDamage: isBehindDamage)
            used += length
            isTorn = false
            return page
        }
    }

    /// Goes on to where the next page may begin.
    private mutating func skip() {
        used += 1
        while used < held.count, held[used] != 0x4F { used += 1 }
    }

    /// Whether so many bytes are there.
    private mutating func hold(_ count: Int) -> Bool {
        if used + count <= held.count { return true }
        if used > 0 {
            held.removeFirst(used)
            place += Int64(used)
            used = 0
        }
        while held.count < count {
            let missing = count - held.count
            let asked = input.fileBytes == nil ? missing : max(missing, Self.chunkBytes)
            let before = held.count
            held.append(contentsOf: repeatElement(0, count: asked))
            let taken = unsafe held.withUnsafeMutableBytes {
                unsafe input.read(at: place + Int64(before), into: $0.baseAddress! + before, count: asked)
            }
            held.removeLast(asked - max(taken, 0))
            if taken <= 0 { return false }
        }
        return true
    }
}

/// A page that is as it was written.
///
///     "OggS" version type granule(8) serial(4) number(4) checksum(4) segments(1) lacing … packets …
///
/// Source: RFC 3533, section 6.
struct OggStreamPage {
    let bytes: [UInt8]
    /// Where it lies in the input.
    let place: Int64
    /// Bytes before it were no page.
    let isBehindDamage: Bool

    /// Its first packet began on the page before.
    var isContinued: Bool { bytes[5] & 1 != 0 }
    var isFirst: Bool { bytes[5] & 2 != 0 }
    var isLast: Bool { bytes[5] & 4 != 0 }
    /// The position behind the last packet that ends on it; -1 where none does.
    var granule: Int64 { Int64(bitPattern: bytes.little(6, 8)) }
    var serial: UInt64 { bytes.little(14, 4) }
    var number: UInt64 { bytes.little(18, 4) }
    var segments: Int { Int(bytes[26]) }
    var body: Int { 27 + segments }
}
