public import AupSound

/// Writes Sun/NeXT audio headers (``AUReader`` shows the layout): endless for a pipe, exact for a file below 4 GiB.
///
/// - Thread: any.
public struct AUHeader: Equatable, Sendable {
    /// The sound before ``storage`` is applied: ``AupSound/SampleFormat/s24`` becomes packed, channels stand in WAV's
    /// order, which readers take for granted.
    public let format: PCMFormat
    /// For each channel of the file, the channel of the stream it comes from; `nil` when the order is the same.
    public let channelSources: [Int]?
    /// What ``SampleStorage/convert(_:_:)`` must do to samples before they are written.
    public let storage: SampleStorage
    /// 24 of header and 8 of empty annotation, because some readers want one and it keeps samples aligned.
    public let byteCount = 32

    public init(_ wanted: PCMFormat) {
        let stored = wanted.sampleFormat == .s24 ? wanted.with(.s24Packed) : wanted
        let order = ChannelOrder(stored, in: ChannelOrder.wav(stored.channels), orByMask: true)
        (format, channelSources) = (order?.format ?? stored, order?.sources)
        storage =
            switch format.sampleFormat {
            case .alaw, .mulaw: .native
            case .u8: .signedByte
            default: .bigEndian
            }
    }

    /// The header of a pipe: the format's own "length unknown".
    public var endlessBytes: [UInt8] { bytes(dataBytes: nil) }

    /// - Parameter dataBytes: bytes of sound; unknown, or more than 32 bits hold, is written as "until the end".
    public func bytes(dataBytes: UInt64?) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount)
        bytes.appendName(".snd")
        bytes.appendBig(UInt64(byteCount), 4)
        bytes.appendBig(min(dataBytes ?? .max, 0xFFFF_FFFF), 4)
        bytes.appendBig(encoding, 4)
        bytes.appendBig(UInt64(format.rate), 4)
        bytes.appendBig(UInt64(format.channels), 4)
        bytes.appendBig(0, 8)
        return bytes
    }

    private var encoding: UInt64 {
        switch format.sampleFormat {
        case .mulaw: 1
        case .u8: 2
        case .s16: 3
        case .s24, .s24Packed: 4
        case .s32: 5
        case .f32: 6
        case .f64: 7
        case .alaw: 27
        }
    }
}
