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
    /// A period of silence, played while sound is held.
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
        silenceFrames = configuration.periodFrames
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
        }
        let verdict =
            counters.isSilent
            ? pause(deviceFrames: deviceFrames, now: now)
            : play(deviceFrames: deviceFrames, now: now, isEnding: isEnding)
        counters.takenFrames.store(takenFrames, ordering: .relaxed)
        return verdict
    }

    @_noLocks
    private mutating func play(deviceFrames: Int, now: Int64, isEnding: Bool) -> Verdict {
        let step = pacer.step(deviceFrames: deviceFrames, queuedFrames: ring.readableFrames, isEnding: isEnding)
        if step.skipFrames > 0 {
            let skipped = ring.skip(frames: step.skipFrames)
            takenFrames += skipped
            unmarkedSkips += Int64(skipped)
            counters.skippedFrames.wrappingAdd(skipped, ordering: .relaxed)
        }
        let moved = move(step.writeFrames)
        let filled = deviceFrames + moved
        if step.startsDevice { start(now: now) }
        counters.deviceFrames.store(filled, ordering: .relaxed)
        if !pacer.isPrefilling {
            emptyAt = now + Int64(filled) * 1_000_000_000 / Int64(rate)
            // Converters come behind the buffer; what they hold the device tells with its delay.
            let behind = max((port.delayFrames() ?? filled) - filled, 0)
            counters.soundEndNanoseconds.store(
                Int(emptyAt + Int64(behind) * 1_000_000_000 / Int64(rate)), ordering: .relaxed)
            counters.deviceFrames.store(filled + behind, ordering: .relaxed)
            mark(played: givenFrames - Int64(filled), now: now)
        }
        if pacer.isDraining, moved == step.writeFrames { return .ended }
        return ring.readableFrames > 0 && !pacer.isPrefilling ? .waitForDevice : .waitForFrames
    }

    /// Keeps the device going with silence, so that sound goes on where it stood, on any device, and no frame is lost.
    @_noLocks
    private mutating func pause(deviceFrames: Int, now: Int64) -> Verdict {
        // A device that stands still is left alone.
        if pacer.isPrefilling { return .waitForFrames }
        var filled = deviceFrames
        while filled < bufferFrames {
            let count = min(silenceFrames, bufferFrames - filled)
            guard case .ready(let moved) = unsafe port.write(from: silence, frames: count), moved > 0 else { break }
            recovery.moved(frames: moved)
            filled += moved
        }
        // Silence is in the device that no mark counts: what compares clocks by marks begins anew.
        isUnmarkedStart = true
        counters.deviceFrames.store(filled, ordering: .relaxed)
        emptyAt = now + Int64(filled) * 1_000_000_000 / Int64(rate)
        counters.soundEndNanoseconds.store(Int(emptyAt), ordering: .relaxed)
        return .waitForDevice
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
