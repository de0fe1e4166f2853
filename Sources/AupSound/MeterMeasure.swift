/// A measure of a sound that a limit can be set on, by the name users write.
public enum MeterMeasure: String, CaseIterable, Sendable {
    case momentary
    case shortTerm = "short_term"
    case integrated
    case maxMomentary = "max_momentary"
    case maxShortTerm = "max_short_term"
    case range = "lra"
    case truePeak = "true_peak"
    case samplePeak = "sample_peak"
    case rms, crest, correlation
    case offset = "dc"
    case clips, silence, gaps, seconds
    case longestClip = "longest_clip"
    case longestSilence = "longest_silence"
    case lostFrames = "lost_frames"

    /// What its values are.
    public enum Unit: String, Sendable {
        case loudness = "LUFS"
        case loudnessUnits = "LU"
        case truePeak = "dBTP"
        case fullScale = "dBFS"
        case decibels = "dB"
        /// A time, as `TimeSpan` reads it; the value is in seconds.
        case time = "s"
        /// A bare number.
        case number = ""
    }

    public var unit: Unit {
        switch self {
        case .momentary, .shortTerm, .integrated, .maxMomentary, .maxShortTerm: .loudness
        case .range: .loudnessUnits
        case .truePeak: .truePeak
        case .samplePeak, .rms: .fullScale
        case .crest: .decibels
        case .silence, .longestSilence, .seconds: .time
        case .correlation, .offset, .clips, .longestClip, .gaps, .lostFrames: .number
        }
    }

    /// Reads a name, or the letter meters have for it: `M`, `S`, `I`, `LRA`, `TP`. Names take `-` for `_`, any case, and
    /// the unit that reports put behind them: `integrated_lufs`.
    public init?(name: String) {
        let short: [String: MeterMeasure] = [
            "m": .momentary, "s": .shortTerm, "i": .integrated, "tp": .truePeak, "peak": .samplePeak,
        ]
        var plain = name.lowercased().split(separator: "-", omittingEmptySubsequences: false).joined(separator: "_")
        if let measure = short[plain] {
            self = measure
            return
        }
        for ending in ["_lufs", "_lu", "_dbtp", "_dbfs", "_db", "_seconds"] where plain.hasSuffix(ending) {
            plain.removeLast(ending.utf8.count)
            break
        }
        self.init(rawValue: plain)
    }
}
