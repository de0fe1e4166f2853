import AupSound
import Glibc
import Testing

@testable import AupFiles

@Suite struct `Where one file ends and the next begins` {
    private static let second: Int64 = 1_000_000_000

    /// The boundaries of the first files from position 0 on, when every one is reached exactly.
    private func boundaries(
        _ length: SplitLength, rate: Int, count: Int, zone: CalendarZone? = nil, from moment: Int64 = 0
    ) -> [Int64] {
        var plan = SplitPlan(length, alignedTo: zone)
        var position: Int64 = 0
        return (0..<count).map { _ in
            let now = moment + position * Self.second / Int64(rate)
            _ = plan.begin(
                position: position, moment: now, rate: rate, room: (4, 44), isForced: false)
            position = plan.boundary ?? -1
            return position
        }
    }

    @Test func `without a length there is no end`() {
        var plan = SplitPlan(nil)
        let shown = plan.begin(position: 5, moment: 77, rate: 48_000, room: (4, 44), isForced: false)
        #expect(plan.boundary == nil)
        #expect(shown == 77)
    }

    @Test func `times are counted from the first frame, so rounding never adds up`() {
        // A third of a frame too much a file: after three files it is a whole frame, and not before.
        #expect(
            boundaries(.time(.nanoseconds(1_000_000)), rate: 44_100, count: 5) == [44, 88, 132, 176, 221])
        #expect(boundaries(.time(.frames(48_000)), rate: 44_100, count: 3) == [48_000, 96_000, 144_000])
    }

    @Test func `a size is the whole file's`() {
        #expect(boundaries(.bytes(44 + 400), rate: 48_000, count: 3) == [100, 200, 300])
        // However small it is, there is a frame in each.
        #expect(boundaries(.bytes(1), rate: 48_000, count: 3) == [1, 2, 3])
    }

    @Test func `where a codec decides, only the size is known`() {
        var plan = SplitPlan(.bytes(1_000_000))
        _ = plan.begin(position: 0, moment: 0, rate: 8000, room: nil, isForced: false)
        #expect(plan.boundary == nil)
        #expect(plan.byteLimit == 1_000_000)
    }

    @Test func `a forced file begins a new row`() {
        var plan = SplitPlan(.time(.frames(100)))
        _ = plan.begin(position: 0, moment: 0, rate: 8000, room: (4, 44), isForced: false)
        #expect(plan.boundary == 100)
        _ = plan.begin(position: 30, moment: 0, rate: 8000, room: (4, 44), isForced: true)
        #expect(plan.boundary == 130)
        _ = plan.begin(position: 130, moment: 0, rate: 8000, room: (4, 44), isForced: false)
        #expect(plan.boundary == 230)
    }

    @Test func `aligned, the first file is short and the others are whole`() {
        let start = 1_795_222_923 * Self.second + 250_000_000
        #expect(
            boundaries(.time(.nanoseconds(60 * Self.second)), rate: 1000, count: 3, zone: .utc, from: start)
                == [56_750, 116_750, 176_750])
    }

    @Test func `a recording that seems to begin a hair before the hour begins on it`() {
        let hour = 3600 * Self.second
        let evening = 20 * hour
        var aligned = SplitPlan(.time(.nanoseconds(hour)), alignedTo: .utc)
        let shown = aligned.begin(position: 0, moment: evening - 60, rate: 48_000, room: (4, 44), isForced: false)
        #expect(shown == evening)
        let framesOfAnHour: Int64 = 3600 * 48_000
        #expect(aligned.boundary == framesOfAnHour)
        var plan = SplitPlan(nil)
        let named = plan.begin(position: 0, moment: evening - 60, rate: 48_000, room: (4, 44), isForced: false)
        #expect(named == evening)
        // A whole frame before is another second.
        let early = evening - 20_834
        let other = plan.begin(position: 0, moment: early, rate: 48_000, room: (4, 44), isForced: false)
        #expect(other == early)
    }

    @Test(arguments: [-40, -1, 0, 1, 40])
    func `a boundary that is reached early or late makes no crumb and shows the planned time`(milliseconds: Int) {
        var plan = SplitPlan(.time(.nanoseconds(10 * Self.second)), alignedTo: .utc)
        _ = plan.begin(position: 0, moment: 0, rate: 1000, room: (4, 44), isForced: false)
        #expect(plan.boundary == 10_000)
        let late = Int64(milliseconds)
        let shown = plan.begin(
            position: 10_000, moment: 10 * Self.second + late * 1_000_000, rate: 1000, room: (4, 44),
            isForced: false)
        #expect(shown == 10 * Self.second)
        // The drift is taken back at once.
        #expect(plan.boundary == 20_000 - late)
    }

    @Test func `a clock that was set is followed`() {
        var plan = SplitPlan(.time(.nanoseconds(10 * Self.second)), alignedTo: .utc)
        _ = plan.begin(position: 0, moment: 0, rate: 1000, room: (4, 44), isForced: false)
        let shown = plan.begin(
            position: 10_000, moment: 1_000_007 * Self.second, rate: 1000, room: (4, 44),
            isForced: false)
        #expect(shown == 1_000_007 * Self.second)
        #expect(plan.boundary == 13_000)
    }

    @Test func `only what divides a day can be aligned`() {
        for seconds in [1, 60, 900, 3600, 21_600, 86_400] as [Int64] {
            #expect(SplitPlan.canAlign(.time(.nanoseconds(seconds * Self.second))))
        }
        #expect(!SplitPlan.canAlign(.time(.nanoseconds(7 * Self.second))))
        #expect(!SplitPlan.canAlign(.time(.nanoseconds(172_800 * Self.second))))
        #expect(!SplitPlan.canAlign(.time(.nanoseconds(500_000_000))))
        #expect(!SplitPlan.canAlign(.time(.frames(48_000))))
        #expect(!SplitPlan.canAlign(.bytes(1000)))
    }
}

/// glibc's own zones, in a child process each: the zone belongs to the whole process.
@Suite struct `Files on the hour where clocks change` {
    /// Hours between midnight multiples of `step` hours from a second on, by the zone that `TZ` names.
    private static func lengths(_ zone: String, from start: Int64, step: Int64, count: Int) -> [Int64] {
        unsafe setenv("TZ", zone, 1)
        tzset()
        var now = start
        return (0..<count).map { _ in
            let next = CalendarZone.local.nextMultiple(of: step, after: now)
            defer { now = next }
            return next - now
        }
    }

    // Rules instead of names, so that the test needs no zone files: what Europe/Berlin and America/New_York are today.
    private static let berlin = "CET-1CEST,M3.5.0,M10.5.0/3"
    private static let newYork = "EST5EDT,M3.2.0,M11.1.0"

    @Test func `Berlin, spring: the day has 23 hours, hours have an hour, a quarter of the day is short`() async {
        await #expect(processExitsWith: .success) {
            let midnight: Int64 = 1_774_738_800  // 2026-03-29 00:00 +01:00
            precondition(Self.lengths(Self.berlin, from: midnight, step: 86_400, count: 2) == [82_800, 86_400])
            precondition(
                Self.lengths(Self.berlin, from: midnight, step: 3600, count: 5) == [3600, 3600, 3600, 3600, 3600])
            precondition(Self.lengths(Self.berlin, from: midnight, step: 21_600, count: 2) == [18_000, 21_600])
            exit(0)
        }
    }

    @Test func `Berlin, autumn: the day has 25 hours, two o'clock comes twice`() async {
        await #expect(processExitsWith: .success) {
            let midnight: Int64 = 1_792_879_200  // 2026-10-25 00:00 +02:00
            precondition(Self.lengths(Self.berlin, from: midnight, step: 86_400, count: 2) == [90_000, 86_400])
            precondition(
                Self.lengths(Self.berlin, from: midnight, step: 3600, count: 5) == [3600, 3600, 3600, 3600, 3600])
            precondition(Self.lengths(Self.berlin, from: midnight, step: 21_600, count: 2) == [25_200, 21_600])
            exit(0)
        }
    }

    @Test func `New York, spring and autumn`() async {
        await #expect(processExitsWith: .success) {
            let spring: Int64 = 1_772_946_000  // 2026-03-08 00:00 -05:00
            precondition(Self.lengths(Self.newYork, from: spring, step: 86_400, count: 2) == [82_800, 86_400])
            precondition(Self.lengths(Self.newYork, from: spring, step: 14_400, count: 3) == [10_800, 14_400, 14_400])
            let autumn: Int64 = 1_793_505_600  // 2026-11-01 00:00 -04:00
            precondition(Self.lengths(Self.newYork, from: autumn, step: 86_400, count: 2) == [90_000, 86_400])
            precondition(
                Self.lengths(Self.newYork, from: autumn, step: 1800, count: 6) == Array(repeating: 1800, count: 6))
            exit(0)
        }
    }

    @Test func `the hour that comes twice gives two names, told apart by a counter or by the zone`() async {
        await #expect(processExitsWith: .success) {
            unsafe setenv("TZ", Self.berlin, 1)
            tzset()
            let first: Int64 = 1_792_886_400 * 1_000_000_000  // 02:00 +02:00
            let again = first + 3_600_000_000_000
            guard let bare = try? NameTemplate("%H.wav"), let full = try? NameTemplate("%H%z.wav") else { exit(1) }
            precondition(bare.name(at: first, zone: .local, number: 1) == "02.wav")
            precondition(bare.name(at: again, zone: .local, number: 2) == "02.wav")
            precondition(full.name(at: first, zone: .local, number: 1) == "02+0200.wav")
            precondition(full.name(at: again, zone: .local, number: 2) == "02+0100.wav")
            exit(0)
        }
    }

    @Test func `a midnight that clocks jump over is the jump itself`() {
        // As in Havana: at 05:00 UTC the clock goes from midnight to one.
        let zone = CalendarZone { $0 < 1_000_000_800 ? -18_000 : -14_400 }
        let jump: Int64 = 1_000_000_800
        // The example's jump is at 21:00 by its own clock, so a step of three hours falls on it.
        #expect((jump - 18_000) % 10_800 == 0)
        #expect(zone.nextMultiple(of: 10_800, after: jump - 100) == jump)
        #expect(zone.nextMultiple(of: 10_800, after: jump) == jump + 7200)
    }

    @Test func `a clock that goes back over a boundary gives it once more, later`() {
        let jump: Int64 = 1_000_000_800
        let zone = CalendarZone { $0 < jump ? 3600 : 0 }
        let next = zone.nextMultiple(of: 3600, after: jump - 10)
        #expect((next + Int64(zone.offset(at: next))) % 3600 == 0)
        #expect(next > jump - 10)
    }
}
