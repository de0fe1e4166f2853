internal import AupSound

/// What a `fmt ` chunk says, checked against itself and against ``AupSound/Limits`` before anybody believes it.
///
///     0     2          4      8              12      14      16     18        20     24        40
///     | tag | channels | rate | bytes/second | block | bits | size | valid   | mask | subformat |
struct WAVFormatChunk: Sendable {
    let format: PCMFormat

    /// - Parameters:
    ///   - bytes: the first 16 to 40 bytes of the chunk.
    ///   - byteOffset: where the chunk's body lies in the input, for messages.
    init(_ bytes: [UInt8], byteOffset: UInt64) throws(FileError) {
        func malformed(_ what: String, _ field: UInt64) -> FileError {
            .malformed(container: "WAV", what: what, byteOffset: byteOffset + field)
        }
        var tag = Int(bytes.little(0, 2))
        let channels = Int(bytes.little(2, 2))
        let rate = Int(bytes.little(4, 4))
        let blockBytes = Int(bytes.little(12, 2))
        let bits = Int(bytes.little(14, 2))
        guard (1...Limits.channels).contains(channels) else {
            throw malformed("\(channels) channels where 1 to \(Limits.channels) are possible", 2)
        }
        guard Limits.rates.contains(rate) else {
            throw malformed(
                "a rate of \(rate) Hz where \(Limits.rates.lowerBound) to \(Limits.rates.upperBound) are possible", 4)
        }
        var layout: ChannelLayout?
        let isExtensible = tag == Self.extensible
        if isExtensible {
            guard bytes.count >= 40 else {
                throw malformed("an extensible fmt chunk of \(bytes.count) bytes where 40 are the least", 0)
            }
            guard Array(bytes[26..<40]) == Self.waveSubformatTail else {
                throw .unsupported(
                    container: "WAV", what: "an extensible subformat that is no WAVE format",
                    byteOffset: byteOffset + 24)
            }
            tag = Int(bytes.little(24, 2))
            layout = WAVChannelMask.layout(mask: UInt32(bytes.little(20, 4)), channels: channels)
        } else {
            // A chunk without a mask cannot say it, and everybody means the usual loudspeakers in WAV's order; a mask of 0
            // says that nobody knows.
            layout = ChannelOrder.unnamed(channels)
        }
        guard blockBytes > 0, blockBytes % channels == 0 else {
            throw malformed("frames of \(blockBytes) bytes do not hold \(channels) channels", 12)
        }
        let sample = blockBytes / channels
        let sampleFormat: SampleFormat
        switch (tag, sample) {
        case (Self.pcm, _) where bits < 1 || bits > sample * 8:
            throw malformed("\(bits) bits in samples of \(sample) bytes", 14)
        case (Self.pcm, 1): sampleFormat = .u8
        case (Self.pcm, 2): sampleFormat = .s16
        case (Self.pcm, 3): sampleFormat = .s24Packed
        // 24 bits in four bytes lie low: alsa-utils writes and reads ALSA's S24_LE so. An extensible chunk that
        // states a container of 32 bits holds them high, which is simply 32 bit.
        case (Self.pcm, 4): sampleFormat = bits == 24 ? .s24 : .s32
        case (Self.float, 4) where bits == 32: sampleFormat = .f32
        case (Self.float, 8) where bits == 64: sampleFormat = .f64
        case (Self.alaw, 1): sampleFormat = .alaw
        case (Self.mulaw, 1): sampleFormat = .mulaw
        default:
            throw .unsupported(
                container: "WAV", what: "\(Self.name(tag)) with \(bits) bits in \(sample) bytes a sample",
                byteOffset: byteOffset)
        }
        guard let format = PCMFormat(sampleFormat, rate: rate, channels: channels, layout: layout) else {
            throw malformed("\(channels) channels at \(rate) Hz", 2)
        }
        self.format = format
    }

    static let pcm = 1
    static let float = 3
    static let alaw = 6
    static let mulaw = 7
    static let extensible = 0xFFFE

    /// The last 14 bytes of every `KSDATAFORMAT_SUBTYPE` GUID that stands for a plain format tag.
    static let waveSubformatTail: [UInt8] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]

    private static func name(_ tag: Int) -> String {
        switch tag {
        case pcm: "PCM"
        case float: "floating point"
        case 2: "Microsoft ADPCM"
        case 0x11: "IMA ADPCM"
        case 0x31: "GSM 6.10"
        case 0x55: "MP3"
        case 0x160...0x163: "Windows Media Audio"
        default: "format tag \(tag)"
        }
    }
}
