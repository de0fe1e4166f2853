/// What a decoder must know before the first Opus packet: the fields of RFC 7845's identification header that
/// bear on sound, and what the sound was before it was encoded.
///
/// Opus always counts frames at 48 kHz, so every frame count here is at ``rate``.
///
/// - Thread: any.
public struct OpusConfiguration: Equatable, Sendable {
    /// Frames per second of every position and count of an Opus stream.
    public static let rate = 48_000
    /// The lengths one Opus packet may have, 2.5 to 120 ms (RFC 6716, section 2.1.4).
    public static let frameSizes = [120, 240, 480, 960, 1920, 2880, 3840, 4800, 5760]

    /// 1 to ``Limits/channels``.
    public let channels: Int
    /// Frames at 48 kHz that a decoder drops from the start (RFC 7845, section 4.2).
    public let preSkipFrames: Int
    /// Frames at 48 kHz of one packet: one of ``frameSizes``.
    public let frameSize: Int
    /// Rate of the sound before encoding; `nil` when nobody said.
    public let originalRate: Int?
    /// Sample format of the sound before encoding; `nil` when nobody said.
    public let originalFormat: SampleFormat?
    /// Opus streams inside one packet (RFC 7845, section 5.1.1).
    public let streams: Int
    /// How many of them, counted from the first, are stereo.
    public let coupledStreams: Int
    /// For each channel the decoded channel it plays; 255 plays nothing.
    public let mapping: [UInt8]
    public let layout: ChannelLayout?

    /// One mono or stereo stream; `nil` for other channel counts or a value outside its range.
    public init?(
        channels: Int, preSkipFrames: Int, frameSize: Int, originalRate: Int? = nil,
        originalFormat: SampleFormat? = nil, layout: ChannelLayout? = nil
    ) {
        guard (1...2).contains(channels) else { return nil }
        self.init(
            channels: channels, preSkipFrames: preSkipFrames, frameSize: frameSize, originalRate: originalRate,
            originalFormat: originalFormat, streams: 1, coupledStreams: channels - 1,
            mapping: Array(0..<UInt8(channels)), layout: layout)
    }

    /// `nil` when a value lies outside its range: see each property.
    public init?(
        channels: Int, preSkipFrames: Int, frameSize: Int, originalRate: Int?, originalFormat: SampleFormat?,
        streams: Int, coupledStreams: Int, mapping: [UInt8], layout: ChannelLayout?
    ) {
        guard (1...Limits.channels).contains(channels), (0...Int(UInt16.max)).contains(preSkipFrames),
            Self.frameSizes.contains(frameSize), originalRate.map(Limits.rates.contains) ?? true,
            (1...255).contains(streams), (0...streams).contains(coupledStreams), streams + coupledStreams <= 255,
            mapping.count == channels, mapping.allSatisfy({ $0 == 255 || Int($0) < streams + coupledStreams }),
            layout.map({ $0.positions.count == channels }) ?? true
        else { return nil }
        self.channels = channels
        self.preSkipFrames = preSkipFrames
        self.frameSize = frameSize
        self.originalRate = originalRate
        self.originalFormat = originalFormat
        self.streams = streams
        self.coupledStreams = coupledStreams
        self.mapping = mapping
        self.layout = layout
    }
}
