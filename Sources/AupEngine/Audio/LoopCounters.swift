import AupALSA
import AupSound
import Synchronization

/// The numbers an audio thread lets out, and the two wishes it is told. Nothing else passes between it and the rest.
///
/// - Thread: any. Counters are relaxed, since each is a number of its own; `failure` is released after the rest and
///   `isStopping` acquired before, so that whoever sees them sees what led to them.
final class LoopCounters: Sendable {
    /// Frames read from or written to the device.
    let frames = Atomic<Int>(0)
    let lostFrames = Atomic<Int>(0)
    let xruns = Atomic<Int>(0)
    let underrunFrames = Atomic<Int>(0)
    let underruns = Atomic<Int>(0)
    let skippedFrames = Atomic<Int>(0)
    /// Frames in the device's buffer and beyond, at the last look.
    let deviceFrames = Atomic<Int>(0)
    /// The same without the silence that stood in for sound.
    let deviceSoundFrames = Atomic<Int>(0)
    /// When the device will have played what it has, on the monotonic clock; 0 while it stands still.
    let soundEndNanoseconds = Atomic<Int>(0)
    /// Of the longest packet that a live source gave, in frames of the device.
    let packetFrames = Atomic<Int>(0)
    /// The device's clock against the system's, in thousandths of a ppm; `Int.min` until it is known.
    let clockMilliPPM = Atomic<Int>(.min)
    /// Zero while all is well, else a ``LoopFailure``.
    let failure = Atomic<Int>(0)
    private let stopping = Atomic<Bool>(false)
    /// The listener's pause, and the moment after a jump until there is sound again: silence is played for both.
    private let paused = Atomic<Bool>(false)
    private let held = Atomic<Bool>(false)
    /// All there is to play is queued, though the listener may still go back: nothing is waited for.
    private let complete = Atomic<Bool>(false)
    /// Frames that were put into a playback's ring and taken out of it, and up to which of them they are dropped.
    private let writtenFrames = Atomic<Int>(0)
    /// Frames that wait for room in it.
    private let pendingFrames = Atomic<Int>(0)
    let takenFrames = Atomic<Int>(0)
    let discardedFrames = Atomic<Int>(0)
    /// Frames of the ring that were dropped and never given to the device.
    let droppedFrames = Atomic<Int>(0)

    /// The loop shall end: capture after what it has, playback after what is queued.
    func stop() { stopping.store(true, ordering: .releasing) }

    var isStopping: Bool {
        @_noLocks get { stopping.load(ordering: .acquiring) }
    }

    /// Whether somebody has ended the loop in mid-sound.
    var isInterrupted: Bool {
        @_noLocks get { failure.load(ordering: .relaxed) == LoopFailure.interrupted }
    }

    // MARK: - Playback: pause and jumps

    func setPaused(_ isPaused: Bool) { paused.store(isPaused, ordering: .relaxed) }
    func hold(_ isHeld: Bool) { held.store(isHeld, ordering: .relaxed) }

    func setComplete(_ isComplete: Bool) { complete.store(isComplete, ordering: .relaxed) }

    var isComplete: Bool {
        @_noLocks get { complete.load(ordering: .relaxed) }
    }

    var isPaused: Bool { paused.load(ordering: .relaxed) }
    var isHeld: Bool { held.load(ordering: .relaxed) }

    /// Whether silence is played instead of what is queued.
    var isSilent: Bool {
        @_noLocks get {
            if paused.load(ordering: .relaxed) { return true }
            return held.load(ordering: .relaxed)
        }
    }

    /// What was put into the ring, on its way to be heard: queued, and in the device but for the silence between.
    var unheardFrames: Int {
        let queued = max(writtenFrames.load(ordering: .relaxed) - takenFrames.load(ordering: .relaxed), 0)
        let pending = pendingFrames.load(ordering: .relaxed)
        return pending + queued + deviceSoundFrames.load(ordering: .relaxed)
    }

    func noteWritten(_ frames: Int, pending: Int) {
        writtenFrames.store(frames, ordering: .relaxed)
        pendingFrames.store(pending, ordering: .relaxed)
    }

    /// Frames of the ring before this one are not wanted any more.
    func discard(upTo frames: Int) { discardedFrames.store(frames, ordering: .relaxed) }

    /// How many were dropped since the last call. - Thread: transport.
    func takeDroppedFrames() -> Int { droppedFrames.exchange(0, ordering: .relaxed) }

    var isDiscarding: Bool { takenFrames.load(ordering: .acquiring) < discardedFrames.load(ordering: .relaxed) }

    func fail(_ value: Int) { failure.store(value, ordering: .releasing) }
}

/// Why an audio loop gave its device up, as a number that fits an atomic.
enum LoopFailure {
    static var endlessXruns: Int { @_noLocks get { -1 } }
    static var silent: Int { @_noLocks get { -2 } }
    /// Ended from outside, in mid-sound.
    static var interrupted: Int { @_noLocks get { -3 } }
    // Positive numbers are the library's errno.

    /// The number for what the recovery gave up over.
    @_noLocks
    static func number(_ reason: XrunRecovery.Reason) -> Int {
        switch reason {
        case .gone(let code): Int(code)
        case .endlessXruns: endlessXruns
        case .silent: silent
        }
    }

    /// The clause for a report.
    static func reason(_ code: Int) -> String {
        switch code {
        case endlessXruns: "is gone: it stopped again at every start and moved no frame"
        case silent: "is gone: its position stood still for \(DeviceLoop.watchdogSeconds) s"
        default: "is gone: it was unplugged or its driver went away (errno \(code))"
        }
    }
}

/// What every audio loop has in common.
enum DeviceLoop {
    /// How long a running device may stand still before it is given up. Sound servers that suspend a sink come back
    /// within a second or two; a recorder that waits longer is one that nobody hears fail.
    static let watchdogSeconds = 5
    static let watchdogNanoseconds = Int64(watchdogSeconds) * 1_000_000_000
    /// Milliseconds between two looks at a device that says nothing: often enough to count an underrun, rare enough
    /// to cost nothing.
    static let idleMilliseconds: Int32 = 100

    /// The same where a period is longer than that: a look that comes in the middle of each would only wake the machine.
    static func idleMilliseconds(_ configuration: DeviceConfiguration) -> Int32 {
        let periods = 2 * configuration.periodFrames * 1000 / configuration.format.rate
        return max(idleMilliseconds, Int32(clamping: min(periods, 1000)))
    }
}
