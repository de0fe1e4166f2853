import AupSound
import Testing

@Suite struct `Time spans` {
    @Test(arguments: [
        ("10", 10.0), ("10s", 10), ("1.5", 1.5), ("1h30m", 5400), ("2d", 172_800), ("250ms", 0.25), ("500us", 0.0005),
        ("1m30s", 90), ("00:10:00", 600), ("10:30", 630), ("1:00:00.5", 3600.5), ("0", 0), ("100ns", 1e-7),
    ])
    func `a time is read as a person writes it`(text: String, seconds: Double) {
        #expect(TimeSpan(text) == .nanoseconds(Int64((seconds * 1e9).rounded())))
    }

    @Test func `frames stay frames`() {
        #expect(TimeSpan("48000f") == .frames(48_000))
        #expect(TimeSpan("0f") == .frames(0))
    }

    @Test(arguments: [
        "", "s", "-1", "+1", "1e3", "soon", "1h1d", "10 s", "1:2:3:4", "1:60", "1:5.5:00", "5x", "1s2", "٣", ":",
        "1::2", "nan",
        "-5f", "f", "99999999999999", "1m1m",
    ])
    func `what is no time is refused`(text: String) {
        #expect(TimeSpan(text) == nil)
    }

    @Test func `frames and nanoseconds turn into each other at a rate`() {
        #expect(TimeSpan("1s")?.frames(rate: 44_100) == 44_100)
        #expect(TimeSpan("1ms")?.frames(rate: 44_100) == 44)
        #expect(TimeSpan("100y") == nil)
        #expect(TimeSpan("365d")?.frames(rate: 192_000) == Int64(365 * 86_400 * 192_000))
        #expect(TimeSpan.frames(44_100).nanoseconds(rate: 44_100) == 1_000_000_000)
    }

    @Test func `frames of a packet that says more than there can be last long and no longer`() {
        for frames in [1 << 53, Int64.max] {
            #expect(TimeSpan.frames(frames).nanoseconds(rate: 8000) == TimeSpan.mostNanoseconds)
            #expect(TimeSpan.frames(-frames).nanoseconds(rate: 8000) == -TimeSpan.mostNanoseconds)
        }
        // A time of a clock may be added.
        #expect(TimeSpan.mostNanoseconds.addingReportingOverflow(.max >> 1).overflow == false)
    }
}
