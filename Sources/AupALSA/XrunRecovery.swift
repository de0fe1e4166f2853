public import AupSound

/// Decides what the audio loop does after each look at its device: go on, recover, wait, or give up.
///
/// Pure numbers, so that every fault is tested without a device or a thread. A device counts as alive only while its
/// position moves: frames that merely fit into an emptied buffer prove nothing, since a sound server that died lets
/// its client prepare and fill for ever and answers each start with an xrun.
///
///     ready ──────────► transfer                 position stands still for the watchdog's time ─► give up
///     xrun ───────────► prepare and restart      16 of them and the position never moved ───────► give up
///     suspended ──────► wait for resume          longer than the resume time ──► prepare and restart
///     gone ───────────► give up
///
/// - Thread: audio.
public struct XrunRecovery: Sendable {
    /// Recoveries in a row, with no frame between, after which a device is taken for gone. Sixteen, because real devices
    /// need one and rarely two after a long stall, and 16 attempts take a dead server's client no noticeable time.
    public static let recoveryLimit = 16
    /// How long a device that reports "suspended" is asked to resume before it is set up anew: the kernel's drivers
    /// answer within a few hundred milliseconds of waking.
    public static let resumeNanoseconds: Int64 = 2_000_000_000

    public enum Action: Sendable, Equatable {
        /// Move frames.
        case transfer
        /// ``ALSAPort/prepareAgain()``, refill (playback), ``ALSAPort/start()``, then ``restarted(now:)``.
        case prepareAndRestart
        /// ``ALSAPort/resume()`` and look again in a few milliseconds.
        case waitForResume
        case giveUp(Reason)
    }

    public enum Reason: Sendable, Equatable {
        /// The library said so, with this errno.
        case gone(code: Int32)
        /// ``recoveryLimit`` recoveries in a row brought nothing.
        case endlessXruns
        /// Its position stood still for the watchdog's time.
        case silent
    }

    /// Xruns seen since the beginning.
    public private(set) var xruns = 0
    /// Recoveries since the position last moved.
    public private(set) var fruitlessRecoveries = 0

    private let watchdogNanoseconds: Int64
    /// Position of a device that has just been prepared: captured frames, or free ones.
    private let startPosition: Int
    private var isRunning = false
    private var movedFrames = 0
    private var position: Int
    private var lastProgress: Int64 = 0
    private var suspendedSince: Int64?

    /// - Parameters:
    ///   - watchdogNanoseconds: how long the position may stand still while the device is said to run.
    ///   - bufferFrames: of the device.
    public init(direction: DeviceDirection, bufferFrames: Int, watchdogNanoseconds: Int64) {
        self.watchdogNanoseconds = watchdogNanoseconds
        startPosition = direction == .capture ? 0 : bufferFrames
        position = startPosition
    }

    // MARK: - Audio thread

    /// The device was started: from now on its position must move.
    @_noLocks
    public mutating func restarted(now: Int64) {
        isRunning = true
        lastProgress = now
        suspendedSince = nil
    }

    /// The device was prepared: its buffer is empty, and it stands still until it is started.
    @_noLocks
    public mutating func prepared() {
        isRunning = false
        movedFrames = 0
        position = startPosition
    }

    /// Frames were read, written or skipped.
    @_noLocks
    public mutating func moved(frames: Int) {
        movedFrames += frames
    }

    /// Playback: nothing waits to be heard, so the position has no reason to move.
    @_noLocks
    public mutating func rested(now: Int64) {
        lastProgress = now
    }

    /// What to do about the status of this cycle; `now` is monotonic, in nanoseconds.
    @_noLocks
    public mutating func next(_ status: PortStatus, now: Int64) -> Action {
        switch status {
        case .ready(let available):
            suspendedSince = nil
            return watch(movedFrames + available, now: now)
        case .xrun:
            suspendedSince = nil
            xruns += 1
            return recover()
        case .suspended:
            guard let since = suspendedSince else {
                suspendedSince = now
                return .waitForResume
            }
            if now - since < Self.resumeNanoseconds { return .waitForResume }
            suspendedSince = nil
            return recover()
        case .gone(let code):
            return .giveUp(.gone(code: code))
        }
    }

    @_noLocks
    private mutating func recover() -> Action {
        if fruitlessRecoveries >= Self.recoveryLimit { return .giveUp(.endlessXruns) }
        fruitlessRecoveries += 1
        prepared()
        return .prepareAndRestart
    }

    @_noLocks
    private mutating func watch(_ reached: Int, now: Int64) -> Action {
        guard isRunning else { return .transfer }
        if reached > position {
            position = reached
            lastProgress = now
            fruitlessRecoveries = 0
            return .transfer
        }
        return now - lastProgress >= watchdogNanoseconds ? .giveUp(.silent) : .transfer
    }
}
