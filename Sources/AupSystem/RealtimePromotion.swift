internal import CLinux

/// Gets the calling thread out of the queue of ordinary ones, by the best means this user has.
///
/// In order: SCHED_FIFO directly (root, or a user whose limits allow it); SCHED_RR from rtkit, the service desktops use,
/// over D-Bus; a nice level of -11, directly or from rtkit; nothing, with one line that says what would help. The policy is
/// not inherited by threads and processes started later.
///
/// rtkit demands that RLIMIT_RTTIME be set first: a real-time thread of this process that runs longer than that without
/// waiting once (200 ms with rtkit's defaults) gets SIGXCPU and then SIGKILL.
///
/// - Thread: the thread to be promoted, before it becomes the audio thread: this allocates and may wait.
public enum RealtimePromotion {
    /// Above ordinary audio programs' 10 to 20, below the kernel's own interrupt threads at 50 and up.
    public static let usualPriority = 40
    /// What PulseAudio and PipeWire ask for.
    static let niceLevel = -11
    /// The longest wait for one answer on the bus.
    static let busMilliseconds: Int32 = 500

    /// - Parameter priority: 1 to 99; rtkit grants at most its own limit, 20 by default.
    public static func promoteCurrentThread(priority: Int = usualPriority) -> Outcome {
        let wanted = Int32(min(max(priority, 1), 99))
        return aup_become_fifo(wanted) == 0 ? .fifo(priority: Int(wanted)) : promoteThroughService(wanted: wanted)
    }

    /// What is left to users without a real-time priority of their own.
    static func promoteThroughService(wanted: Int32) -> Outcome {
        let service = RealtimeKit.open()
        defer { service.kit?.close() }
        var reason = service.reason
        if let kit = service.kit {
            switch kit.makeRealtime(wanted: wanted) {
            case .granted(let priority): return .roundRobin(priority: priority)
            case .refused(let why): reason = why
            }
        }
        if aup_become_nice(Int32(niceLevel)) == 0 { return .nice(level: niceLevel, reason: reason) }
        if let kit = service.kit, let level = kit.makeNice(wanted: Int32(niceLevel)) {
            return .nice(level: level, reason: reason)
        }
        return .refused(remedy: remedy + " (\(reason))")
    }

    /// Touches the next `bytes` of the calling thread's stack, so that it does not grow page by page while it is
    /// real-time; never more than the stack has.
    ///
    /// - Thread: the one whose stack is meant, before its first cycle.
    /// - Returns: the bytes touched.
    @discardableResult
    public static func prefaultStack(_ bytes: Int = 256 * 1024) -> Int { aup_prefault_stack(max(bytes, 0)) }

    /// One line: what an administrator has to do.
    static let remedy =
        "put '@audio - rtprio 95' and '@audio - memlock unlimited' into /etc/security/limits.d/audio.conf, join the group "
        + "'audio' and log in again, or install rtkit"
}

extension RealtimePromotion {
    /// How far a promotion got.
    public enum Outcome: Sendable, Equatable, CustomStringConvertible {
        /// SCHED_FIFO.
        case fifo(priority: Int)
        /// SCHED_RR from rtkit.
        case roundRobin(priority: Int)
        /// An ordinary thread that goes before others, and why it is not more.
        case nice(level: Int, reason: String)
        /// An ordinary thread, and what to do about it.
        case refused(remedy: String)

        public var isRealtime: Bool {
            switch self {
            case .fifo, .roundRobin: true
            case .nice, .refused: false
            }
        }

        public var description: String { summary }

        /// As reports have it: `real-time (FIFO 40)`.
        public var summary: String {
            switch self {
            case .fifo(let priority): "real-time (FIFO \(priority))"
            case .roundRobin(let priority): "real-time (round robin \(priority), from rtkit)"
            case .nice(let level, _): "not real-time, nice \(level)"
            case .refused: "not real-time"
            }
        }

        /// For the one warning: what to do for real-time scheduling; `nil` where it was granted.
        public var warning: String? {
            switch self {
            case .fifo, .roundRobin: nil
            case .nice(let level, let reason):
                "no real-time scheduling, only nice \(level): \(RealtimePromotion.remedy) (\(reason))"
            case .refused(let remedy): "no real-time scheduling: \(remedy)"
            }
        }
    }
}
