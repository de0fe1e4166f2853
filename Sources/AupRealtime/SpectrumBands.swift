internal import Glibc

/// The bands a spectrum is shown in: fractions of an octave round 1 kHz, by IEC 61260-1.
///
/// Centres are 1000 · 10^(0.3·k/b) Hz for the b-th of an octave, and edges half a step to both sides (for an even b the
/// standard moves the centres by half a step, so that an edge lies at 1 kHz). Bands whose centre lies above 20 kHz, or
/// whose upper edge lies above half the rate, are left out.
public struct SpectrumBands: Equatable, Sendable {
    public let lowerHertz: [Double]
    public let centreHertz: [Double]
    public let upperHertz: [Double]

    public var count: Int { centreHertz.count }

    /// - Parameters:
    ///   - fraction: parts of an octave: 1, 3, 6, 12, 24.
    ///   - lowestHertz: of the first centre, or just below.
    public init(fraction: Int, rate: Int, lowestHertz: Double = 19.5) {
        precondition((1...48).contains(fraction) && lowestHertz > 0)
        let step = 0.3 / Double(fraction)
        let shift = fraction % 2 == 0 ? 0.5 : 0
        let first = Int((log10(lowestHertz / 1000) / step - shift).rounded(.up))
        let last = Int((log10(20.5) / step - shift).rounded(.down))
        var lower: [Double] = []
        var centre: [Double] = []
        var upper: [Double] = []
        if first <= last {
            for index in first...last {
                let place = (Double(index) + shift) * step
                let high = 1000 * pow(10, place + step / 2)
                guard high <= Double(rate) / 2 else { break }
                lower.append(1000 * pow(10, place - step / 2))
                centre.append(1000 * pow(10, place))
                upper.append(high)
            }
        }
        lowerHertz = lower
        centreHertz = centre
        upperHertz = upper
    }
}
