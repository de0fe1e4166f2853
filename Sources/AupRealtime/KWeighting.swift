internal import Glibc

/// The two filters in front of every loudness: a shelf for the head, and a high pass (ITU-R BS.1770-5, annex 1).
///
/// The standard gives coefficients for 48 kHz and asks for the same response at other rates. These are made for any
/// rate by the bilinear transform of the analog filters that lie behind the table (B. De Man, "Evaluation of
/// implementations of the EBU R128 loudness measurement", AES 145, 2018), and equal the table at 48 kHz. The high
/// pass of the table has a gain of 1.005 far above its corner; it is kept at every rate, where taking the numerator
/// 1, -2, 1 as it stands would lift 8 kHz by 0.22 dB.
struct KWeighting: Sendable {
    /// A second order section with `a0` = 1.
    struct Section: Equatable, Sendable {
        var b0, b1, b2, a1, a2: Double

        /// b0, c1, c2, a1, a2 as the kernel wants them.
        var stateSpace: [Double] { [b0, b1 - a1 * b0, b2 - a2 * b0, a1, a2] }
    }

    let shelf: Section
    let highPass: Section

    /// - Parameter rate: hertz, 4000 or more: the shelf lies at 1682 Hz.
    init(rate: Int) {
        precondition(rate >= 4000)
        let hertz = Double(rate)
        let k = tan(Double.pi * 1681.974450955533 / hertz)
        let q = 0.7071752369554196
        let high = pow(10, 3.999843853973347 / 20)
        let middle = pow(high, 0.4996667741545416)
        let scale = 1 / (1 + k / q + k * k)
        shelf = Section(
            b0: (high + middle * k / q + k * k) * scale, b1: 2 * (k * k - high) * scale,
            b2: (high - middle * k / q + k * k) * scale, a1: 2 * (k * k - 1) * scale,
            a2: (1 - k / q + k * k) * scale)
        let own = Self.highPassDenominator(hertz)
        let gain = Self.highPassDenominator(48_000).sum / own.sum
        highPass = Section(b0: gain, b1: -2 * gain, b2: gain, a1: own.a1, a2: own.a2)
    }

    /// The denominator, and what it was divided by.
    private static func highPassDenominator(_ hertz: Double) -> (sum: Double, a1: Double, a2: Double) {
        let k = tan(Double.pi * 38.13547087602444 / hertz)
        let q = 0.5003270373238773
        let sum = 1 + k / q + k * k
        return (sum, 2 * (k * k - 1) / sum, (1 - k / q + k * k) / sum)
    }
}
