/// A length of time as a user writes it: seconds, or frames where only a rate can tell the seconds.
///
/// One parser for every time on the command line: `10`, `10s`, `1.5s`, `250ms`, `500us`, `1h30m`, `2d`,
/// `00:10:00`, `10:30`, `48000f`.
public enum TimeSpan: Equatable, Sendable {
    case nanoseconds(Int64)
    case frames(Int64)

    /// The longest span that is accepted: a hundred years.
    public static let longestSeconds = 3_155_760_000.0

    public init?(_ text: String) {
        if text.hasSuffix("f"), let frames = Int64(text.dropLast()), frames >= 0 {
            self = .frames(frames)
            return
        }
        guard let seconds = text.contains(":") ? Self.clockSeconds(text) : Self.unitSeconds(text),
            seconds <= Self.longestSeconds
        else { return nil }
        self = .nanoseconds(Int64((seconds * 1e9).rounded()))
    }

    /// Frames at a rate, rounded to the nearest.
    public func frames(rate: Int) -> Int64 {
        switch self {
        case .frames(let frames): return frames
        case .nanoseconds(let nanoseconds):
            let whole = nanoseconds / 1_000_000_000 * Int64(rate)
            let rest = Double(nanoseconds % 1_000_000_000) * Double(rate) / 1e9
            return whole + Int64(rest.rounded())
        }
    }

    /// What frames become at most: 146 years, and two of them, or one and a time of any clock, can be added.
    public static let mostNanoseconds: Int64 = (1 << 62) - 1

    /// Nanoseconds at a rate, rounded to the nearest; frames that last longer than ``mostNanoseconds``, as a packet from
    /// outside may say, last that long.
    public func nanoseconds(rate: Int) -> Int64 {
        switch self {
        case .nanoseconds(let nanoseconds): return nanoseconds
        case .frames(let frames):
            let exact = (Double(frames) * 1e9 / Double(rate)).rounded()
            guard abs(exact) < Double(Self.mostNanoseconds) else {
                return exact < 0 ? -Self.mostNanoseconds : Self.mostNanoseconds
            }
            return Int64(exact)
        }
    }

    /// `HH:MM:SS` or `MM:SS`, each field but the first below 60, fractions in the last.
    private static func clockSeconds(_ text: String) -> Double? {
        let fields = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(fields.count) else { return nil }
        var seconds = 0.0
        for (index, field) in fields.enumerated() {
            guard let value = plainDecimal(field), index == fields.count - 1 || !field.contains(".") else { return nil }
            if index > 0, value >= 60 { return nil }
            seconds = seconds * 60 + value
        }
        return seconds
    }

    /// A number with a unit, several of them in falling order, or a bare number of seconds.
    private static func unitSeconds(_ text: String) -> Double? {
        if let bare = plainDecimal(Substring(text)) { return bare }
        let units: [(name: String, seconds: Double)] = [
            ("d", 86400), ("h", 3600), ("m", 60), ("s", 1), ("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9),
        ]
        var rest = Substring(text)
        var nextUnit = 0
        var seconds = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            let name = rest.dropFirst(number.count).prefix { $0.isLetter }
            guard let value = plainDecimal(number),
                let unit = units[nextUnit...].firstIndex(where: { $0.name == name })
            else { return nil }
            seconds += value * units[unit].seconds
            nextUnit = unit + 1
            rest = rest.dropFirst(number.count + name.count)
        }
        return nextUnit == 0 ? nil : seconds
    }

    /// Digits and at most one point: no sign, no exponent, no locale.
    private static func plainDecimal(_ text: Substring) -> Double? {
        guard let first = text.first, first.isASCII, first.isNumber,
            text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") })
        else { return nil }
        return Double(text)
    }
}
