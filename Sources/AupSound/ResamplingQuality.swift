/// How much is spent on a change of rate; the names are those of sox.
public enum ResamplingQuality: String, CaseIterable, Sendable {
    /// Cubic interpolation: for speech in a hurry.
    case quick
    /// 16 bit, rolls off early.
    case low
    /// 16 bit, medium roll-off.
    case medium
    /// 20 bit: beyond what is heard, the default.
    case high
    /// 28 bit, for sound that is worked on further.
    case veryHigh = "very-high"
}
