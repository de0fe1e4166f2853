/// A recording on one page: waveform, spectrogram, and loudness over time, on one time axis.
///
/// Everything in it is bounded by its overviews, so ten hours cost no more than ten minutes. It is a plain value: the same
/// plot gives the same drawing.
///
/// - Thread: any.
public struct Plot: Sendable {
    /// The numbers of the loudness panel. What is `nil` or no number is not drawn, except that silence has words of its own.
    public struct Loudness: Equatable, Sendable {
        /// LUFS of the whole programme.
        public var integrated: Double?
        /// LUFS: what the absolute gate of ITU-R BS.1770 drops lies below it.
        public var absoluteGate: Double? = -70
        /// LUFS: integrated loudness before the relative gate, less 10 LU.
        public var relativeGate: Double?
        /// LU, of EBU Tech 3342, and the LUFS of its ends: the 10 % and the 95 % percentile of short-term loudness.
        public var range: Double?
        public var rangeLow: Double?
        public var rangeHigh: Double?
        public var maximumMomentary: Double?
        public var maximumShortTerm: Double?
        /// dBTP of the loudest channel.
        public var truePeak: Double?
        /// LUFS that the programme should have.
        public var target: Double?
        /// dBTP above which a peak is marked.
        public var truePeakLimit: Double = -1

        public init() {}
    }

    /// Frames that were lost.
    public struct Gap: Equatable, Sendable {
        public var seconds: Double
        public var lengthSeconds: Double

        public init(seconds: Double, lengthSeconds: Double) {
            self.seconds = seconds
            self.lengthSeconds = lengthSeconds
        }
    }

    public enum Theme: String, CaseIterable, Sendable {
        case light, dark
    }

    /// The file's name, as a rule.
    public var title = ""
    /// What stands under it: format, length, loudness.
    public var facts: [String] = []
    /// Of the whole: what went into the overviews, and where the time axis ends.
    public var seconds = 0.0
    /// Names of channels, `FL`; numbers where there are none.
    public var channelNames: [String] = []
    /// What is `nil` has no panel.
    public var waveform: WaveformOverview?
    public var spectrogram: SpectrogramOverview?
    public var loudnessOverTime: LoudnessOverview?
    public var loudness = Loudness()
    /// Gaps beyond this many are not drawn: nobody could tell them apart.
    public var gaps: [Gap] = []
    public static let mostGaps = 10_000
    /// dBFS of the spectrogram's darkest and brightest colour; the same for each picture, so that pictures compare.
    public var spectrogramDecibels: ClosedRange<Double> = -120...0
    public var theme = Theme.light

    public init() {}

    /// The picture as SVG: UTF-8 of one file that needs no other.
    public func svg(width: Int = PlotSize.width, height: Int = PlotSize.height) throws(PlotError) -> [UInt8] {
        try PlotSize.check(width, height)
        return try SVGText.bytes(drawing(width: width, height: height))
    }

    /// The picture as PNG.
    public func png(width: Int = PlotSize.width, height: Int = PlotSize.height) throws(PlotError) -> [UInt8] {
        try PlotSize.check(width, height)
        return try Canvas.png(drawing(width: width, height: height))
    }

    /// Whether the library is there; looking opens it.
    public static var isAvailable: Bool { Canvas.isAvailable }

    func drawing(width: Int, height: Int) -> Drawing {
        Sheet(self, width: Double(width), height: Double(height)).drawing()
    }
}

/// Pixels that a picture may have.
public enum PlotSize {
    public static let width = 1600
    public static let height = 1000
    /// Below, labels would have no room; above, cairo takes no more.
    public static let widths = 400...16_384
    public static let heights = 240...16_384

    static func check(_ width: Int, _ height: Int) throws(PlotError) {
        guard widths.contains(width), heights.contains(height) else { throw .size(width: width, height: height) }
    }
}
