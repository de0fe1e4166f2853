import AupFiles
import AupSound
import Testing

@testable import AupEngine

@Suite struct `A schedule` {
    private static let second: Int64 = 1_000_000_000

    /// Central Europe in 2026: summer time from 29 March 01:00 UTC to 25 October 01:00 UTC.
    private static let berlin = CalendarZone { seconds in
        (1_774_746_000..<1_792_890_000).contains(seconds) ? 7200 : 3600
    }

    /// A moment in UTC.
    private func utc(_ month: Int, _ day: Int, _ hour: Int, _ minute: Int = 0, _ second: Int = 0) -> Int64 {
        CivilTime(
            year: 2026, month: month, day: day,
            nanosecondOfDay: Int64(hour * 3600 + minute * 60 + second) * Self.second)!
            .unixNanoseconds(offsetSeconds: 0)
    }

    private func window(
        _ at: String?, _ until: String?, _ duration: String? = nil, now: Int64, zone: CalendarZone = berlin
    ) throws -> Schedule.Window {
        let schedule = Schedule(
            at: try at.map { try #require(ScheduledMoment($0)) },
            until: try until.map { try #require(ScheduledMoment($0)) })
        return try schedule.window(now: now, duration: duration.flatMap { TimeSpan($0) }, zone: zone)
    }

    @Test func `the calendar goes there and back, leap years and before 1970 too`() {
        for day in stride(from: Int64(-100_000), through: 100_000, by: 97) {
            let moment = day * 86_400 * Self.second + 12_345
            let civil = CivilTime(unixNanoseconds: moment, offsetSeconds: 3600)
            #expect(civil.unixNanoseconds(offsetSeconds: 3600) == moment)
        }
        #expect(CivilTime(unixNanoseconds: 951_782_400 * Self.second, offsetSeconds: 0).text == "2000-02-29 00:00:00")
        #expect(CivilTime(unixNanoseconds: -1, offsetSeconds: 0).text == "1969-12-31 23:59:59.999")
        #expect(CivilTime(year: 2026, month: 2, day: 29, nanosecondOfDay: 0) == nil)
    }

    @Test func `words are moments, and nonsense is none`() {
        #expect(ScheduledMoment("20:00") == .timeOfDay(nanoseconds: 72_000 * Self.second, isUTC: false))
        #expect(ScheduledMoment("6:30:15.25Z") == .timeOfDay(nanoseconds: 23_415_250_000_000, isUTC: true))
        #expect(ScheduledMoment("+10m") == .after(.nanoseconds(600 * Self.second)))
        #expect(ScheduledMoment("now") == .now)
        #expect(
            ScheduledMoment("2026-03-29T02:30+02:00")
                == .date(year: 2026, month: 3, day: 29, nanoseconds: 9000 * Self.second, offsetSeconds: 7200))
        #expect(
            ScheduledMoment("2026-03-29 02:30Z")
                == .date(year: 2026, month: 3, day: 29, nanoseconds: 9000 * Self.second, offsetSeconds: 0))
        #expect(
            ScheduledMoment("2026-03-29")
                == .date(year: 2026, month: 3, day: 29, nanoseconds: 0, offsetSeconds: nil))
        for word in [
            "", "24:00", "12:60", "12", "12:3", "tomorrow", "2026-02-29T10:00", "2026-13-01", "9999-01-01",
            "+9223372036854775807f", "+",
            "10:00X", "-5m",
        ] {
            #expect(ScheduledMoment(word) == nil, "\(word)")
        }
    }

    @Test func `the next such time is meant, today or tomorrow`() throws {
        // 10:00 in Berlin in winter.
        let now = utc(1, 10, 9)
        #expect(try window("20:00", nil, now: now) == .init(start: utc(1, 10, 19)))
        #expect(try window("09:00", nil, now: now) == .init(start: utc(1, 11, 8)))
        #expect(try window("09:00Z", nil, now: now - 1) == .init(start: utc(1, 10, 9)))
        #expect(try window(nil, "11:00", now: now) == .init(end: utc(1, 10, 10)))
        #expect(try window("+10m", "+1h", now: now) == .init(start: utc(1, 10, 9, 10), end: utc(1, 10, 10, 10)))
        #expect(try window("now", "+5s", now: now) == .init(end: utc(1, 10, 9, 0, 5)))
    }

    @Test func `a window that has begun is joined and ends on time`() throws {
        let late = Schedule.Window(start: nil, end: utc(1, 10, 20), isLate: true)
        #expect(try window("20:00", "21:00", now: utc(1, 10, 19, 30)) == late)
        #expect(try window("20:00", nil, "1h", now: utc(1, 10, 19, 0, 3)) == late)
        #expect(try window("2026-01-10T20:00", "21:00", now: utc(1, 10, 19, 30)) == late)
        #expect(try window("2026-01-10T20:00", nil, "1h", now: utc(1, 10, 19, 30)) == late)
        // A minute after its end the next one is meant.
        #expect(try window("20:00", "21:00", now: utc(1, 10, 20, 1)).start == utc(1, 11, 19))
        #expect(try window("20:00", nil, "1h", now: utc(1, 10, 20, 1)).start == utc(1, 11, 19))
    }

    @Test func `a window over midnight is one`() throws {
        #expect(
            try window("23:00", "01:00", now: utc(1, 10, 12))
                == .init(start: utc(1, 10, 22), end: utc(1, 11, 0)))
        #expect(
            try window("23:00", "01:00", now: utc(1, 10, 23, 30)) == .init(start: nil, end: utc(1, 11, 0), isLate: true)
        )
    }

    @Test func `a night is an hour shorter in spring and longer in autumn`() throws {
        let spring = try window("22:00", "06:00", now: utc(3, 28, 12))
        #expect(spring == .init(start: utc(3, 28, 21), end: utc(3, 29, 4)))
        let autumn = try window("22:00", "06:00", now: utc(10, 24, 12))
        #expect(autumn == .init(start: utc(10, 24, 20), end: utc(10, 25, 5)))
    }

    @Test func `a time of day keeps its hour on the wall across a change of the clock`() throws {
        #expect(try window("12:00", nil, now: utc(3, 28, 12)).start == utc(3, 29, 10))
        #expect(try window("12:00", nil, now: utc(10, 24, 12)).start == utc(10, 25, 11))
        #expect(try window("12:00Z", nil, now: utc(10, 24, 12)).start == utc(10, 25, 12))
    }

    @Test func `an hour that is left out is meant after the change, one that is there twice the first time`() throws {
        #expect(try window("02:30", nil, now: utc(3, 28, 12)).start == utc(3, 29, 1, 30))
        #expect(try window("02:30", nil, now: utc(10, 24, 12)).start == utc(10, 25, 0, 30))
        #expect(try window("2026-10-25T02:30+01:00", nil, now: utc(10, 24, 12)).start == utc(10, 25, 1, 30))
    }

    @Test func `what is past or the wrong way round is refused with a remedy`() {
        let now = utc(1, 10, 9)
        #expect(throws: Schedule.Impossible.self) { try window("2026-01-09", nil, now: now) }
        #expect(throws: Schedule.Impossible.self) { try window("2026-01-09", nil, "1h", now: now) }
        #expect(throws: Schedule.Impossible.self) { try window(nil, "2026-01-09", now: now) }
        #expect(throws: Schedule.Impossible.self) { try window(nil, "now", now: now) }
        #expect(throws: Schedule.Impossible.self) { try window("2026-01-12", "2026-01-11", now: now) }
    }
}
