import AupRealtime
import AupSound
import AupSystem

/// The body of a capture device's audio thread: one real-time section a cycle, and between two the wait.
///
/// - Thread: aup.audio, from the first line of ``run()`` to the last.
final class CaptureLoop: @unchecked Sendable {
    // @unchecked because the cycle with its ring ends moves to the one thread that runs it, before that thread starts,
    // and nobody else touches it.
    private var cycle: CaptureCycle
    private let poll: DevicePoll
    private let device: AudioDevice
    private let counters: LoopCounters
    private let bell: Doorbell
    private let isOver: Flag
    private let scheduling: Scheduling
    private let idleMilliseconds: Int32

    init(
        device: AudioDevice, ring: consuming FrameRing.Producer, marks: consuming PeriodRing.Producer,
        counters: LoopCounters, bell: Doorbell, audioBell: Doorbell, isOver: Flag, scheduling: Scheduling
    ) {
        // As far as the user's limit goes: without it the first pages would be faulted in by the audio thread.
        _ = unsafe MemoryLock.lock(ring.memory)
        cycle = CaptureCycle(
            port: device.port, configuration: device.configuration, ring: ring, marks: marks, counters: counters)
        poll = DevicePoll(device, bell: audioBell)
        self.device = device
        self.counters = counters
        self.bell = bell
        self.isOver = isOver
        self.scheduling = scheduling
        idleMilliseconds = DeviceLoop.idleMilliseconds(device.configuration)
    }

    func run() {
        scheduling.promoteCurrentThread(isAudio: true)
        // For good: the thread ends with its device, and denormals would cost a hundred times a normal number.
        _ = FlushToZero.enable()
        _ = device.port.start()
        cycle.started(now: monotonicNanoseconds())
        loop: while true {
            RealtimeSection.enter()
            let before = cycle.deliveredMarks
            let verdict = cycle.run(isStopping: counters.isStopping)
            let hasDelivered = cycle.deliveredMarks != before
            RealtimeSection.exit()
            if hasDelivered { bell.ring() }
            switch verdict {
            case .wait: poll.wait(bellOnly: false, milliseconds: idleMilliseconds)
            case .waitForRoom: poll.wait(bellOnly: true, milliseconds: DeviceLoop.idleMilliseconds)
            case .waitForResume: poll.wait(bellOnly: true, milliseconds: 10)
            case .ended: break loop
            }
        }
        isOver.raise()
        bell.ring()
    }
}
