import AupRealtime
import AupSound
import AupSystem

/// The body of a playback device's audio thread.
///
/// - Thread: aup.audio, from the first line of ``run()`` to the last.
final class PlaybackLoop: @unchecked Sendable {
    // @unchecked for the reason of CaptureLoop.
    private var cycle: PlaybackCycle
    private let poll: DevicePoll
    private let counters: LoopCounters
    private let roomBell: Doorbell
    private let isOver: Flag
    private let scheduling: Scheduling

    init(
        device: AudioDevice, ring: consuming FrameRing.Consumer, isLive: Bool,
        marks: consuming PeriodRing.Producer, counters: LoopCounters, roomBell: Doorbell, audioBell: Doorbell,
        isOver: Flag, scheduling: Scheduling
    ) {
        _ = unsafe MemoryLock.lock(ring.memory)
        cycle = PlaybackCycle(
            port: device.port, configuration: device.configuration, ring: ring, isLive: isLive, marks: marks,
            counters: counters)
        poll = DevicePoll(device, bell: audioBell)
        self.counters = counters
        self.roomBell = roomBell
        self.isOver = isOver
        self.scheduling = scheduling
    }

    func run() {
        scheduling.promoteCurrentThread(isAudio: true)
        // For good: the thread ends with its device, and denormals would cost a hundred times a normal number.
        _ = FlushToZero.enable()
        loop: while true {
            RealtimeSection.enter()
            let before = cycle.takenFrames
            let verdict = cycle.run(now: monotonicNanoseconds(), isEnding: counters.isStopping)
            let hasRoom = cycle.takenFrames != before && cycle.wantsFrames
            RealtimeSection.exit()
            if hasRoom { roomBell.ring() }
            switch verdict {
            case .waitForFrames: poll.wait(bellOnly: true, milliseconds: cycle.patienceMilliseconds)
            case .waitForDevice: poll.wait(bellOnly: false, milliseconds: DeviceLoop.idleMilliseconds)
            case .waitForResume: poll.wait(bellOnly: true, milliseconds: 10)
            case .ended: break loop
            }
        }
        isOver.raise()
        roomBell.ring()
    }
}
