import AupRealtime
import AupSound
import AupSystem
import AupWire
import Synchronization

/// A capture device as a source: its audio thread, the ring behind it, and the packets made from that.
///
///     device ─▶ aup.audio: CaptureCycle ─▶ FrameRing + PeriodRing ─▶ next() ─▶ packets, one a period
///
/// The ring holds five seconds (8 MiB at most): so long may whoever reads stand still before a frame is lost.
///
/// - Thread: transport, but for ``counters``.
final class DeviceSource: PacketSource {
    static let ringSeconds = 5
    static let largestRingBytes = 8 << 20

    let counters = LoopCounters()
    let configuration: DeviceConfiguration
    let isLive: Bool
    /// `nil` once it was given back.
    private var device: AudioDevice?
    private let command: String
    private let events: EventQueue
    private let bell = Doorbell()
    private let audioBell = Doorbell()
    private let isLoopOver = Flag()
    private var frames: FrameRing.Consumer
    private var marks: PeriodRing.Consumer
    private var thread: WorkerThread?
    private var hasSentFormat = false
    private var pendingMark: PeriodMark?
    private var consumedFrames = 0
    private var scratch = ScratchBytes()
    private var position: Int64 = 0
    /// Where this device's first frame stands in the stream, for reports: it may follow upon another.
    var firstPosition: Int64 = 0
    private var lostFrames: Int64 = 0
    private(set) var ending = SessionEnding.done
    private var isStopAsked = false

    /// Opens and starts the device: from here on its periods are collected.
    init(_ request: DeviceRequest, command: String, scheduling: Scheduling, events: EventQueue) throws(DeviceError) {
        let device = try AudioDevice.open(request)
        self.device = device
        configuration = device.configuration
        isLive = AudioDevice.isPaced(request.name)
        self.command = command
        self.events = events
        let capacity = Self.ringFrames(configuration)
        let ring = makeFrameRing(frameBytes: configuration.format.frameBytes, capacityFrames: capacity)
        let markRing = makePeriodRing(capacity: capacity / configuration.periodFrames + 64)
        frames = ring.consumer
        marks = markRing.consumer
        try device.prepare(isLive: isLive)
        try startLoop(device, ring.producer, markRing.producer, scheduling)
        events.post(.deviceOpened(configuration, .capture))
    }

    private static func ringFrames(_ configuration: DeviceConfiguration) -> Int {
        let frames = min(configuration.format.rate * ringSeconds, largestRingBytes / configuration.format.frameBytes)
        return max(frames, 4 * configuration.periodFrames)
    }

    private func startLoop(
        _ device: AudioDevice, _ ring: consuming FrameRing.Producer, _ marks: consuming PeriodRing.Producer,
        _ scheduling: Scheduling
    ) throws(DeviceError) {
        let loop = CaptureLoop(
            device: device, ring: ring, marks: marks, counters: counters, bell: bell, audioBell: audioBell,
            isOver: isLoopOver, scheduling: isLive ? scheduling : Scheduling(priority: nil))
        do throws(SystemError) {
            thread = try WorkerThread(name: "aup.audio") { loop.run() }
        } catch {
            throw DeviceError.broken(name: configuration.name, what: error.message)
        }
    }

    func next() -> Packet? {
        if !hasSentFormat {
            hasSentFormat = true
            return .format(
                StreamDescription(
                    configuration.format, isLive: isLive, clock: .monotonicOfThisBoot, source: configuration.name))
        }
        let wasFull = frames.readableFrames + 2 * configuration.periodFrames > frames.capacityFrames
        frames.advance(frames: consumedFrames)
        // Only then does the loop wait for room; a ring for every period would wake the machine for nothing.
        if consumedFrames > 0, wasFull { audioBell.ring() }
        consumedFrames = 0
        // Looked at before the ring: what the loop put in before it ended is then seen.
        let isOver = isLoopOver.isRaised
        guard let mark = pendingMark ?? marks.pop() else { return isOver ? end() : nil }
        if mark.lostBefore > 0, pendingMark == nil {
            pendingMark = mark
            return gap(mark)
        }
        pendingMark = nil
        return audio(mark)
    }

    func wait() { bell.wait(milliseconds: DeviceLoop.idleMilliseconds(configuration)) }

    func stop() {
        isStopAsked = true
        counters.stop()
        audioBell.ring()
    }

    /// Ends the audio thread and gives the device back. Harmless to repeat.
    func close() {
        counters.stop()
        audioBell.ring()
        thread?.join()
        thread = nil
        device?.close()
        device = nil
    }

    /// Frames that wait between the device and the transport.
    var queuedFrames: Int { frames.readableFrames }

    private func gap(_ mark: PeriodMark) -> Packet {
        let cause = GapCause(rawValue: mark.cause) ?? .unknown
        let origin = "\(command) \(configuration.name)"
        events.post(.gap(position: firstPosition + position, frames: mark.lostBefore, cause: cause, origin: origin))
        let packet = GapPacket(
            position: position, captureTime: nil, frames: mark.lostBefore, cause: cause, seenBy: origin)
        position += mark.lostBefore
        lostFrames += mark.lostBefore
        return .gap(packet)
    }

    private func audio(_ mark: PeriodMark) -> Packet {
        let count = Int(mark.frames)
        let frameBytes = configuration.format.frameBytes
        let regions = unsafe frames.readableRegions(frames: count)
        let payload: UnsafeRawBufferPointer
        if unsafe regions.firstFrames == count {
            unsafe payload = UnsafeRawBufferPointer(start: regions.first, count: count * frameBytes)
            consumedFrames = count
        } else {
            // The ring's end cuts this period in two; once a round it is put together.
            let space = unsafe scratch.space(count * frameBytes)
            _ = unsafe frames.read(into: space.baseAddress!, frames: count)
            unsafe payload = UnsafeRawBufferPointer(space)
        }
        let packet = unsafe AudioPacket(
            position: position, captureTime: mark.captureTimeNanoseconds, frames: count, payload: payload)
        position += Int64(count)
        return .audio(packet)
    }

    private func end() -> Packet {
        close()
        let failure = counters.failure.load(ordering: .acquiring)
        guard failure != 0 else {
            return .end(
                EndPacket(totalFrames: position, lostFrames: lostFrames, reason: isStopAsked ? .stopped : .normal))
        }
        let message = "device '\(configuration.name)' \(LoopFailure.reason(failure))"
        ending = .deviceFailed(message)
        return .end(
            EndPacket(totalFrames: position, lostFrames: lostFrames, reason: .error, code: 2, message: message))
    }

    deinit { close() }
}
