import Glibc

/// Round numbers for the marks of an axis.
enum Scale {
    /// The smallest of 1, 2, 5 and their tens and tenths that is not below `least`.
    static func step(_ least: Double) -> Double {
        guard least.isFinite, least > 0 else { return 1 }
        let ten = pow(10, log10(least).rounded(.down))
        for factor in [1.0, 2, 5, 10] where factor * ten >= least * (1 - 1e-9) { return factor * ten }
        return 10 * ten
    }

    /// Decimals that tell multiples of a step apart.
    static func decimals(_ step: Double) -> Int {
        step >= 1 || step <= 0 ? 0 : min(9, Int((-log10(step) - 1e-9).rounded(.up)))
    }

    /// Marks of a decibel axis, from the top: multiples of 1, 3, 6, 10, 20 … that are `pixels` apart at least.
    static func decibelMarks(from bottom: Double, to top: Double, height: Double, pixels: Double = 24) -> [Double] {
        guard top > bottom, height > 0 else { return [] }
        let least = pixels * (top - bottom) / height
        // Where nothing else has room, the highest is alone.
        guard let step = [1.0, 2, 3, 6, 10, 20, 30, 60].first(where: { $0 >= least }) else {
            return [(top / 10 + 1e-9).rounded(.down) * 10].filter { $0 >= bottom }
        }
        let highest = (top / step + 1e-9).rounded(.down)
        let lowest = (bottom / step - 1e-9).rounded(.up)
        guard highest >= lowest else { return [] }
        return stride(from: highest, through: lowest, by: -1).map { $0 * step }
    }

    /// Marks of a frequency axis: 1, 2 and 5 of each decade have names, the others only lines.
    static func frequencyMarks(from low: Double, to high: Double) -> [(hertz: Double, name: String?)] {
        var marks: [(Double, String?)] = []
        var decade = 1.0
        while decade <= high {
            for factor in 1...9 {
                let hertz = decade * Double(factor)
                guard hertz >= low, hertz <= high else { continue }
                let name = hertz >= 1000 ? "\(Int(hertz / 1000))k" : "\(Int(hertz))"
                marks.append((hertz, [1, 2, 5].contains(factor) ? name : nil))
            }
            decade *= 10
        }
        return marks
    }
}
