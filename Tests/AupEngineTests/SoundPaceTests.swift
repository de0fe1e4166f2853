import AupSound
import Testing

@testable import AupEngine

@Suite struct `The pace of sound that is not live` {
    private static let second: Int64 = 1_000_000_000

    @Test func `is that of its rate, so far ahead as it may`() {
        var pace = SoundPace(rate: 1000, position: 500, lead: 100_000_000, now: 7)
        #expect(pace.rest(until: 500, now: 7) == 0)
        #expect(pace.rest(until: 600, now: 7) == 0)
        #expect(pace.rest(until: 700, now: 7) == 100_000_000)
        #expect(pace.rest(until: 1500, now: 7 + Self.second) == 0)
    }

    @Test func `makes up for what is a little late, and for nothing that stood still`() {
        var pace = SoundPace(rate: 1000, position: 0, now: 0)
        // 0.4 s late: the next second is due when it was.
        #expect(pace.rest(until: 1000, now: 1_400_000_000) == 0)
        #expect(pace.rest(until: 2000, now: 1_400_000_000) == 600_000_000)
        // Five minutes: from here on.
        let now = 300 * Self.second
        #expect(pace.rest(until: 2000, now: now) == 0)
        #expect(pace.rest(until: 3000, now: now) == Self.second)
    }

    @Test func `waits for a gap of any length, and no sum of it is too much`() {
        var pace = SoundPace(rate: 8000, position: 0, now: 1 << 60)
        #expect(pace.rest(until: 1 << 53, now: 1 << 60) == TimeSpan.mostNanoseconds)
    }
}
