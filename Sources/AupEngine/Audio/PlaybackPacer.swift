/// Decides, once a cycle, what a playback thread does: wait for more, start, write, leave out, drain.
///
/// A source that is pulled (a file) keeps the device's buffer full. A live source is followed: frames wait in the
/// queue and the device only up to a target, because every frame that waits is latency, and what has piled up beyond
/// the target and its slack (after a stall) is left out at once and counted, never crawled behind.
///
///          queued + in device
///     0 ────────── target ────── target + slack ─────▶
///     ╰ prefilling ╯╰── running ──╯╰ skip back to target
///
/// A pure state machine: it is given numbers, returns numbers, and is tested without a thread or a device.
struct PlaybackPacer {
    enum Phase: Equatable {
        /// Nothing sounds yet; frames are collected.
        case prefilling
        case running
        /// All frames are in the device.
        case draining
    }

    /// What to do now, in this order.
    struct Step: Equatable {
        /// Frames to drop from the head of the queue.
        var skipFrames = 0
        /// Frames to move from the queue to the device.
        var writeFrames = 0
        /// Start the device after writing.
        var startsDevice = false
    }

    let isLive: Bool
    let bufferFrames: Int
    private(set) var targetFrames: Int
    let slackFrames: Int
    private let leastTargetFrames: Int
    private(set) var phase = Phase.prefilling

    /// Whether the device stands still and frames are collected for its start.
    var isPrefilling: Bool {
        @_noLocks get { if case .prefilling = phase { true } else { false } }
    }

    /// Whether the device has all that will come.
    var isDraining: Bool {
        @_noLocks get { if case .draining = phase { true } else { false } }
    }

    /// The target of a live stream is three quarters of the latency, three periods: one packet on its way, two
    /// periods of time for whoever is late; where packets are longer than a period (20 ms of Opus, 60 ms) so much more. The
    /// slack is two periods more, so that one late packet moves the latency and only a stall is cut.
    init(isLive: Bool, periodFrames: Int, bufferFrames: Int) {
        self.isLive = isLive
        self.bufferFrames = bufferFrames
        leastTargetFrames = isLive ? min(3 * periodFrames, bufferFrames) : bufferFrames
        targetFrames = leastTargetFrames
        slackFrames = 2 * periodFrames
    }

    /// Packets of a live stream hold so many frames: until the next one comes the device lives on what is here.
    @_noLocks
    mutating func expect(packetFrames: Int) {
        guard isLive else { return }
        targetFrames = max(leastTargetFrames, packetFrames + slackFrames)
    }

    /// - Parameters:
    ///   - deviceFrames: frames in the device's buffer.
    ///   - queuedFrames: frames in the ring before it.
    ///   - isEnding: no more will be queued.
    ///   - isComplete: no more will be queued, unless a listener wishes to go back.
    @_noLocks
    mutating func step(deviceFrames: Int, queuedFrames: Int, isEnding: Bool, isComplete: Bool = false) -> Step {
        var step = Step()
        let total = deviceFrames + queuedFrames
        if isPrefilling {
            guard total >= targetFrames || isEnding || (isComplete && total > 0) else { return step }
            if total == 0 {
                phase = .draining
                return step
            }
            step.startsDevice = true
            phase = .running
            if isLive, total > targetFrames { step.skipFrames = min(total - targetFrames, queuedFrames) }
        } else if isLive, total > targetFrames + slackFrames {
            step.skipFrames = min(total - targetFrames, queuedFrames)
        }
        let rest = queuedFrames - step.skipFrames
        step.writeFrames = min(rest, max(bufferFrames - deviceFrames, 0))
        if isEnding, step.writeFrames == rest, !step.startsDevice { phase = .draining }
        return step
    }

    /// The device ran empty and was prepared anew: collect again before it starts.
    @_noLocks
    mutating func restart() {
        phase = .prefilling
    }
}
