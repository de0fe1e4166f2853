import AupSound
import Glibc

/// The best sine through a piece of sound, and what it leaves over: THD+N.
enum SineFit {
    /// - Parameter near: cycles per sample, to less than half a cycle over the piece. Frequency, sine, cosine and a
    ///   constant are fitted (IEEE 1057, four parameters); the frequency by the phases of the two halves.
    static func residualDecibels(_ piece: [Double], near: Double) -> Double {
        var frequency = near
        let half = piece.count / 2
        for _ in 0..<4 {
            let first = fit(piece, 0..<half, frequency)
            let second = fit(piece, half..<2 * half, frequency)
            var turn = atan2(second.cosine, second.sine) - atan2(first.cosine, first.sine)
            if turn > .pi { turn -= 2 * .pi }
            if turn < -.pi { turn += 2 * .pi }
            frequency += turn / (2 * .pi) / Double(half)
        }
        let all = fit(piece, 0..<piece.count, frequency)
        var squares = 0.0
        for index in 0..<piece.count {
            let angle = 2 * Double.pi * frequency * Double(index)
            let rest = piece[index] - all.cosine * cos(angle) - all.sine * sin(angle) - all.constant
            squares += rest * rest
        }
        let power = (all.cosine * all.cosine + all.sine * all.sine) / 2
        return decibels(amplitude: (squares / Double(piece.count) / power).squareRoot())
    }

    /// The three parameters at a frequency, by the normal equations.
    private static func fit(
        _ piece: [Double], _ range: Range<Int>, _ frequency: Double
    ) -> (cosine: Double, sine: Double, constant: Double) {
        var (cc, cs, c1, ss, s1, cy, sy, y1) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        for index in range {
            let angle = 2 * Double.pi * frequency * Double(index)
            let (c, s, y) = (cos(angle), sin(angle), piece[index])
            cc += c * c
            cs += c * s
            c1 += c
            ss += s * s
            s1 += s
            cy += c * y
            sy += s * y
            y1 += y
        }
        let n = Double(range.count)
        // Cramer's rule.
        func determinant(
            _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ e: Double, _ f: Double, _ g: Double, _ h: Double,
            _ i: Double
        ) -> Double {
            let (first, second, third) = (a * (e * i - f * h), b * (d * i - f * g), c * (d * h - e * g))
            return first - second + third
        }
        let whole = determinant(cc, cs, c1, cs, ss, s1, c1, s1, n)
        return (
            determinant(cy, cs, c1, sy, ss, s1, y1, s1, n) / whole,
            determinant(cc, cy, c1, cs, sy, s1, c1, y1, n) / whole,
            determinant(cc, cs, cy, cs, ss, sy, c1, s1, y1) / whole
        )
    }
}
