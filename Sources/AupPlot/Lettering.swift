import Glibc

/// Numbers and names as a picture shows them, without printf and so without a locale.
enum Lettering {
    static let size = 12.0
    static let small = 11.0

    /// A number with so many decimals.
    static func number(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return value.isNaN ? "?" : value < 0 ? "-inf" : "inf" }
        let scale = pow(10, Double(decimals))
        // Beyond this no picture has a number; what comes here from outside must not trap.
        let whole = Int64(max(-1e15, min(1e15, (value * scale).rounded())))
        let digits = String(whole.magnitude)
        let sign = whole < 0 ? "-" : ""
        guard decimals > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }

    /// Pixels of a line of text, about: what places legends side by side. Advances of DejaVu Sans in shares of the size.
    static func width(_ text: String, size: Double) -> Double {
        text.unicodeScalars.reduce(0) { sum, scalar in
            let advance =
                switch scalar {
                case "i", "l", "j", "I", "'", ",", ".", ":", ";", "|", " ", "!": 0.34
                case "f", "t", "r", "-", "(", ")", "/": 0.42
                case "m", "w", "M", "W", "@", "−", "×", "…": 0.92
                case "A"..."Z": 0.69
                default: scalar.value < 0x2E80 ? 0.64 : 1.05
                }
            return sum + advance * size
        }
    }

    /// A text that fits, cut in the middle where it does not: the end of a path says more than its middle.
    static func fitted(_ text: String, width: Double, size: Double) -> String {
        guard Self.width(text, size: size) > width else { return text }
        let letters = Array(text)
        var kept = letters.count - 1
        while kept > 1 {
            let shorter = String(letters.prefix(kept / 2)) + "…" + String(letters.suffix(kept - kept / 2))
            if Self.width(shorter, size: size) <= width { return shorter }
            kept -= 1
        }
        return "…"
    }
}
