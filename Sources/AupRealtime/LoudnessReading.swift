internal import CRealtime

/// What is known of the loudness (ITU-R BS.1770-5, EBU Tech 3341 and 3342). LUFS and LU; `-inf` where nothing was
/// loud or long enough to be measured.
public struct LoudnessReading: Equatable, Sendable {
    /// Of the last 400 ms. Before the beginning lies silence.
    public internal(set) var momentary = -Double.infinity
    /// Of the last 3 s.
    public internal(set) var shortTerm = -Double.infinity
    /// Since the reset: the mean of the blocks of 400 ms, every 100 ms, that pass both gates.
    public internal(set) var integrated = -Double.infinity
    /// The relative gate: 10 LU below what passes the absolute one.
    public internal(set) var gate = -Double.infinity
    /// Loudness range in LU, 0 before the first 3 s.
    public internal(set) var range = 0.0
    /// Between which short-term loudness lies: the percentiles 10 and 95.
    public internal(set) var rangeLow = -Double.infinity
    public internal(set) var rangeHigh = -Double.infinity
    /// The largest since the reset, looked for every 10 ms.
    public internal(set) var maxMomentary = -Double.infinity
    public internal(set) var maxShortTerm = -Double.infinity

    @_noLocks init() {}
}

/// Loudness in LUFS of a mean of weighted powers, `-inf` for silence: BS.1770-5, annex 1, equation 2.
@_noLocks
func loudness(ofPower power: Double) -> Double { aup_decibels_of_power(power) - 0.691 }
