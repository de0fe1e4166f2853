import AupALSA
import AupRealtime
import AupSound
import AupSystem
import Synchronization

/// One turn of the capture thread: look at the device, move whole periods into the ring, mark each with its place and
/// time in the stream.
///
/// Where the ring is full, frames stay in the device's own buffer as long as that lasts; when the device has written
/// over them too, their number is known exactly and stands in the next mark. A device without a clock of its own
/// never writes over anything, and so simply waits for whoever reads.
///
/// - Thread: audio.
struct CaptureCycle: ~Copyable {
    enum Verdict {
        /// Wait for the device.
        case wait
        /// Wait for room in the ring: the device would not let poll sleep.
        case waitForRoom
        /// Look again soon: the machine slept and the device is waking.
        case waitForResume
        case ended
    }

    let port: DevicePort
    let counters: LoopCounters
    private var ring: FrameRing.Producer
    private var marks: PeriodRing.Producer
    private var recovery: XrunRecovery
    private var clock: DelayLockedLoop
    private let rate: Int
    private let periodFrames: Int
    private let frameBytes: Int
    /// Whether the device has a clock.
    private let isPaced: Bool
    /// Frames of the stream so far, lost ones included: where the next period belongs.
    private var position: Int64 = 0
    /// Up to where the clock has been told.
    private var clockPosition: Int64 = 0
    private var pendingLoss: Int64 = 0
    private var pendingCause: UInt8 = 0
    private var isRingFull = false
    /// The device stood still and runs again, for this reason; how long it stood is not yet known.
    private var unmeasuredStop: GapCause?
    /// Whether time and position of this cycle were read together.
    private var isReadingSharp = true
    /// Five frames at 48 kHz, and fifty times what the reading takes.
    private static var sharpNanoseconds: Int64 { @_noLocks get { 100_000 } }
    /// Periods put into the ring.
    private(set) var deliveredMarks = 0

    init(
        port: DevicePort, configuration: DeviceConfiguration, ring: consuming FrameRing.Producer,
        marks: consuming PeriodRing.Producer, counters: LoopCounters
    ) {
        self.port = port
        self.counters = counters
        self.ring = ring
        self.marks = marks
        rate = configuration.format.rate
        periodFrames = configuration.periodFrames
        frameBytes = configuration.format.frameBytes
        isPaced = AudioDevice.isPaced(configuration.name)
        recovery = XrunRecovery(
            direction: .capture, bufferFrames: configuration.bufferFrames,
            watchdogNanoseconds: DeviceLoop.watchdogNanoseconds)
        clock = DelayLockedLoop(rate: rate, periodFrames: periodFrames, bandwidthHertz: 0.01)
    }

    // MARK: - Audio thread

    /// The device was started.
    @_noLocks
    mutating func started(now: Int64) {
        recovery.restarted(now: now)
    }

    @_noLocks
    mutating func run(isStopping: Bool) -> Verdict {
        let before = monotonicNanoseconds()
        let status = port.available()
        let now = monotonicNanoseconds()
        // A thread that was put aside between the two would teach the clock a time that was not the position's.
        isReadingSharp = now - before < Self.sharpNanoseconds
        switch recovery.next(status, now: now) {
        case .transfer:
            guard case .ready(let available) = status else { return .wait }
            return transfer(available, now: now, isStopping: isStopping)
        case .prepareAndRestart:
            restart()
            return isStopping ? .ended : .wait
        case .waitForResume:
            unmeasuredStop = .suspend
            _ = port.resume()
            return isStopping ? .ended : .waitForResume
        case .giveUp(let reason):
            counters.failure.store(LoopFailure.number(reason), ordering: .releasing)
            return .ended
        }
    }

    @_noLocks
    private mutating func transfer(_ available: Int, now: Int64, isStopping: Bool) -> Verdict {
        var waiting = available
        if let cause = unmeasuredStop { measureStop(cause) }
        let overrun = port.overrunFrames(available: waiting)
        if overrun > 0 {
            guard case .ready(let skipped) = port.skip(frames: overrun) else { return .wait }
            lose(Int64(skipped), isRingFull ? .overflow : .xrun)
            if !isRingFull { counters.xruns.wrappingAdd(1, ordering: .relaxed) }
            recovery.moved(frames: skipped)
            waiting -= skipped
        }
        tell(clock: position + Int64(waiting), now: now)
        counters.deviceFrames.store(waiting, ordering: .relaxed)
        isRingFull = false
        while waiting >= periodFrames || (isStopping && waiting > 0) {
            let count = min(waiting, periodFrames)
            guard ring.writableFrames >= count, marks.ring.writableFrames > 0 else {
                isRingFull = true
                return isStopping ? .ended : .waitForRoom
            }
            let moved = movePeriod(count)
            if moved == 0 { break }
            waiting -= moved
        }
        return isStopping ? .ended : .wait
    }

    /// Moves one period from the device into the ring and marks it; returns how many frames that were.
    @_noLocks
    private mutating func movePeriod(_ count: Int) -> Int {
        let regions = unsafe ring.writableRegions(frames: count)
        let (first, second, firstFrames) = unsafe (regions.first, regions.second, regions.firstFrames)
        guard case .ready(var moved) = unsafe port.read(into: first, frames: firstFrames) else { return 0 }
        if moved == firstFrames, count > firstFrames,
            case .ready(let more) = unsafe port.read(into: second, frames: count - firstFrames)
        {
            moved += more
        }
        guard moved > 0 else { return 0 }
        ring.advance(frames: moved)
        recovery.moved(frames: moved)
        let time = clock.time(ofFrame: position)
        _ = marks.push(
            PeriodMark(
                position: position, captureTimeNanoseconds: time, frames: Int32(truncatingIfNeeded: moved),
                lostBefore: pendingLoss, cause: pendingCause))
        pendingLoss = 0
        deliveredMarks += 1
        position += Int64(moved)
        counters.frames.wrappingAdd(moved, ordering: .relaxed)
        return moved
    }

    /// The device stopped; what waited in it is lost.
    @_noLocks
    private mutating func restart() {
        counters.xruns.wrappingAdd(1, ordering: .relaxed)
        _ = port.prepareAgain()
        _ = port.start()
        recovery.restarted(now: monotonicNanoseconds())
        if unmeasuredStop == nil { unmeasuredStop = .xrun }
    }

    /// How many frames there would be by now, on the clock that the device's own periods have set, against how many
    /// there are: the rest was lost while it stood.
    ///
    /// The device tells its position to the frame, so the count is as exact as position and time are read together: of
    /// a few readings, the one during which the least time passed.
    @_noLocks
    private mutating func measureStop(_ cause: GapCause) {
        unmeasuredStop = nil
        var shortest = Int64.max
        var missing: Int64 = 0
        for _ in 0..<8 {
            let before = monotonicNanoseconds()
            guard case .ready(let waiting) = port.available() else { break }
            let after = monotonicNanoseconds()
            guard after - before < shortest else { continue }
            shortest = after - before
            missing = clock.frame(atTime: before + shortest / 2) - position - Int64(waiting)
        }
        if missing > 0 { lose(missing, cause) }
    }

    @_noLocks
    private mutating func lose(_ frames: Int64, _ cause: GapCause) {
        position += frames
        pendingLoss += frames
        pendingCause = cause.rawValue
        counters.lostFrames.wrappingAdd(Int(frames), ordering: .relaxed)
    }

    @_noLocks
    private mutating func tell(clock reached: Int64, now: Int64) {
        guard reached > clockPosition, isReadingSharp else { return }
        clock.update(timeNanoseconds: now, frames: Int(reached - clockPosition))
        clockPosition = reached
        guard isPaced, clock.isRateKnown else { return }
        let partsPerMillion = clock.partsPerMillion
        // A device that is off by a fifth follows no clock: ALSA's `null`, or a server that catches up.
        let isClock = abs(partsPerMillion) < 200_000
        counters.clockMilliPPM.store(isClock ? Int(partsPerMillion * 1000) : .min, ordering: .relaxed)
    }
}
