import AupFiles
import AupSound

/// When a session records: the words of `--at`, `--until` and `--duration`, and the window they make at a moment.
///
/// Pure: the time and the zone are told.
///
/// - Thread: any.
public struct Schedule: Equatable, Sendable {
    public var at: ScheduledMoment?
    public var until: ScheduledMoment?

    public init(at: ScheduledMoment? = nil, until: ScheduledMoment? = nil) {
        self.at = at
        self.until = until
    }

    public var isEmpty: Bool { at == nil && until == nil }

    /// What is recorded, in nanoseconds since 1970 UTC.
    struct Window: Equatable, Sendable {
        /// The first frame's moment; `nil` when that is as soon as possible.
        var start: Int64?
        /// The moment before which the last frame lies; `nil` when the duration, or nothing, ends it.
        var end: Int64?
        /// The window had begun already: what is left of it is recorded.
        var isLate = false
    }

    /// Words that make no window, in one line.
    struct Impossible: Error, Equatable {
        var message: String
    }

    /// The window that the words mean at a moment.
    ///
    /// Times of day are the next ones: of a window from 20:00 to 21:00 the one that is running or comes next, and the
    /// same of 20:00 for an hour. A window that has begun is joined and ends on time.
    func window(now: Int64, duration: TimeSpan?, zone: CalendarZone) throws(Impossible) -> Window {
        var window = Window()
        if case .timeOfDay? = until, case .timeOfDay? = at {
            let end = occurrence(until!, after: now, zone)
            window.end = end
            window.start = occurrence(at!, before: end, zone)
        } else {
            window.start = try startOf(now: now, duration: duration, zone)
            let origin = window.start ?? now
            switch until {
            case nil: break
            case .now?: window.end = now
            case .after(let span)?: window.end = origin + span.nanoseconds(rate: 1_000_000_000)
            case let moment?: window.end = occurrence(moment, after: max(origin, now), zone)
            }
        }
        guard let start = window.start else { return try checked(window, now) }
        if let duration, case .nanoseconds(let length) = duration, start < now {
            window.end = min(window.end ?? .max, start + length)
        }
        window.isLate = start < now
        if start <= now { window.start = nil }
        return try checked(window, now)
    }

    private func startOf(now: Int64, duration: TimeSpan?, _ zone: CalendarZone) throws(Impossible) -> Int64? {
        switch at {
        case nil, .now?: return nil
        case .after(let span)?: return now + span.nanoseconds(rate: 1_000_000_000)
        case let moment?:
            // A window of known length may be running: cron starts a second late.
            if case .timeOfDay = moment, case .nanoseconds(let length)? = duration {
                let last = occurrence(moment, before: now + 1, zone)
                if last + length > now { return last }
            }
            let start = occurrence(moment, after: now, zone)
            if start <= now, until == nil, !isRunning(from: start, duration, now) {
                throw Impossible(
                    message: "--at: \(zone.civil(start).text) is past; give a time to come, or --until for the end")
            }
            return start
        }
    }

    private func isRunning(from start: Int64, _ duration: TimeSpan?, _ now: Int64) -> Bool {
        guard case .nanoseconds(let length)? = duration else { return false }
        return start + length > now
    }

    private func checked(_ window: Window, _ now: Int64) throws(Impossible) -> Window {
        if let end = window.end, end <= window.start ?? now {
            throw Impossible(
                message: end <= now
                    ? "--until: the end is past; give a time to come"
                    : "--until: the end is not after the start (--at); exchange them")
        }
        return window
    }

    /// The first moment after `limit` that a time of day means; a date is what it is.
    private func occurrence(_ moment: ScheduledMoment, after limit: Int64, _ zone: CalendarZone) -> Int64 {
        fixed(moment, zone) ?? occurrences(moment, around: limit, zone).first { $0 > limit } ?? limit
    }

    /// The last moment before `limit`.
    private func occurrence(_ moment: ScheduledMoment, before limit: Int64, _ zone: CalendarZone) -> Int64 {
        fixed(moment, zone) ?? occurrences(moment, around: limit, zone).last { $0 < limit } ?? limit
    }

    private func fixed(_ moment: ScheduledMoment, _ zone: CalendarZone) -> Int64? {
        guard case .date(let year, let month, let day, let nanoseconds, let offset) = moment,
            let civil = CivilTime(year: year, month: month, day: day, nanosecondOfDay: nanoseconds)
        else { return nil }
        return offset.map { civil.unixNanoseconds(offsetSeconds: $0) } ?? zone.unixNanoseconds(civil)
    }

    /// The days about a moment: two on each side, because a change of the clock can move a day's time past it.
    private func occurrences(_ moment: ScheduledMoment, around limit: Int64, _ zone: CalendarZone) -> [Int64] {
        guard case .timeOfDay(let nanoseconds, let isUTC) = moment else { return [] }
        let rule = isUTC ? .utc : zone
        var today = rule.civil(limit)
        today.nanosecondOfDay = nanoseconds
        return (-2...2).map { rule.unixNanoseconds(today.moved(days: $0)) }
    }
}
