public import AupSound

/// What the format packet says: how to read the audio packets after it, and where they come from.
///
/// - Thread: any.
public struct StreamDescription: Equatable, Sendable {
    /// How the sound of an audio packet is stored.
    public enum Coding: Equatable, Sendable {
        /// Interleaved samples.
        case pcm(PCMFormat)
        /// One Opus packet in each audio packet; every frame counts at 48 kHz.
        case opus(OpusConfiguration)
    }

    /// Rate and sample format of sound before it was changed for the way.
    public struct OriginalSound: Equatable, Sendable {
        public var rate: Int?
        public var sampleFormat: SampleFormat?

        public init(rate: Int?, sampleFormat: SampleFormat?) {
            self.rate = rate
            self.sampleFormat = sampleFormat
        }
    }

    public var coding: Coding
    /// Whether a clock paces the source. A live stream is followed, any other is pulled at will.
    public var isLive: Bool
    /// Which clock the capture times were read from.
    public var clock: ClockIdentity
    /// What the sound comes from, for people: a device's or a file's name. May be empty.
    public var source: String
    /// What the samples were before this process decoded or resampled them, where that is known; it does not travel.
    public var original: OriginalSound?

    public init(coding: Coding, isLive: Bool = false, clock: ClockIdentity = .none, source: String = "") {
        self.coding = coding
        self.isLive = isLive
        self.clock = clock
        self.source = source
    }

    public init(_ format: PCMFormat, isLive: Bool = false, clock: ClockIdentity = .none, source: String = "") {
        self.init(coding: .pcm(format), isLive: isLive, clock: clock, source: source)
    }

    /// The format of PCM; `nil` for a codec.
    public var pcm: PCMFormat? {
        if case .pcm(let format) = coding { format } else { nil }
    }

    /// Frames per second of positions and counts.
    public var rate: Int {
        switch coding {
        case .pcm(let format): format.rate
        case .opus: OpusConfiguration.rate
        }
    }

    public var channels: Int {
        switch coding {
        case .pcm(let format): format.channels
        case .opus(let configuration): configuration.channels
        }
    }

    public var layout: ChannelLayout? {
        switch coding {
        case .pcm(let format): format.layout
        case .opus(let configuration): configuration.layout
        }
    }

    /// What reports print: `s16 48000 Hz 2 ch`.
    public var summary: String {
        switch coding {
        case .pcm(let format): format.summary
        case .opus(let configuration): "opus \(OpusConfiguration.rate) Hz \(configuration.channels) ch"
        }
    }
}
