public import AupSound

/// How a container stores samples, as far as it differs from aup's little endian.
///
/// - Thread: any.
public enum SampleStorage: Sendable, Equatable {
    /// As aup has them.
    case native
    /// Most significant byte first (AU).
    case bigEndian
    /// 8 bit signed where aup has unsigned (AU).
    case signedByte

    /// Turns stored samples into aup's, or aup's into stored ones: the step is its own inverse.
    ///
    /// - Parameter bytes: whole samples, changed in place; bytes of an incomplete last sample stay as they are.
    public func convert(_ bytes: UnsafeMutableRawBufferPointer, _ format: SampleFormat) {
        switch self {
        case .native: return
        case .signedByte:
            for index in bytes.indices { unsafe bytes[index] ^= 0x80 }
        case .bigEndian:
            switch format.bytesPerSample {
            case 2: unsafe Self.swap(bytes, UInt16.self)
            case 3:
                for start in stride(from: 0, through: bytes.count - 3, by: 3) { unsafe bytes.swapAt(start, start + 2) }
            case 4: unsafe Self.swap(bytes, UInt32.self)
            case 8: unsafe Self.swap(bytes, UInt64.self)
            default: return
            }
        }
    }

    @inline(__always)
    private static func swap<Word: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeMutableRawBufferPointer, _ word: Word.Type
    ) {
        let width = MemoryLayout<Word>.size
        var start = 0
        while start + width <= bytes.count {
            // Unaligned because nobody promises where a pipe's buffer begins.
            let stored = unsafe bytes.loadUnaligned(fromByteOffset: start, as: Word.self)
            unsafe bytes.storeBytes(of: stored.byteSwapped, toByteOffset: start, as: Word.self)
            start += width
        }
    }
}
