public import AupSound

/// What was measured of a sound up to a moment. Levels are in dB, and `nil` where there is nothing but silence.
///
/// - Thread: any.
public struct MeterReading: Equatable, Sendable {
    /// The levels of one channel, or of all as one, over some time.
    public struct Levels: Equatable, Sendable {
        /// The largest sample, dBFS, and the largest value between samples too, dBTP.
        public var samplePeak: Double?
        public var truePeak: Double?
        /// The mean square, dBFS: a sine of full scale has -3.0.
        public var rms: Double?
        /// The mean, of full scale 1.
        public var offset = 0.0
        /// Peak over rms in dB.
        public var crest: Double?
        /// Samples at full scale, and the most in a row.
        public var clippedSamples: Int64 = 0
        public var longestClip: Int64 = 0

        public init() {}
    }

    public struct Channel: Equatable, Sendable {
        /// `FL`, `FR`, …, or a number where nobody said.
        public var name: String
        /// Since the reading before this, and since the beginning.
        public var now = Levels()
        public var total = Levels()
    }

    /// The power of bands, dBFS, and the largest of late.
    public struct Spectrum: Equatable, Sendable {
        public var centreHertz: [Double] = []
        public var power: [Double?] = []
        public var held: [Double?] = []
    }

    public var format: PCMFormat
    /// What the sound is, as its stream says.
    public var source = ""
    /// Since the beginning, lost ones left out.
    public var frames: Int64 = 0
    public var seconds = 0.0
    /// Over how many frames the levels of now are.
    public var nowFrames: Int64 = 0
    public var channels: [Channel] = []
    /// Of all channels, since the reading before this and since the beginning.
    public var now = Levels()
    public var total = Levels()

    /// LUFS, of the last 400 ms, the last 3 s, and all with both gates; the largest of the first two.
    public var momentary: Double?
    public var shortTerm: Double?
    public var integrated: Double?
    public var maxMomentary: Double?
    public var maxShortTerm: Double?
    /// Loudness range in LU, and between which short-term loudness it lies.
    public var range = 0.0
    public var rangeLow: Double?
    public var rangeHigh: Double?
    /// The relative gate, LUFS.
    public var gate: Double?

    /// Of left and right since the reading before: 1 for the same sound, -1 for opposite phase; `nil` for one channel.
    public var correlation: Double?
    /// Seconds since the last sound, and the longest silence.
    public var silentSeconds = 0.0
    public var longestSilenceSeconds = 0.0
    /// Samples that were no number, and infinite ones: measured as silence, and as full scale.
    public var notNumbers: Int64 = 0
    public var infinities: Int64 = 0
    /// Smaller than any normal float, and measured as silence.
    public var denormals: Int64 = 0
    public var gaps: Int64 = 0
    public var lostFrames: Int64 = 0
    /// Gaps that a device's buffer made.
    public var xruns: Int64 = 0
    /// How long ago the newest frames were captured, where that is known.
    public var latencyNanoseconds: Int64?
    /// How many times another format came in midstream.
    public var formatChanges: Int64 = 0
    public var spectrum: Spectrum?
    /// Whether the sound is over.
    public var hasEnded = false

    init(_ format: PCMFormat) { self.format = format }
}
