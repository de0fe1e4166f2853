import AupALSA
import AupSound
import Glibc
import Testing

struct XrunRecoveryTests {
    let second: Int64 = 1_000_000_000

    func running(_ direction: DeviceDirection = .capture) -> XrunRecovery {
        var recovery = XrunRecovery(direction: direction, bufferFrames: 1024, watchdogNanoseconds: 2 * second)
        recovery.restarted(now: 0)
        return recovery
    }

    @Test func `a healthy device transfers and never tires`() {
        var recovery = running()
        for cycle in 1...1000 {
            #expect(recovery.next(.ready(frames: 256), now: Int64(cycle) * second) == .transfer)
            recovery.moved(frames: 256)
        }
        #expect(recovery.xruns == 0)
    }

    @Test func `an xrun is answered with a restart, sixteen times`() {
        var recovery = running()
        for _ in 0..<XrunRecovery.recoveryLimit {
            #expect(recovery.next(.xrun, now: 1) == .prepareAndRestart)
            recovery.restarted(now: 1)
        }
        #expect(recovery.next(.xrun, now: 1) == .giveUp(.endlessXruns))
        #expect(recovery.xruns == 17)
    }

    @Test func `a frame between two xruns makes the patience new`() {
        var recovery = running()
        for cycle in 0..<100 {
            let now = Int64(cycle)
            #expect(recovery.next(.xrun, now: now) == .prepareAndRestart)
            recovery.restarted(now: now)
            #expect(recovery.next(.ready(frames: 1), now: now) == .transfer)
            recovery.moved(frames: 1)
        }
    }

    @Test func `frames that only fill an emptied buffer are no progress`() {
        // What the client of a dead server sees: prepare and fill succeed, start ends in an xrun.
        var recovery = running(.playback)
        var last = XrunRecovery.Action.transfer
        for _ in 0...XrunRecovery.recoveryLimit {
            last = recovery.next(.xrun, now: 1)
            recovery.moved(frames: 1024)
            recovery.restarted(now: 1)
            _ = recovery.next(.ready(frames: 0), now: 1)
        }
        #expect(last == .giveUp(.endlessXruns))
    }

    @Test func `a player that has nothing to play stands still for good reason`() {
        var recovery = running(.playback)
        for cycle in 1...100 {
            recovery.rested(now: Int64(cycle) * second)
            #expect(recovery.next(.ready(frames: 1024), now: Int64(cycle) * second) == .transfer)
        }
        #expect(recovery.next(.ready(frames: 1024), now: 102 * second) == .giveUp(.silent))
    }

    @Test func `a position that stands still is given up after the watchdog's time`() {
        var recovery = running()
        #expect(recovery.next(.ready(frames: 100), now: second) == .transfer)
        #expect(recovery.next(.ready(frames: 100), now: 3 * second - 1) == .transfer)
        #expect(recovery.next(.ready(frames: 100), now: 3 * second) == .giveUp(.silent))
    }

    @Test func `a player without anything to write is alive while its buffer empties`() {
        var recovery = running(.playback)
        recovery.moved(frames: 1024)
        for cycle in 1...10 {
            #expect(recovery.next(.ready(frames: cycle * 10), now: Int64(cycle) * second) == .transfer)
        }
    }

    @Test func `a device that was not started is not watched`() {
        var recovery = XrunRecovery(direction: .playback, bufferFrames: 1024, watchdogNanoseconds: second)
        #expect(recovery.next(.ready(frames: 1024), now: 0) == .transfer)
        #expect(recovery.next(.ready(frames: 1024), now: 100 * second) == .transfer)
    }

    @Test func `a suspended device is asked to resume, then set up anew`() {
        var recovery = running()
        #expect(recovery.next(.suspended, now: second) == .waitForResume)
        #expect(recovery.next(.suspended, now: 2 * second) == .waitForResume)
        #expect(recovery.next(.suspended, now: 3 * second) == .prepareAndRestart)
    }

    @Test func `a device that resumed goes on, and its next sleep is measured anew`() {
        var recovery = running()
        #expect(recovery.next(.suspended, now: 0) == .waitForResume)
        #expect(recovery.next(.ready(frames: 10), now: second) == .transfer)
        #expect(recovery.next(.suspended, now: 10 * second) == .waitForResume)
    }

    @Test func `gone is gone, and keeps the library's number`() {
        var recovery = running()
        #expect(recovery.next(.gone(code: ENODEV), now: 1) == .giveUp(.gone(code: ENODEV)))
    }
}
