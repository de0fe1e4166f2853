internal import AupSound

/// Reads the header of a Sun/NeXT audio stream (`.au`, `.snd`), fed in any pieces. Source: audio(5), Sun's
/// `audio_filehdr.h`; all numbers and PCM samples are big endian.
///
///     0        4             8            12         16     20
///     | ".snd" | data offset | data bytes | encoding | rate | channels | annotation …
///
/// - Thread: any, one at a time.
public struct AUReader: Sendable {
    /// Set when the header is complete.
    public private(set) var header: SoundFileHeader?

    /// An annotation longer than this is no annotation.
    static let annotationBytes: UInt64 = 1 << 20

    private let totalBytes: UInt64?
    private var field: [UInt8] = []
    private var pending: SoundFileHeader?
    private var offset: UInt64 = 0

    /// - Parameter totalBytes: the length of the file where the input is one, `nil` for a pipe.
    public init(totalBytes: UInt64? = nil) { self.totalBytes = totalBytes }

    /// Takes bytes up to the first sample.
    ///
    /// - Returns: how many of them belonged to the header. When ``header`` is set afterwards, the rest is sound.
    public mutating func feed(_ bytes: Span<UInt8>) throws(FileError) -> Int {
        var position = 0
        while header == nil, position < bytes.count {
            if let pending {
                let step = Int(min(pending.headerBytes - offset, UInt64(bytes.count - position)))
                position += step
                offset += UInt64(step)
            } else {
                field.append(bytes[position])
                position += 1
                offset += 1
                if field.count == 24 { pending = try parse() }
            }
            if let pending, offset == pending.headerBytes { header = pending }
        }
        return position
    }

    /// The input has ended: an error when it did so inside the header.
    public func finish() throws(FileError) {
        if header == nil { throw .truncated(container: "AU", byteOffset: offset) }
    }

    private func parse() throws(FileError) -> SoundFileHeader {
        guard Array(field[0..<4]) == Array(".snd".utf8) else { throw malformed("it does not begin with .snd", 0) }
        let start = field.big(4, 4)
        guard (24...Self.annotationBytes).contains(start) else {
            throw malformed("sound at byte \(start) where 24 to \(Self.annotationBytes) are possible", 4)
        }
        let rate = Int(field.big(16, 4))
        let channels = Int(field.big(20, 4))
        let encoding = field.big(12, 4)
        guard let (sampleFormat, storage) = Self.samples(encoding) else {
            throw .unsupported(container: "AU", what: "encoding \(encoding)", byteOffset: 12)
        }
        guard Limits.rates.contains(rate) else {
            throw malformed(
                "a rate of \(rate) Hz where \(Limits.rates.lowerBound) to \(Limits.rates.upperBound) are possible", 16)
        }
        let layout = ChannelOrder.unnamed(channels)
        guard let format = PCMFormat(sampleFormat, rate: rate, channels: channels, layout: layout) else {
            throw malformed("\(channels) channels where 1 to \(Limits.channels) are possible", 20)
        }
        let stated = field.big(8, 4)
        // All ones is the format's own "unknown"; a zero in a pipe is a writer that could not go back.
        let isUnknown = stated == 0xFFFF_FFFF || (stated == 0 && totalBytes != start)
        return SoundFileHeader(
            container: .au, format: format, storage: storage, dataBytes: isUnknown ? nil : stated, headerBytes: start)
    }

    private static func samples(_ encoding: UInt64) -> (SampleFormat, SampleStorage)? {
        switch encoding {
        case 1: (.mulaw, .native)
        case 2: (.u8, .signedByte)
        case 3: (.s16, .bigEndian)
        case 4: (.s24Packed, .bigEndian)
        case 5: (.s32, .bigEndian)
        case 6: (.f32, .bigEndian)
        case 7: (.f64, .bigEndian)
        case 27: (.alaw, .native)
        default: nil
        }
    }

    private func malformed(_ what: String, _ at: UInt64) -> FileError {
        .malformed(container: "AU", what: what, byteOffset: at)
    }
}
