internal import AupSound

/// Reads the fields of a control packet's payload and names the byte at which one is wrong.
///
/// The view it holds is the decoder's buffer: it must not outlive the call it was made in.
@safe struct PayloadReader {
    private let bytes: UnsafeRawBufferPointer
    /// Where the payload begins in the input.
    private let offset: UInt64

    init(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) {
        unsafe self.bytes = bytes
        self.offset = offset
    }

    var count: Int { unsafe bytes.count }

    func error(_ rule: WireRule, _ index: Int, _ what: String) -> WireError {
        WireError(rule, at: offset + UInt64(index), what)
    }

    func need(_ size: Int, _ rule: WireRule, _ name: String) throws(WireError) {
        guard count >= size else {
            throw error(rule, count, "\(name) of \(count) bytes, \(size) is the least")
        }
    }

    // The callers have asked `need`, and the subscript and the loads trap rather than read outside.
    func byte(_ index: Int) -> UInt8 { unsafe bytes[index] }
    func half(_ index: Int) -> UInt16 {
        UInt16(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt16.self))
    }
    func word(_ index: Int) -> UInt32 {
        UInt32(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self))
    }
    func long(_ index: Int) -> UInt64 {
        UInt64(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    func zeros(_ range: Range<Int>) throws(WireError) {
        for index in range where byte(index) != 0 { throw error(.reserved, index, "a reserved byte is not zero") }
    }

    /// The rest of the payload as text.
    func text(from index: Int) throws(WireError) -> String {
        guard let text = unsafe WireText.read(UnsafeRawBufferPointer(rebasing: bytes[index...])) else {
            throw error(.text, index, "text that is not plain UTF-8 of at most \(Limits.stringBytes) bytes")
        }
        return text
    }

    /// A count of frames that a packet at `position` may move the stream by.
    func frames(_ index: Int, at position: Int64, _ rule: WireRule) throws(WireError) -> Int64 {
        let frames = long(index)
        guard frames > 0 else { throw error(rule, index, "a count of no frames") }
        guard frames <= UInt64(WireLimits.position - position) else {
            throw error(.positionLimit, index, "\(frames) frames at position \(position) pass the last position, 2^53")
        }
        return Int64(frames)
    }
}

extension [UInt8] {
    /// Stores an integer with its least significant byte first.
    mutating func store(_ value: some FixedWidthInteger, at index: Int) {
        for byte in 0..<value.bitWidth / 8 { self[index + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
    }
}
