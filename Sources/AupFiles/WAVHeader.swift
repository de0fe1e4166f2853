public import AupSound

/// Writes WAVE headers: an endless one for a pipe, one of fixed length for a file that can turn RF64 in place.
///
///     file  | RIFF size WAVE | JUNK 28 …              | fmt … | [fact] | data size |
///     >4 GiB| RF64 ~0   WAVE | ds64 28 sizes in 64 bit | fmt … | [fact] | data ~0   |
///
/// The JUNK chunk keeps the place of ds64 as EBU Tech 3306 proposes, so growing past 4 GiB moves no sound.
///
/// - Thread: any.
public struct WAVHeader: Equatable, Sendable {
    public enum Destination: Sendable, Equatable {
        /// Nothing can be corrected later: lengths are 0xFFFFFFFF, "until the end".
        case pipe
        /// The header is written anew as the file grows.
        case file
    }

    public let destination: Destination
    /// The sound as the file holds it: ``AupSound/SampleFormat/s24`` becomes packed, channels stand in the order of
    /// the mask. Convert to this format before writing.
    public let format: PCMFormat
    /// For each channel of the file, the channel of the stream it comes from; `nil` when the order is the same.
    public let channelSources: [Int]?
    /// Length of what ``bytes(dataBytes:)`` returns, whatever the length of the sound.
    public var byteCount: Int { plainBytes + info.count }

    /// Who recorded and when. It can be changed, but neither come nor go: its room is part of ``byteCount``.
    public internal(set) var broadcast: BroadcastExtension?

    /// A whole LIST chunk; to be set before there is sound.
    var info: [UInt8]

    private let plainBytes: Int
    private let fmt: [UInt8]
    private let hasFact: Bool
    private let longFrom: UInt64

    /// Earlier than need be, because sizes close to 4 GiB are read as "until the end".
    public static let longBytes: UInt64 = 0xFFFF_0000

    /// - Parameters:
    ///   - broadcast: makes room for a `bext` chunk.
    ///   - tags: what a LIST chunk says, as far as it has names for it.
    ///   - longBytes: from which RIFF size on the header is RF64; tests make it small.
    public init(
        _ wanted: PCMFormat, for destination: Destination, broadcast: BroadcastExtension? = nil, tags: [SoundTag] = [],
        longBytes: UInt64 = Self.longBytes
    ) {
        self.destination = destination
        self.broadcast = broadcast
        info = TagPlaces.infoChunk(tags)
        longFrom = longBytes
        let stored = wanted.sampleFormat == .s24 ? wanted.with(.s24Packed) : wanted
        let order = stored.layout.flatMap { WAVChannelMask.order(of: $0) }
        if let order, let layout = stored.layout, order.sources != Array(0..<stored.channels),
            let sorted = ChannelLayout(order.sources.map { layout.positions[$0] }),
            let reordered = PCMFormat(stored.sampleFormat, rate: stored.rate, channels: stored.channels, layout: sorted)
        {
            format = reordered
            channelSources = order.sources
        } else {
            format = stored
            channelSources = nil
        }
        fmt = Self.formatChunk(format, mask: order?.mask)
        // Every format but PCM has a fact chunk; in a pipe it could only lie.
        hasFact = destination == .file && fmt[0] != UInt8(WAVFormatChunk.pcm) && fmt.count == 18
        plainBytes =
            12 + (destination == .file ? 36 : 0) + (broadcast == nil ? 0 : BroadcastExtension.byteCount) + 8 + fmt.count
            + (hasFact ? 12 : 0) + 8
    }

    /// The header of a pipe.
    public var endlessBytes: [UInt8] { bytes(dataBytes: .max) }

    /// The header of a file with so many bytes of sound, without the pad byte.
    public func bytes(dataBytes: UInt64) -> [UInt8] {
        let unknown = destination == .pipe
        let riffBytes = unknown ? 0 : UInt64(byteCount) - 8 + dataBytes + UInt64(Self.padBytes(dataBytes))
        let isLong = !unknown && riffBytes >= longFrom
        let short: (UInt64) -> UInt64 = { unknown || isLong ? 0xFFFF_FFFF : $0 }
        let frames = unknown ? 0 : dataBytes / UInt64(format.frameBytes)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount)
        bytes.appendName(isLong ? "RF64" : "RIFF")
        bytes.appendLittle(short(riffBytes), 4)
        bytes.appendName("WAVE")
        if destination == .file {
            bytes.appendName(isLong ? "ds64" : "JUNK")
            bytes.appendLittle(28, 4)
            bytes.appendLittle(isLong ? riffBytes : 0, 8)
            bytes.appendLittle(isLong ? dataBytes : 0, 8)
            bytes.appendLittle(isLong ? frames : 0, 8)
            bytes.appendLittle(0, 4)
        }
        if let broadcast { bytes += broadcast.bytes(rate: format.rate) }
        bytes.appendName("fmt ")
        bytes.appendLittle(UInt64(fmt.count), 4)
        bytes += fmt
        if hasFact {
            bytes.appendName("fact")
            bytes.appendLittle(4, 4)
            bytes.appendLittle(min(frames, 0xFFFF_FFFF), 4)
        }
        bytes += info
        bytes.appendName("data")
        bytes.appendLittle(short(dataBytes), 4)
        return bytes
    }

    /// Zero bytes that follow the sound: chunks have even lengths.
    public static func padBytes(_ dataBytes: UInt64) -> Int { Int(dataBytes % 2) }

    /// The body of the fmt chunk: 16 bytes for PCM, 18 for other codes, 40 where loudspeakers or bits need words.
    private static func formatChunk(_ format: PCMFormat, mask: UInt32?) -> [UInt8] {
        let tag =
            switch format.sampleFormat {
            case .f32, .f64: WAVFormatChunk.float
            case .alaw: WAVFormatChunk.alaw
            case .mulaw: WAVFormatChunk.mulaw
            default: WAVFormatChunk.pcm
            }
        let bits = format.sampleFormat.bytesPerSample * 8
        let isPlain = mask == nil || format.layout == ChannelLayout.standard(channels: format.channels)
        let isExtensible = format.channels > 2 || !isPlain || (mask != nil && bits > 16)
        var bytes: [UInt8] = []
        bytes.appendLittle(UInt64(isExtensible ? WAVFormatChunk.extensible : tag), 2)
        bytes.appendLittle(UInt64(format.channels), 2)
        bytes.appendLittle(UInt64(format.rate), 4)
        bytes.appendLittle(UInt64(format.rate * format.frameBytes), 4)
        bytes.appendLittle(UInt64(format.frameBytes), 2)
        bytes.appendLittle(UInt64(bits), 2)
        if isExtensible {
            bytes.appendLittle(22, 2)
            bytes.appendLittle(UInt64(bits), 2)
            bytes.appendLittle(UInt64(mask ?? 0), 4)
            bytes.appendLittle(UInt64(tag), 2)
            bytes += WAVFormatChunk.waveSubformatTail
        } else if tag != WAVFormatChunk.pcm {
            bytes.appendLittle(0, 2)
        }
        return bytes
    }
}
