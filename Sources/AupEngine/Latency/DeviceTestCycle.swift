import AupALSA
import AupSound
import Synchronization

/// One turn of the audio thread of a device test: look at the device, note time and position, move whole periods.
///
/// What is captured is thrown away, what is played is a tone. Whole periods only, so that the frame at which the next
/// wake-up is due lies where the device's own periods end.
///
/// - Thread: audio.
@safe struct DeviceTestCycle: ~Copyable {
    enum Verdict {
        case wait
        /// The machine slept and the device is waking.
        case waitForResume
        case ended
    }

    private let port: DevicePort
    private let counters: LoopCounters
    private let looks: DeviceLooks.Pen
    private let isCapture: Bool
    /// Nothing where this captures.
    private var tone: TestTone
    private var recovery: XrunRecovery
    private let periodFrames: Int
    private let bufferFrames: Int
    /// Where captured sound goes: a period's room that nobody reads.
    private let drop: UnsafeMutableRawPointer
    private var movedFrames: Int64 = 0
    private var run = 0
    /// A time that was read longer than this around the position is none: five frames at 48 kHz.
    private static var sharpNanoseconds: Int64 { @_noLocks get { 100_000 } }
    /// A stamp that lies so far off is of another clock.
    private static var stampNanoseconds: Int64 { @_noLocks get { 1_000_000_000 } }

    init(
        port: DevicePort, configuration: DeviceConfiguration, direction: DeviceDirection, levelDecibels: Double,
        looks: DeviceLooks, counters: LoopCounters
    ) {
        self.port = port
        self.counters = counters
        self.looks = looks.pen
        isCapture = direction == .capture
        tone = isCapture ? TestTone() : TestTone(configuration.format, levelDecibels: levelDecibels)
        periodFrames = configuration.periodFrames
        bufferFrames = configuration.bufferFrames
        // Owned by this value alone, which frees it.
        unsafe drop = .allocate(byteCount: periodFrames * configuration.format.frameBytes, alignment: 64)
        unsafe drop.initializeMemory(
            as: UInt8.self, repeating: 0, count: periodFrames * configuration.format.frameBytes)
        recovery = XrunRecovery(
            direction: direction, bufferFrames: configuration.bufferFrames,
            watchdogNanoseconds: DeviceLoop.watchdogNanoseconds)
    }

    deinit { unsafe drop.deallocate() }

    // MARK: - Audio thread

    /// Fills a playback buffer to the brim and lets the device run.
    @_noLocks
    mutating func start() {
        movedFrames = 0
        if !isCapture {
            let filled = tone.play(into: port, frames: bufferFrames)
            note(moved: filled)
        }
        _ = port.start()
        recovery.restarted(now: port.now())
    }

    @_noLocks
    mutating func turn(isStopping: Bool) -> Verdict {
        let wake = port.now()
        let status = port.available()
        let now = port.now()
        switch recovery.next(status, now: now) {
        case .transfer:
            guard case .ready(let available) = status else { return .wait }
            return transfer(available, wake: wake, now: now, isStopping: isStopping)
        case .prepareAndRestart:
            counters.xruns.wrappingAdd(1, ordering: .relaxed)
            return restart(isStopping: isStopping)
        case .waitForResume:
            // How long it slept nobody knows; what comes after is a run of its own.
            run += 1
            _ = port.resume()
            return isStopping ? .ended : .waitForResume
        case .giveUp(let reason):
            counters.failure.store(LoopFailure.number(reason), ordering: .releasing)
            return .ended
        }
    }

    @_noLocks
    private mutating func restart(isStopping: Bool) -> Verdict {
        if isStopping { return .ended }
        run += 1
        _ = port.prepareAgain()
        start()
        return .wait
    }

    @_noLocks
    private mutating func transfer(_ available: Int, wake: Int64, now: Int64, isStopping: Bool) -> Verdict {
        var free = available
        if available >= periodFrames {
            let stamp = port.timestampNanoseconds(available: available)
            // Plugins that have no stamp read the clock when they are asked: that is later than ours.
            let isStamped = stamp != 0 && stamp <= now && now - stamp < Self.stampNanoseconds
            let isSharp = now - wake < Self.sharpNanoseconds
            let base = isCapture ? movedFrames : movedFrames - Int64(bufferFrames)
            looks.add(
                DeviceLook(
                    wakeNanoseconds: wake, timeNanoseconds: isStamped ? stamp : isSharp ? now : 0,
                    positionFrames: base + Int64(available), dueFrame: base + Int64(periodFrames), run: run))
        }
        let overrun = port.overrunFrames(available: available)
        if overrun > 0, case .ready(let skipped) = port.skip(frames: overrun) {
            counters.xruns.wrappingAdd(1, ordering: .relaxed)
            counters.lostFrames.wrappingAdd(skipped, ordering: .relaxed)
            recovery.moved(frames: skipped)
            movedFrames += Int64(skipped)
            free -= skipped
        }
        if looks.isFull { return .ended }
        if !isCapture {
            if isStopping { tone.end() }
            let played = tone.play(into: port, frames: isStopping ? free : free / periodFrames * periodFrames)
            note(moved: played)
            return tone.isOver ? .ended : .wait
        }
        while free >= periodFrames {
            guard case .ready(let moved) = unsafe port.read(into: drop, frames: periodFrames), moved > 0 else { break }
            note(moved: moved)
            free -= moved
        }
        return isStopping ? .ended : .wait
    }

    @_noLocks
    private mutating func note(moved: Int) {
        movedFrames += Int64(moved)
        recovery.moved(frames: moved)
        counters.frames.wrappingAdd(moved, ordering: .relaxed)
    }
}
