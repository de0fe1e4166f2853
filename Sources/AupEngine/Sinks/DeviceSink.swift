import AupRealtime
import AupResampling
import AupSound
import AupSystem
import AupWire
import Synchronization

/// A playback device as a sink: opened when the first format arrives, fed through a ring, drained to the last sample.
///
///     packets ─▶ take() ─▶ SoundFitting ─▶ FrameRing ─▶ aup.audio: PlaybackCycle ─▶ device
///
/// A full ring makes ``take(_:)`` wait, and through the pipe whoever is before it: the device's clock paces the chain.
///
/// - Thread: transport, but for ``counters`` and ``status``.
final class DeviceSink: PacketSink {
    /// Silence written for a gap at most, in seconds: a longer one is left out, and said.
    static let longestFilledGapSeconds: Int64 = 5

    let counters = LoopCounters()
    private let request: DeviceRequest
    private let leadIn: TimeSpan?
    let stop: StopRequest
    private let scheduling: Scheduling
    private let events: EventQueue
    let roomBell = Doorbell()
    let audioBell = Doorbell()
    let isLoopOver = Flag()
    /// Wishes to play from elsewhere, which end the wait for room.
    var controls: PlaybackControls?
    /// Frames that were ever put into the ring.
    private(set) var writtenFrames = 0
    /// Frames that were not put into the ring because a jump made them unwanted.
    var unwantedFrames = 0
    private var device: AudioDevice?
    private var ring: FrameRing.Producer?
    private var ringFrames = 0
    /// Of packets, in frames of the device: the longest that is usual, and the last.
    private var longestFrames = 0
    private var lastLength: Int?
    private(set) var thread: WorkerThread?
    private let plan: PlaybackPlan
    /// There is no such device, and that is no failure here.
    private var isMissing = false
    private(set) var fitting: SoundFitting?
    private var clock: ClockFollower?
    private var silence = ScratchBytes()
    /// Whether capture times may be compared with the time here.
    private var hasOwnClock = false
    /// Frames that are to be left out of what comes.
    private var framesToSkip: Int64 = 0
    /// By fittings to formats before this one.
    private var clippedBefore: Int64 = 0
    private let shared = Guarded(Shared())

    /// What other threads may know of this sink.
    struct Shared: Sendable {
        var configuration: DeviceConfiguration?
        var clippedSamples: Int64 = 0
        var latencyNanoseconds: Int64?
        var drift: DriftStatus?
    }

    init(
        _ request: DeviceRequest, plan: PlaybackPlan, leadIn: TimeSpan?, stop: StopRequest, scheduling: Scheduling,
        events: EventQueue
    ) {
        self.request = request
        self.plan = plan
        self.leadIn = leadIn
        self.stop = stop
        self.scheduling = scheduling
        self.events = events
    }

    var status: Shared { shared.read { $0 } }

    func take(_ packet: Packet) throws(SessionFailure) {
        guard !isMissing else { return }
        switch packet {
        case .format(let description): try accept(description)
        case .audio(let audio): try play(audio)
        case .silence(let silence): try playSilence(silence.frames)
        case .gap(let gap): try fill(gap)
        case .event: break
        case .end: try finish()
        }
    }

    func flush() throws(SessionFailure) {}

    // MARK: - Opening

    private func accept(_ description: StreamDescription) throws(SessionFailure) {
        guard let format = description.pcm else {
            throw .sink(.failed("cannot play \(description.summary): only PCM streams are played"))
        }
        hasOwnClock = description.hasOwnClock
        if device != nil { return try change(to: format) }
        let target: DeviceConfiguration
        do throws(DeviceError) {
            target = try open(format, isLive: description.isLive)
        } catch {
            if plan.mayBeMissing, case .unknown = error {
                isMissing = true
                events.post(.warning("no playback, only levels: \(error.message)"))
                return
            }
            throw .sink(.deviceFailed(error.message))
        }
        try plan(format, target)
        try playLeadIn(target)
    }

    private func open(_ format: PCMFormat, isLive: Bool) throws(DeviceError) -> DeviceConfiguration {
        for (what, asked, has) in [
            ("rate", request.rate, format.rate), ("channels", request.channels, format.channels),
        ] {
            guard let asked, asked != has else { continue }
            throw .unsupported(
                name: request.name,
                what: "the stream's \(what) is \(has), not \(asked), and is played as it is; leave it out")
        }
        let device = try AudioDevice.open(request, for: format)
        let configuration = device.configuration
        // Room for a second: what a live stream may pile up before the pipe pushes back, and nothing a file notices.
        let capacity = max(configuration.format.rate, configuration.bufferFrames, 8 * configuration.periodFrames)
        let frames = makeFrameRing(frameBytes: configuration.format.frameBytes, capacityFrames: capacity)
        let marks = makePeriodRing(capacity: ClockFollower.markCapacity)
        let isPaced = AudioDevice.isPaced(request.name)
        try device.prepare(isLive: isLive)
        let loop = PlaybackLoop(
            device: device, ring: frames.consumer, isLive: isLive, marks: marks.producer, counters: counters,
            roomBell: roomBell, audioBell: audioBell, isOver: isLoopOver,
            scheduling: isPaced ? scheduling : Scheduling(priority: nil))
        let producer = frames.producer
        ringFrames = producer.capacityFrames
        ring = consume producer
        if isLive, isPaced, plan.followsDrift {
            clock = ClockFollower(sourceRate: format.rate, configuration: configuration, marks: marks.consumer)
        }
        self.device = device
        shared.write { $0.configuration = configuration }
        events.post(.deviceOpened(configuration, .playback))
        do throws(SystemError) {
            thread = try WorkerThread(name: "aup.audio") { loop.run() }
        } catch {
            throw DeviceError.broken(name: configuration.name, what: error.message)
        }
        return configuration
    }

    /// The stream goes on in another format: what is left of the old one is played, the new one brought to the device.
    private func change(to format: PCMFormat) throws(SessionFailure) {
        guard let configuration = device?.configuration, format != fitting?.source else { return }
        try finishFitting()
        clock?.restart(sourceRate: format.rate)
        try plan(format, configuration)
    }

    private func plan(_ format: PCMFormat, _ configuration: DeviceConfiguration) throws(SessionFailure) {
        let target = configuration.format
        if let fitting { clippedBefore += fitting.clippedSamples }
        var matrix: MixMatrix?
        if plan.mix != nil || format.channels != target.channels, let from = format.usualLayout,
            let to = target.deviceLayout
        {
            let wanted = MixMatrix(plan.mix ?? .auto, from: from, to: to)
            if !wanted.isIdentity { matrix = wanted }
        }
        do throws(ResamplingError) {
            fitting = try SoundFitting(
                from: format, to: target, matrix: matrix, quality: plan.quality, followsClock: clock != nil)
        } catch {
            throw .sink(.failed("'\(request.name)' cannot run at \(format.rate) Hz, and \(error.message)"))
        }
        if let matrix { tell(matrix) }
        if format.rate != target.rate {
            events.post(
                .note("\(format.rate) Hz become \(target.rate) Hz for the device, quality \(plan.quality.rawValue)"))
        }
    }

    private func tell(_ matrix: MixMatrix) {
        let text = "\(matrix.sources) channels become \(matrix.targets), mix '\(matrix.name.rawValue)'"
        let whole = text + (matrix.remark.map { "; \($0)" } ?? "")
        // A mix of the standard is what one would expect; one that goes by numbers alone may put a voice anywhere.
        events.post(matrix.name == .copy && plan.mix == nil ? .warning(whole) : .note(whole))
    }

    private func playLeadIn(_ configuration: DeviceConfiguration) throws(SessionFailure) {
        guard let leadIn else { return }
        try putSilence(leadIn.frames(rate: configuration.format.rate), configuration.format)
    }

    // MARK: - Sound

    private func play(_ audio: AudioPacket) throws(SessionFailure) {
        guard let fitting else { return }
        let now = monotonicNanoseconds()
        if hasOwnClock, let time = audio.captureTime { noteLatency(since: time) }
        noteLength(audio.frames, fitting)
        try unsafe fit(audio.payload, frames: audio.frames)
        try follow(frames: audio.frames, now: now)
        let clippedSamples = clippedBefore + fitting.clippedSamples
        if clippedSamples > 0 { shared.write { $0.clippedSamples = clippedSamples } }
    }

    /// The longest that comes twice in a row counts, the first at once: a single one is a stall of whoever sends, which the
    /// slack is for. What is longer than a quarter of the ring is a pile, and no measure.
    private func noteLength(_ frames: Int, _ fitting: SoundFitting) {
        let length = min(frames * fitting.target.rate / fitting.source.rate, ringFrames / 4)
        let usual = min(length, lastLength ?? length)
        lastLength = length
        guard usual > longestFrames else { return }
        longestFrames = usual
        counters.packetFrames.store(usual, ordering: .relaxed)
    }

    /// Silence of the stream's own.
    private func playSilence(_ frames: Int64) throws(SessionFailure) {
        guard let source = fitting?.source else { return }
        let now = monotonicNanoseconds()
        var rest = frames
        while rest > 0 {
            let count = Int(min(rest, Int64(SoundFitting.blockFrames)))
            let space = unsafe silence.space(count * source.frameBytes)
            unsafe space.initializeMemory(as: UInt8.self, repeating: source.sampleFormat.silenceByte)
            try unsafe fit(UnsafeRawBufferPointer(space), frames: count)
            rest -= Int64(count)
        }
        try follow(frames: Int(frames), now: now)
    }

    private func fit(_ payload: UnsafeRawBufferPointer, frames: Int) throws(SessionFailure) {
        try unsafe fitting?.fit(payload, frames: frames) { (bytes) throws(SessionFailure) in
            try unsafe put(bytes)
        }
    }

    private func finishFitting() throws(SessionFailure) {
        try unsafe fitting?.finish { (bytes) throws(SessionFailure) in try unsafe put(bytes) }
    }

    /// What a resampler still holds of sound that is no longer wanted goes with it.
    func dropFitting() throws(SessionFailure) {
        guard let configuration = device?.configuration, let source = fitting?.source else { return }
        try plan(source, configuration)
    }

    /// Lets the source's clock be followed, after a packet of it.
    private func follow(frames: Int, now: Int64) throws(SessionFailure) {
        guard let clock, let fitting else { return }
        let written = Double(Int64(writtenFrames) - framesToSkip) + fitting.pendingFrames
        switch clock.arrived(frames: frames, writtenFrames: written, timeNanoseconds: now) {
        case .none: break
        case .skip(let frames):
            framesToSkip += Int64(frames)
            counters.skippedFrames.wrappingAdd(frames, ordering: .relaxed)
        case .fill(let frames):
            counters.underrunFrames.wrappingAdd(frames, ordering: .relaxed)
            try putSilence(Int64(frames), fitting.target)
        }
        if clock.isEngaged { fitting.stretch(by: clock.ratio) }
        let status = clock.status
        shared.write { $0.drift = status }
    }

    /// Silence of the device's.
    private func putSilence(_ frames: Int64, _ format: PCMFormat) throws(SessionFailure) {
        var rest = frames
        while rest > 0 {
            let count = Int(min(rest, Int64(SoundFitting.blockFrames)))
            let space = unsafe silence.space(count * format.frameBytes)
            unsafe space.initializeMemory(as: UInt8.self, repeating: format.sampleFormat.silenceByte)
            try unsafe put(UnsafeRawBufferPointer(space))
            rest -= Int64(count)
        }
    }

    /// Lost frames become silence of the same length, so that what follows sounds in its time.
    private func fill(_ gap: GapPacket) throws(SessionFailure) {
        guard let rate = fitting?.source.rate else { return }
        if gap.frames <= Self.longestFilledGapSeconds * Int64(rate) { try playSilence(gap.frames) }
    }

    /// Puts frames of the device into the ring, waiting for room as long as the device makes any.
    private func put(_ bytes: UnsafeRawBufferPointer) throws(SessionFailure) {
        guard let frameBytes = fitting?.target.frameBytes ?? device?.configuration.format.frameBytes else { return }
        let total = bytes.count / frameBytes
        var done = Int(min(framesToSkip, Int64(total)))
        framesToSkip -= Int64(done)
        while done < total {
            let written = unsafe ring!.write(from: bytes.baseAddress! + done * frameBytes, frames: total - done)
            done += written
            if written > 0 { stop.noteProgress() }
            noteWritten(written, pending: total - done)
            audioBell.ring()
            guard done < total else { return }
            if isLoopOver.isRaised { throw failure() }
            if stop.isAbandoned { throw .abandoned }
            // What is not in yet would be dropped with what is.
            if controls?.isJumpPending ?? false {
                unwantedFrames += total - done
                counters.noteWritten(writtenFrames, pending: unwantedFrames)
                return
            }
            roomBell.wait(milliseconds: DeviceLoop.idleMilliseconds)
        }
    }

    private func noteWritten(_ frames: Int, pending: Int) {
        writtenFrames += frames
        counters.noteWritten(writtenFrames, pending: pending + unwantedFrames)
        // After a jump sound goes on when there is a buffer of it.
        if counters.isHeld, queuedFrames >= Int64(status.configuration?.bufferFrames ?? 0) { counters.hold(false) }
    }

    private func noteLatency(since captureTime: Int64) {
        guard let rate = fitting?.target.rate else { return }
        let soundEnd = Int64(counters.soundEndNanoseconds.load(ordering: .relaxed))
        guard soundEnd > 0 else { return }
        let waiting = queuedFrames + Int64(fitting?.pendingFrames ?? 0)
        let heardAt = max(soundEnd, monotonicNanoseconds()) + waiting * 1_000_000_000 / Int64(rate)
        guard let latency = age(of: captureTime, at: heardAt) else { return }
        shared.write { $0.latencyNanoseconds = latency }
    }

    /// Frames in the ring.
    var queuedFrames: Int64 {
        guard ring != nil else { return 0 }
        return Int64(ringFrames - ring!.writableFrames)
    }

    // MARK: - The end

    private func finish() throws(SessionFailure) {
        guard let device else { return }
        counters.hold(false)
        try finishFitting()
        counters.stop()
        audioBell.ring()
        while !isLoopOver.isRaised {
            roomBell.wait(milliseconds: 20)
            // Sound that was asked to stop by hand is not played out for a whole buffer.
            if stop.isRequested { break }
        }
        if !isLoopOver.isRaised { counters.fail(LoopFailure.interrupted) }
        audioBell.ring()
        thread?.join()
        thread = nil
        let code = counters.failure.load(ordering: .acquiring)
        if code != 0, code != LoopFailure.interrupted { throw failure() }
        _ = device.drain { [stop] in stop.isRequested }
        device.close()
        counters.deviceFrames.store(0, ordering: .relaxed)
        counters.deviceSoundFrames.store(0, ordering: .relaxed)
        self.device = nil
    }

    private func failure() -> SessionFailure {
        thread?.join()
        thread = nil
        let code = counters.failure.load(ordering: .acquiring)
        return .sink(.deviceFailed("device '\(request.name)' \(LoopFailure.reason(code))"))
    }

    deinit {
        counters.fail(LoopFailure.interrupted)
        counters.stop()
        audioBell.ring()
        thread?.join()
        device?.close()
    }
}
