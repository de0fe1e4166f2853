import AupRealtime
import AupSound
import AupSystem
import Synchronization

/// Pausing, and going about in what is played.
extension DeviceSink {
    /// Sound that was taken and is not heard yet, at the last look. - Thread: any.
    var unheardNanoseconds: Int64 {
        guard let rate = status.configuration?.format.rate else { return 0 }
        return Int64(counters.unheardFrames) * 1_000_000_000 / Int64(rate)
    }

    /// Whether the device has been started and has not given up. - Thread: any.
    var isSounding: Bool {
        counters.soundEndNanoseconds.load(ordering: .relaxed) > 0 && counters.failure.load(ordering: .relaxed) == 0
    }

    /// - Thread: main.
    func togglePause() {
        counters.setPaused(!counters.isPaused)
        hurry()
    }

    /// - Thread: main.
    func hurry() {
        roomBell.ring()
        audioBell.ring()
    }

    /// Drops what is in the ring. What the device has is heard, and silence after it until there is sound again: an
    /// underrun that a listener asked for is none.
    ///
    /// - Returns: what was dropped, in nanoseconds of sound.
    /// - Thread: transport.
    func discardQueued() -> Int64 {
        guard thread != nil, let rate = status.configuration?.format.rate else { return 0 }
        let inside = fitting?.pendingFrames ?? 0
        // The formats are the same as before, so this makes the fitting that there already was.
        try? dropFitting()
        counters.setComplete(false)
        counters.hold(true)
        counters.noteWritten(writtenFrames, pending: 0)
        counters.discard(upTo: writtenFrames)
        audioBell.ring()
        while counters.isDiscarding, !isLoopOver.isRaised, !stop.isAbandoned {
            roomBell.wait(milliseconds: DeviceLoop.idleMilliseconds)
        }
        let dropped = counters.takeDroppedFrames() + unwantedFrames
        unwantedFrames = 0
        return Int64(((Double(dropped) + inside) * 1e9 / Double(rate)).rounded())
    }

    /// All that there is to play is queued, or that is no longer so.
    ///
    /// - Thread: transport.
    func setComplete(_ isComplete: Bool) {
        counters.setComplete(isComplete)
        guard isComplete else { return }
        // A jump to the last moments of all: there will be no buffer of sound to wait for.
        counters.hold(false)
        audioBell.ring()
    }
}
