import Testing

@testable import AupEngine

@Suite struct `Service heartbeat` {
    private let second: Int64 = 1_000_000_000

    private func beat(
        _ heart: inout ServiceHeartbeat, _ seconds: Int64, frames: Int64, waiting: Bool = false, stopping: Bool = false
    ) -> [String] {
        heart.beat(now: seconds * second, frames: frames, isWaiting: waiting, isStopping: stopping) { "s" }
    }

    @Test func `it is ready with the first frame and not before`() {
        var heart = ServiceHeartbeat(watchdogNanoseconds: nil)
        #expect(beat(&heart, 1, frames: 0) == ["STATUS=s"])
        #expect(beat(&heart, 2, frames: 0) == [])
        #expect(beat(&heart, 3, frames: 480) == ["READY=1\nSTATUS=s"])
        #expect(beat(&heart, 4, frames: 960) == [])
        #expect(beat(&heart, 13, frames: 960) == ["STATUS=s"])
    }

    @Test func `the watchdog is fed at half its time, while frames flow`() {
        var heart = ServiceHeartbeat(watchdogNanoseconds: 4 * second)
        #expect(beat(&heart, 1, frames: 480) == ["READY=1\nSTATUS=s", "WATCHDOG=1"])
        #expect(beat(&heart, 2, frames: 960) == [])
        #expect(beat(&heart, 3, frames: 1440) == ["WATCHDOG=1"])
        #expect(beat(&heart, 5, frames: 1440) == [])
        #expect(beat(&heart, 7, frames: 1440) == [])
        #expect(beat(&heart, 8, frames: 1441) == ["WATCHDOG=1"])
    }

    @Test func `a wait that was asked for is life`() {
        var heart = ServiceHeartbeat(watchdogNanoseconds: 4 * second)
        #expect(
            beat(&heart, 1, frames: 0, waiting: true) == ["STATUS=s\nEXTEND_TIMEOUT_USEC=30000000", "WATCHDOG=1"])
        #expect(beat(&heart, 3, frames: 0, waiting: true) == ["WATCHDOG=1"])
    }

    @Test func `the end is told once`() {
        var heart = ServiceHeartbeat(watchdogNanoseconds: nil)
        _ = beat(&heart, 1, frames: 1)
        #expect(beat(&heart, 2, frames: 2, stopping: true) == ["STOPPING=1\nSTATUS=finishing"])
        #expect(beat(&heart, 3, frames: 2, stopping: true) == [])
    }
}
