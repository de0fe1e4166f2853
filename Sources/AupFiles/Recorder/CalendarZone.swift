internal import Glibc

/// The zone in which times of day are meant, names made and files aligned: how far its clocks are from UTC at any moment.
///
/// - Thread: any.
public struct CalendarZone: Sendable {
    private enum Kind: Sendable {
        case local
        case offsets(@Sendable (Int64) -> Int)
    }

    private let kind: Kind

    /// The zone of the machine or of `TZ`.
    public static let local = CalendarZone(kind: .local)
    public static let utc = CalendarZone { _ in 0 }

    private init(kind: Kind) { self.kind = kind }

    /// A zone by its rule: seconds east of UTC at a second of 1970-01-01 UTC.
    public init(offsets: @escaping @Sendable (Int64) -> Int) { kind = .offsets(offsets) }

    /// Seconds east of UTC.
    public func offset(at seconds: Int64) -> Int {
        switch kind {
        case .local: unsafe Int(fields(at: seconds).tm_gmtoff)
        case .offsets(let rule): rule(seconds)
        }
    }

    /// What the clock on the wall and the calendar show.
    func fields(at seconds: Int64) -> tm {
        var result = unsafe tm()
        switch kind {
        case .local:
            // A recorder runs for months, and localtime_r alone never looks again whether its zone was changed.
            tzset()
            var moment = time_t(seconds)
            _ = unsafe localtime_r(&moment, &result)
        case .offsets(let rule):
            let offset = rule(seconds)
            var moment = time_t(seconds + Int64(offset))
            _ = unsafe gmtime_r(&moment, &result)
            unsafe result.tm_gmtoff = offset
        }
        return unsafe result
    }

    /// The next moment at which the wall's clock shows a whole multiple of `step` seconds after midnight.
    ///
    ///     step 6 h, the night clocks go forward     step 1 d, midnight left out
    ///     00 01 03 04 05 06                          23 01 02 …
    ///     |─────────────|  5 h                          |  at the jump itself
    ///
    /// A day in which clocks change has shorter or longer files, but they begin where a person looks for them. Where
    /// clocks jump over such a moment, it is the jump.
    public func nextMultiple(of step: Int64, after seconds: Int64) -> Int64 {
        let before = Int64(offset(at: seconds))
        let candidate = Self.multiple(of: step, after: seconds + before) - before
        guard Int64(offset(at: candidate)) != before else { return candidate }
        // Somewhere on the way clocks change: the first second with another offset, by halving.
        var low = seconds
        var high = candidate
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if Int64(offset(at: middle)) == before { low = middle } else { high = middle }
        }
        let after = Int64(offset(at: high))
        let isJumpedOver = Self.multiple(of: step, after: high + before - 1) <= high + after
        if after > before, isJumpedOver { return high }
        return Self.multiple(of: step, after: high + after - 1) - after
    }

    /// The first multiple greater than a value.
    private static func multiple(of step: Int64, after value: Int64) -> Int64 {
        let rest = value % step
        return value - (rest < 0 ? rest + step : rest) + step
    }
}
