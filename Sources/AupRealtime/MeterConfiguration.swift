public import AupSound

/// What a ``SoundMeter`` is to measure, and by which limits.
public struct MeterConfiguration: Sendable {
    /// Rates loudness is defined for.
    public static let rates = 8_000...768_000

    public var format: SampleFormat
    public var rate: Int
    public var layout: ChannelLayout
    /// A single channel that will be played by two loudspeakers counts twice: 3 LU more.
    public var isDualMono = false
    /// Whether peaks between samples are looked for.
    public var measuresTruePeak = true
    /// Samples of at least this magnitude are clipped. What the format can hold at most, by default, which for floats
    /// is full scale.
    public var clipLevel: Float
    /// Silence is where no sample of any channel exceeds this level, dBFS.
    public var silenceDecibels = -60.0

    public init(format: SampleFormat, rate: Int, layout: ChannelLayout) {
        self.format = format
        self.rate = rate
        self.layout = layout
        clipLevel = Self.highest(of: format)
    }

    /// The largest positive value of a format, as a float.
    private static func highest(of format: SampleFormat) -> Float {
        switch format {
        case .u8: 127 / 128
        case .s16: 32_767 / 32_768
        case .s24, .s24Packed: 8_388_607 / 8_388_608
        // The largest codes of G.711 as 16 bit samples.
        case .alaw: 32_256 / 32_768
        case .mulaw: 32_124 / 32_768
        case .s32, .f32, .f64: 1
        }
    }

    /// How much each channel's power counts in the loudness (ITU-R BS.1770-5, table 3 and annex 3): nothing for low
    /// frequency effects, 1.41 (1.5 dB) for what sounds from the side, 60° to 120° off the front, 1 for all else.
    ///
    /// `RL` and `RR` are the surrounds of 5.1, and count 1.41; next to `SL` and `SR` they are the rear pair of 7.1,
    /// and count 1. A channel of unknown position counts 1.
    public static func weights(of layout: ChannelLayout, isDualMono: Bool) -> [Double] {
        if isDualMono, layout.positions.count == 1 { return [2] }
        let hasSides = layout.positions.contains(.sideLeft) || layout.positions.contains(.sideRight)
        return layout.positions.map { position in
            switch position {
            case .lowFrequency: 0
            case .sideLeft, .sideRight, .frontLeftWide, .frontRightWide: 1.41
            case .rearLeft, .rearRight: hasSides ? 1 : 1.41
            default: 1
            }
        }
    }

    /// The two channels whose correlation is measured: front left and right, else the first two.
    static func pair(of layout: ChannelLayout) -> (one: Int, other: Int)? {
        guard layout.positions.count > 1 else { return nil }
        if let left = layout.positions.firstIndex(of: .frontLeft),
            let right = layout.positions.firstIndex(of: .frontRight)
        {
            return (left, right)
        }
        return (0, 1)
    }
}
