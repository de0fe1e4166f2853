/// Everything needed to read interleaved PCM: sample format, rate, channel count and layout.
///
/// - Thread: any.
public struct PCMFormat: Equatable, Sendable {
    public let sampleFormat: SampleFormat
    /// Frames per second, within ``Limits/rates``.
    public let rate: Int
    /// 1 to ``Limits/channels``.
    public let channels: Int
    /// `nil` when nobody said; consumers then assume ``ChannelLayout/standard(channels:)``.
    public let layout: ChannelLayout?

    /// `nil` when a value lies outside ``Limits`` or the layout has another number of channels.
    public init?(_ sampleFormat: SampleFormat, rate: Int, channels: Int, layout: ChannelLayout? = nil) {
        guard Limits.rates.contains(rate), (1...Limits.channels).contains(channels) else { return nil }
        if let layout, layout.positions.count != channels { return nil }
        self.sampleFormat = sampleFormat
        self.rate = rate
        self.channels = channels
        self.layout = layout
    }

    /// Bytes of one frame: one sample of every channel.
    public var frameBytes: Int { sampleFormat.bytesPerSample * channels }

    /// The same sound with samples stored otherwise.
    public func with(_ sampleFormat: SampleFormat) -> PCMFormat {
        PCMFormat(unchecked: sampleFormat, rate, channels, layout)
    }

    /// What reports print: `s16 48000 Hz 2 ch`.
    public var summary: String { "\(sampleFormat.name) \(rate) Hz \(channels) ch" }

    private init(unchecked sampleFormat: SampleFormat, _ rate: Int, _ channels: Int, _ layout: ChannelLayout?) {
        self.sampleFormat = sampleFormat
        self.rate = rate
        self.channels = channels
        self.layout = layout
    }
}
