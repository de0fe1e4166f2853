import AupALSA
import AupRealtime
import AupSound
import AupSystem
import Synchronization

/// One turn of the playback thread: ask the pacer, move frames from the ring into the device.
///
/// - Thread: audio.
@safe struct PlaybackCycle: ~Copyable {
    enum Verdict {
        /// Everything that was queued is in the device: wait for more.
        case waitForFrames
        /// The device is full: wait for it.
        case waitForDevice
        case waitForResume
        case ended
    }

    let port: DevicePort
    let counters: LoopCounters
    private var ring: FrameRing.Consumer
    private var pacer: PlaybackPacer
    private var marks: PeriodRing.Producer
    private var recovery: XrunRecovery
    private let rate: Int
    private let bufferFrames: Int
    /// When the device will have played what it has, and whether it has run out since.
    private var emptyAt: Int64 = 0
    private var isStarved = false
    /// What the next mark says: frames left out, and whether the device began anew.
    private var unmarkedSkips: Int64 = 0
    private var isUnmarkedStart = false
    /// Frames given to the device.
    private var givenFrames: Int64 = 0
    /// A source that is pulled has run dry: the device is kept going with silence until a buffer of sound waits again.
    private var isDry = false
    /// Whether the device was ever seen to hold frames. One that swallows them at once (ALSA's `null`, a simulation at
    /// full speed) never runs dry.
    private var holdsFrames = false
    /// Frames in the device at which silence is called for: so late that sound may still come, so early that a thread
    /// which wakes late does not find it empty.
    private let reserveFrames: Int
    /// How long to wait for frames before the next look, and how long where nothing is due.
    private(set) var patienceMilliseconds: Int32
    private let idleMilliseconds: Int32
    private var silentRun = SilentRun()
    /// A period of silence, played while sound is held or wanting.
    private let silence: UnsafeMutableRawPointer
    private let silenceFrames: Int
    /// Frames taken out of the ring.
    private(set) var takenFrames = 0

    init(
        port: DevicePort, configuration: DeviceConfiguration, ring: consuming FrameRing.Consumer, isLive: Bool,
        marks: consuming PeriodRing.Producer, counters: LoopCounters
    ) {
        self.port = port
        self.counters = counters
        self.ring = ring
        self.marks = marks
        rate = configuration.format.rate
        bufferFrames = configuration.bufferFrames
        pacer = PlaybackPacer(
            isLive: isLive, periodFrames: configuration.periodFrames, bufferFrames: configuration.bufferFrames)
        idleMilliseconds = DeviceLoop.idleMilliseconds
        patienceMilliseconds = idleMilliseconds
        silenceFrames = configuration.periodFrames
        reserveFrames = min(2 * silenceFrames, bufferFrames / 2)
        let silenceBytes = silenceFrames * configuration.format.frameBytes
        // Owned by this value alone, which frees it.
        unsafe silence = .allocate(byteCount: silenceBytes, alignment: 64)
        unsafe silence.initializeMemory(
            as: UInt8.self, repeating: configuration.format.sampleFormat.silenceByte, count: silenceBytes)
        recovery = XrunRecovery(
            direction: .playback, bufferFrames: configuration.bufferFrames,
            watchdogNanoseconds: DeviceLoop.watchdogNanoseconds)
    }

    deinit { unsafe silence.deallocate() }

    // MARK: - Audio thread

    /// Whether whoever fills the ring should be woken: at once where every frame that waits is latency, else when half
    /// of it is free, so that both threads do not chase each other a few frames at a time.
    var wantsFrames: Bool {
        @_noLocks mutating get { pacer.isLive || ring.readableFrames * 2 <= ring.capacityFrames }
    }

    @_noLocks
    mutating func run(now: Int64, isEnding: Bool) -> Verdict {
        if counters.isInterrupted { return .ended }
        let status = port.available()
        // A device that swallows frames at once does not die of a source that is late.
        if case .ready(let available) = status, available >= bufferFrames { recovery.rested(now: now) }
        switch recovery.next(status, now: now) {
        case .transfer:
            guard case .ready(let available) = status else { return .waitForFrames }
            return transfer(deviceFrames: max(bufferFrames - available, 0), now: now, isEnding: isEnding)
        case .prepareAndRestart:
            counters.xruns.wrappingAdd(1, ordering: .relaxed)
            isStarved = true
            _ = port.prepareAgain()
            pacer.restart()
            return transfer(deviceFrames: 0, now: now, isEnding: isEnding)
        case .waitForResume:
            _ = port.resume()
            return .waitForResume
        case .giveUp(let reason):
            counters.failure.store(LoopFailure.number(reason), ordering: .releasing)
            return .ended
        }
    }

    @_noLocks
    private mutating func transfer(deviceFrames: Int, now: Int64, isEnding: Bool) -> Verdict {
        let unwanted = counters.discardedFrames.load(ordering: .relaxed) - takenFrames
        if unwanted > 0 {
            let skipped = ring.skip(frames: unwanted)
            takenFrames += skipped
            unmarkedSkips += Int64(skipped)
            counters.droppedFrames.wrappingAdd(skipped, ordering: .relaxed)
        }
        let verdict =
            counters.isSilent
            ? pause(deviceFrames: deviceFrames, now: now)
            : play(deviceFrames: deviceFrames, now: now, isEnding: isEnding)
        // Releasing, so that whoever sees a discarding at its end sees how many frames it cost.
        counters.takenFrames.store(takenFrames, ordering: .releasing)
        return verdict
    }

    @_noLocks
    private mutating func play(deviceFrames: Int, now: Int64, isEnding: Bool) -> Verdict {
        patienceMilliseconds = idleMilliseconds
        let isComplete = counters.isComplete
        if isWanting(deviceFrames: deviceFrames, isOver: isEnding || isComplete) {
            // Half of the buffer, because nothing is gained by being late with silence.
            let filled = fill(deviceFrames, upTo: max(bufferFrames / 2, reserveFrames), isCounted: true)
            tellSilent(deviceFrames: filled, now: now)
            patienceMilliseconds = Int32(truncatingIfNeeded: max(silenceFrames * 1000 / rate, 1))
            return .waitForFrames
        }
        pacer.expect(packetFrames: counters.packetFrames.load(ordering: .relaxed))
        let step = pacer.step(
            deviceFrames: deviceFrames, queuedFrames: ring.readableFrames, isEnding: isEnding, isComplete: isComplete)
        if step.skipFrames > 0 {
            let skipped = ring.skip(frames: step.skipFrames)
            takenFrames += skipped
            unmarkedSkips += Int64(skipped)
            counters.skippedFrames.wrappingAdd(skipped, ordering: .relaxed)
        }
        let moved = move(step.writeFrames)
        let filled = deviceFrames + moved
        if step.startsDevice { start(now: now) }
        tell(deviceFrames: filled, behind: 0)
        if !pacer.isPrefilling {
            patienceMilliseconds = patience(deviceFrames: filled)
            emptyAt = now + Int64(filled) * 1_000_000_000 / Int64(rate)
            // Converters come behind the buffer; what they hold the device tells with its delay.
            let behind = max((port.delayFrames() ?? filled) - filled, 0)
            counters.soundEndNanoseconds.store(
                Int(emptyAt + Int64(behind) * 1_000_000_000 / Int64(rate)), ordering: .relaxed)
            tell(deviceFrames: filled, behind: behind)
            mark(played: givenFrames - Int64(filled), now: now)
        }
        if pacer.isDraining, moved == step.writeFrames { return .ended }
        return ring.readableFrames > 0 && !pacer.isPrefilling ? .waitForDevice : .waitForFrames
    }

    /// Keeps the device going with silence, so that sound goes on where it stood, on any device, and no frame is lost.
    @_noLocks
    private mutating func pause(deviceFrames: Int, now: Int64) -> Verdict {
        // A device that stands still is left alone.
        patienceMilliseconds = idleMilliseconds
        if pacer.isPrefilling { return .waitForFrames }
        tellSilent(deviceFrames: fill(deviceFrames, upTo: bufferFrames, isCounted: false), now: now)
        return .waitForDevice
    }

    /// Whether sound that is pulled did not come in time, and silence has to stand in for it: once begun, until so much
    /// waits that the next frames are not late again.
    ///
    /// A device that ran out would stop: nobody knew to the frame how long it stood, and some begin with a click.
    @_noLocks
    private mutating func isWanting(deviceFrames: Int, isOver: Bool) -> Bool {
        guard !pacer.isLive, !pacer.isPrefilling, !isOver else {
            isDry = false
            return false
        }
        if deviceFrames > 0 { holdsFrames = true }
        let queuedFrames = ring.readableFrames
        if isDry {
            isDry = queuedFrames < min(bufferFrames, ring.capacityFrames)
        } else if queuedFrames == 0, holdsFrames, deviceFrames <= reserveFrames {
            isDry = true
            counters.underruns.wrappingAdd(1, ordering: .relaxed)
        }
        return isDry
    }

    /// Gives the device silence until it holds so many frames; returns how many it holds.
    @_noLocks
    private mutating func fill(_ deviceFrames: Int, upTo wanted: Int, isCounted: Bool) -> Int {
        var filled = deviceFrames
        while filled < wanted {
            let count = min(silenceFrames, wanted - filled)
            guard case .ready(let moved) = unsafe port.write(from: silence, frames: count), moved > 0 else { break }
            recovery.moved(frames: moved)
            silentRun.silence(frames: moved)
            if isCounted { counters.underrunFrames.wrappingAdd(moved, ordering: .relaxed) }
            filled += moved
        }
        return filled
    }

    @_noLocks
    private mutating func tellSilent(deviceFrames: Int, now: Int64) {
        // Silence is in the device that no mark counts: what compares clocks by marks begins anew.
        isUnmarkedStart = true
        tell(deviceFrames: deviceFrames, behind: 0)
        emptyAt = now + Int64(deviceFrames) * 1_000_000_000 / Int64(rate)
        counters.soundEndNanoseconds.store(Int(emptyAt), ordering: .relaxed)
    }

    /// How long it is until silence may be called for.
    @_noLocks
    private func patience(deviceFrames: Int) -> Int32 {
        guard !pacer.isLive, holdsFrames else { return idleMilliseconds }
        let milliseconds = (deviceFrames - reserveFrames) * 1000 / rate
        return Int32(truncatingIfNeeded: min(max(milliseconds, 1), Int(idleMilliseconds)))
    }

    @_noLocks
    private func tell(deviceFrames: Int, behind: Int) {
        counters.deviceFrames.store(deviceFrames + behind, ordering: .relaxed)
        counters.deviceSoundFrames.store(
            deviceFrames + behind - silentRun.frames(within: deviceFrames), ordering: .relaxed)
    }

    @_noLocks
    private mutating func move(_ wanted: Int) -> Int {
        var total = 0
        while total < wanted {
            let regions = unsafe ring.readableRegions(frames: wanted - total)
            let (first, count) = unsafe (regions.first, regions.firstFrames)
            guard count > 0, case .ready(let moved) = unsafe port.write(from: first, frames: count), moved > 0 else {
                break
            }
            ring.advance(frames: moved)
            recovery.moved(frames: moved)
            silentRun.sound(frames: moved)
            total += moved
            takenFrames += moved
            givenFrames += Int64(moved)
        }
        counters.frames.wrappingAdd(total, ordering: .relaxed)
        return total
    }

    /// Tells whoever follows the device's clock where it stands; where nobody does, the ring is full and that is all.
    @_noLocks
    private mutating func mark(played: Int64, now: Int64) {
        let hasRoom = marks.push(
            PeriodMark(
                position: played, captureTimeNanoseconds: now, frames: 0, lostBefore: unmarkedSkips,
                cause: isUnmarkedStart ? GapCause.xrun.rawValue : 0))
        guard hasRoom else { return }
        unmarkedSkips = 0
        isUnmarkedStart = false
    }

    @_noLocks
    private mutating func start(now: Int64) {
        isUnmarkedStart = true
        _ = port.start()
        recovery.restarted(now: now)
        if isStarved {
            isStarved = false
            let unheard = max(now - emptyAt, 0) / 1000 * Int64(rate) / 1_000_000
            counters.underruns.wrappingAdd(1, ordering: .relaxed)
            counters.underrunFrames.wrappingAdd(Int(unheard), ordering: .relaxed)
        }
    }
}

/// The last silence that was given to a device instead of sound, and how much of it is still in there.
private struct SilentRun {
    private var given = 0
    private var start = 0
    private var end = 0

    @_noLocks
    mutating func sound(frames: Int) { given += frames }

    @_noLocks
    mutating func silence(frames: Int) {
        if given != end { start = given }
        given += frames
        end = given
    }

    /// Of the frames given last.
    @_noLocks
    func frames(within deviceFrames: Int) -> Int { max(0, end - max(start, given - deviceFrames)) }
}
