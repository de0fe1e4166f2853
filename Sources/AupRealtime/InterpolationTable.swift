internal import Glibc

/// The filters of a ``VariableResampler``: a windowed sinc, sampled at ``phases`` places between two input samples.
///
/// Kaiser's window with β for 120 dB (Kaiser 1974; Oppenheim & Schafer, Discrete-Time Signal Processing, 7.5) over 128
/// taps makes a transition band of 0.12 of the Nyquist frequency. It is centred at 0.94 of it, so that sound up to 0.88
/// (21 kHz at 48 kHz) passes within 0.001 dB and images lie below -120 dB. Between two rows the filter is taken on a
/// straight line, whose error at 20 kHz is (2π · 20/48 / 512)² / 8: -110 dB, and falls by 12 dB an octave.
///
/// - Thread: control makes it, the owner of the resampler reads it.
@safe
struct InterpolationTable: ~Copyable {
    static let taps = 128
    static let phases = 512
    static let cutoff = 0.94
    static let beta = 0.1102 * (120 - 8.7)

    // Owned alone by this value, freed in its deinit. Aligned for the widest vectors.
    let rows: UnsafeMutablePointer<Double>

    init() {
        let count = (Self.phases + 1) * Self.taps
        unsafe rows = UnsafeMutableRawPointer.allocate(byteCount: count * 8, alignment: 64)
            .bindMemory(to: Double.self, capacity: count)
        unsafe rows.initialize(repeating: 0, count: count)
        let half = Double(Self.taps / 2)
        let scale = 1 / Self.bessel(Self.beta)
        // The last row is the first one, a sample later; the lower half of the rows mirrored is the upper half.
        for phase in 0...Self.phases / 2 {
            let fraction = Double(phase) / Double(Self.phases)
            var sum = 0.0
            let row = unsafe rows + phase * Self.taps
            for tap in 0..<Self.taps {
                let distance = Double(tap) - (half - 1) - fraction
                let relative = distance / half
                guard abs(relative) < 1 else { continue }
                let angle = Double.pi * Self.cutoff * distance
                let sinc = distance == 0 ? 1 : sin(angle) / angle
                let value = sinc * Self.bessel(Self.beta * (1 - relative * relative).squareRoot()) * scale
                unsafe row[tap] = value
                sum += value
            }
            // Exactly one for a steady signal, at every phase: else the phase would be heard as a ripple.
            for tap in 0..<Self.taps { unsafe row[tap] /= sum }
        }
        for phase in Self.phases / 2 + 1...Self.phases {
            let row = unsafe rows + phase * Self.taps
            let mirror = unsafe rows + (Self.phases - phase) * Self.taps
            for tap in 0..<Self.taps { unsafe row[tap] = mirror[Self.taps - 1 - tap] }
        }
    }

    deinit { unsafe rows.deallocate() }

    /// The modified Bessel function I0 by its series.
    static func bessel(_ value: Double) -> Double {
        let quarter = value * value / 4
        var term = 1.0
        var sum = 1.0
        var index = 1.0
        while term > sum * 1e-17 {
            term *= quarter / (index * index)
            sum += term
            index += 1
        }
        return sum
    }
}
