import AupRealtime
import AupSound
import AupSystem
import AupWire
import Synchronization

/// A playback device as a sink: opened when the first format arrives, fed through a ring, drained to the last sample.
///
///     packets ─▶ take() ─▶ conversion ─▶ FrameRing ─▶ aup.audio: PlaybackCycle ─▶ device
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
    private let stop: StopRequest
    private let scheduling: Scheduling
    private let events: EventQueue
    private let roomBell = Doorbell()
    private let audioBell = Doorbell()
    private let isLoopOver = Flag()
    private var device: AudioDevice?
    private var ring: FrameRing.Producer?
    private var ringFrames = 0
    private var thread: WorkerThread?
    private var converter: SampleConverter?
    private var scratch = ScratchBytes()
    private var sourceFormat: PCMFormat?
    private let shared = Guarded(Shared())

    /// What other threads may know of this sink.
    struct Shared: Sendable {
        var configuration: DeviceConfiguration?
        var clippedSamples: Int64 = 0
        var latencyNanoseconds: Int64?
    }

    init(
        _ request: DeviceRequest, leadIn: TimeSpan?, stop: StopRequest, scheduling: Scheduling, events: EventQueue
    ) {
        self.request = request
        self.leadIn = leadIn
        self.stop = stop
        self.scheduling = scheduling
        self.events = events
    }

    var status: Shared { shared.read { $0 } }

    func take(_ packet: Packet) throws(SessionFailure) {
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
        guard device == nil else {
            guard let sourceFormat, sourceFormat.rate == format.rate, sourceFormat.channels == format.channels else {
                throw .sink(
                    .failed(
                        "the stream changed to \(format.summary), which '\(request.name)' was not opened for; start play anew"
                    ))
            }
            plan(format)
            return
        }
        do throws(DeviceError) {
            try open(format, isLive: description.isLive)
        } catch {
            throw .sink(.deviceFailed(error.message))
        }
        try playLeadIn()
    }

    private func open(_ format: PCMFormat, isLive: Bool) throws(DeviceError) {
        for (what, asked, has) in [
            ("rate", request.rate, format.rate), ("channels", request.channels, format.channels),
        ] {
            guard let asked, asked != has else { continue }
            throw .unsupported(
                name: request.name,
                what: "the stream's \(what) is \(has), not \(asked), and is played as it is; leave it out")
        }
        var request = request
        request.sampleFormat = request.sampleFormat ?? format.sampleFormat
        request.rate = format.rate
        request.channels = format.channels
        request.layout = request.layout ?? format.layout
        let device = try AudioDevice.open(request)
        let configuration = device.configuration
        // Room for a second: what a live stream may pile up before the pipe pushes back, and nothing a file notices.
        let capacity = max(format.rate, configuration.bufferFrames, 8 * configuration.periodFrames)
        let frames = makeFrameRing(frameBytes: configuration.format.frameBytes, capacityFrames: capacity)
        let isPaced = AudioDevice.isPaced(request.name)
        try device.prepare(isLive: isLive)
        let loop = PlaybackLoop(
            device: device, ring: frames.consumer, isLive: isLive, counters: counters, roomBell: roomBell,
            audioBell: audioBell, isOver: isLoopOver,
            scheduling: isPaced ? scheduling : Scheduling(priority: nil))
        let producer = frames.producer
        ringFrames = producer.capacityFrames
        ring = consume producer
        self.device = device
        plan(format)
        shared.write { $0.configuration = configuration }
        events.post(.deviceOpened(configuration, .playback))
        do throws(SystemError) {
            thread = try WorkerThread(name: "aup.audio") { loop.run() }
        } catch {
            throw DeviceError.broken(name: configuration.name, what: error.message)
        }
    }

    private func plan(_ format: PCMFormat) {
        sourceFormat = format
        guard let target = device?.configuration.format.sampleFormat else { return }
        converter = target == format.sampleFormat ? nil : SampleConverter(from: format.sampleFormat, to: target)
    }

    private func playLeadIn() throws(SessionFailure) {
        guard let leadIn, let rate = sourceFormat?.rate else { return }
        try playSilence(leadIn.frames(rate: rate))
    }

    // MARK: - Sound

    private func play(_ audio: AudioPacket) throws(SessionFailure) {
        guard let source = sourceFormat, let target = device?.configuration.format else { return }
        if let time = audio.captureTime { noteLatency(since: time, rate: source.rate) }
        guard var converter else {
            try unsafe put(audio.payload, frameBytes: target.frameBytes)
            return
        }
        let space = unsafe scratch.space(audio.frames * target.frameBytes)
        let clipped = unsafe converter.convert(
            from: audio.payload.baseAddress!, to: space.baseAddress!, samples: audio.frames * source.channels)
        self.converter = converter
        if clipped > 0 { shared.write { $0.clippedSamples += Int64(clipped) } }
        try unsafe put(UnsafeRawBufferPointer(space), frameBytes: target.frameBytes)
    }

    private func playSilence(_ frames: Int64) throws(SessionFailure) {
        guard let target = device?.configuration.format else { return }
        var rest = frames
        while rest > 0 {
            let count = Int(min(rest, 4096))
            let space = unsafe scratch.space(count * target.frameBytes)
            unsafe space.initializeMemory(as: UInt8.self, repeating: target.sampleFormat.silenceByte)
            try unsafe put(UnsafeRawBufferPointer(space), frameBytes: target.frameBytes)
            rest -= Int64(count)
        }
    }

    /// Lost frames become silence of the same length, so that what follows sounds in its time.
    private func fill(_ gap: GapPacket) throws(SessionFailure) {
        guard let rate = sourceFormat?.rate else { return }
        if gap.frames <= Self.longestFilledGapSeconds * Int64(rate) { try playSilence(gap.frames) }
    }

    /// Puts frames into the ring, waiting for room as long as the device makes any.
    private func put(_ bytes: UnsafeRawBufferPointer, frameBytes: Int) throws(SessionFailure) {
        var done = 0
        let total = bytes.count / frameBytes
        while done < total {
            let written = unsafe ring!.write(from: bytes.baseAddress! + done * frameBytes, frames: total - done)
            done += written
            if written > 0 { stop.noteProgress() }
            audioBell.ring()
            guard done < total else { return }
            if isLoopOver.isRaised { throw failure() }
            if stop.isAbandoned { throw .abandoned }
            roomBell.wait(milliseconds: DeviceLoop.idleMilliseconds)
        }
    }

    private func noteLatency(since captureTime: Int64, rate: Int) {
        let soundEnd = Int64(counters.soundEndNanoseconds.load(ordering: .relaxed))
        guard soundEnd > 0 else { return }
        let heardAt = max(soundEnd, monotonicNanoseconds()) + queuedFrames * 1_000_000_000 / Int64(rate)
        shared.write { $0.latencyNanoseconds = heardAt - captureTime }
    }

    /// Frames in the ring.
    var queuedFrames: Int64 {
        guard ring != nil else { return 0 }
        return Int64(ringFrames - ring!.writableFrames)
    }

    // MARK: - The end

    private func finish() throws(SessionFailure) {
        guard let device else { return }
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
