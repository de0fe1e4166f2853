internal import Glibc

/// The interpolator of the true peak: four phases, of which the first is the sample itself (ITU-R BS.1770-5, annex 2).
///
/// A sinc under Kaiser's window over 24 samples for each phase, where the table in the annex has 12: it follows the
/// ideal interpolation within 0.02 dB up to 0.40 of the rate and 0.15 dB up to 0.43,
/// and the samples themselves stay as they are, so that a true peak is never below the sample peak. The fourfold grid
/// itself misses at most 0.17 dB of a sine at a quarter of the rate, 0.55 dB at 0.45 of it.
///
/// The rate is taken fourfold at every rate, where the annex would be content with less at 96 kHz and above.
@safe
struct TruePeakFilter: ~Copyable {
    /// Taps of a phase.
    static let taps = 24
    /// For a stopband of 58 dB: what lies between the flatness and the end of the band.
    static let beta = 0.1102 * (58 - 8.7)

    // Owned alone by this value, freed in its deinit: three floats for each pair of taps.
    let table: UnsafeMutablePointer<Float>
    /// More than any phase can amplify a sound of full scale, with room for the rounding of 24 products (each step
    /// errs by 2^-24 of a partial sum, together by less than 1.5e-6 of the gain).
    let gain: Float

    init() {
        let half = Self.phase(0.5)
        let quarter = Self.phase(0.25)
        let pairs = Self.taps / 2
        unsafe table = .allocate(capacity: 3 * pairs)
        for pair in 0..<pairs {
            let mirror = Self.taps - 1 - pair
            unsafe (table + 3 * pair).initialize(to: Float(half[pair]))
            unsafe (table + 3 * pair + 1).initialize(to: Float((quarter[pair] + quarter[mirror]) / 2))
            unsafe (table + 3 * pair + 2).initialize(to: Float((quarter[pair] - quarter[mirror]) / 2))
        }
        let largest = max(half.reduce(0) { $0 + abs($1) }, quarter.reduce(0) { $0 + abs($1) })
        gain = Float(largest * (1 + 1e-5))
    }

    deinit { unsafe table.deallocate() }

    /// The taps for a point so far behind the twelfth of 24 samples.
    static func phase(_ fraction: Double) -> [Double] {
        let reach = Double(taps / 2)
        var values: [Double] = (0..<taps).map { tap in
            let distance = Double(tap) - (reach - 1) - fraction
            let relative = distance / reach
            guard abs(relative) < 1 else { return 0 }
            let angle = Double.pi * distance
            let sinc = distance == 0 ? 1 : sin(angle) / angle
            return sinc * InterpolationTable.bessel(beta * (1 - relative * relative).squareRoot())
        }
        // Exactly one for a steady signal.
        let sum = values.reduce(0, +)
        for tap in values.indices { values[tap] /= sum }
        return values
    }
}
