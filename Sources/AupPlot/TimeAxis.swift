/// Where a time axis has its marks and what they are called: round numbers in the unit a person would use at that length.
///
///     0.1 s   0.00 0.02 0.04 … time (s)        10 min  0:00 2:00 4:00 … time (min:s)
///     10 h    0:00 1:00 2:00 … time (h:min)
struct TimeAxis: Equatable, Sendable {
    struct Mark: Equatable, Sendable {
        let seconds: Double
        let label: String
    }

    let name: String
    let marks: [Mark]

    /// Steps of more than a second; below, and above the last, it is 1, 2, 5 and their tens.
    private static let steps: [Double] = [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
    ]

    /// - Parameter mostMarks: as many as have room for their labels.
    init(seconds: Double, mostMarks: Int) {
        let length = seconds.isFinite ? max(0, seconds) : 0
        let step = Self.step(length, Double(max(1, mostMarks)))
        let unit = Unit(length, step)
        name = unit.name
        let last = length > 0 ? Int((length / step * (1 + 1e-9)).rounded(.down)) : 0
        marks = (0...last).map { Mark(seconds: Double($0) * step, label: unit.label(Double($0) * step)) }
    }

    private static func step(_ length: Double, _ most: Double) -> Double {
        guard length > 0 else { return 1 }
        if let step = steps.first(where: { length / $0 <= most }), step > 1 || length / 0.5 > most { return step }
        // In hours above a day, so that labels stay round.
        let unit = length > 86400 ? 3600.0 : 1
        return Scale.step(length / unit / most) * unit
    }

    private enum Unit {
        case milliseconds(decimals: Int)
        case seconds(decimals: Int)
        case minutes, hours

        init(_ length: Double, _ step: Double) {
            self =
                switch length {
                case ..<0.1 where length > 0: .milliseconds(decimals: Scale.decimals(step * 1000))
                case ...120: .seconds(decimals: Scale.decimals(step))
                case ..<7200: .minutes
                default: .hours
                }
        }

        var name: String {
            switch self {
            case .milliseconds: "time (ms)"
            case .seconds: "time (s)"
            case .minutes: "time (min:s)"
            case .hours: "time (h:min)"
            }
        }

        func label(_ seconds: Double) -> String {
            switch self {
            case .milliseconds(let decimals): Lettering.number(seconds * 1000, decimals: decimals)
            case .seconds(let decimals): Lettering.number(seconds, decimals: decimals)
            case .minutes: Self.pair(seconds, 60)
            case .hours: Self.pair(seconds / 60, 60)
            }
        }

        private static func pair(_ small: Double, _ size: Int64) -> String {
            let whole = Int64(small.rounded())
            let rest = whole % size
            return "\(whole / size):\(rest < 10 ? "0" : "")\(rest)"
        }
    }
}
