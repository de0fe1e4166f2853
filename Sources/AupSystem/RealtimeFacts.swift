/// What a user, a kernel and a machine have to say about threads that must not wait: limits, privileges, groups, the
/// kernel's preemption, the processors' governors. Only read, from files of the kernel and of the administrator.
///
/// - Thread: any.
public struct RealtimeFacts: Sendable, Equatable {
    /// A resource limit as it is in force (soft) and as far as it may be raised (hard); `nil` is without limit.
    public struct Limit: Sendable, Equatable {
        public let soft: Int64?
        public let hard: Int64?

        public init(soft: Int64?, hard: Int64?) {
            (self.soft, self.hard) = (soft, hard)
        }
    }

    /// When the kernel takes a processor away from itself.
    public enum Preemption: String, Sendable {
        case realtime, full, lazy, voluntary, none, unknown
    }

    /// Folders that are looked into; others in tests.
    public struct Places: Sendable {
        public let proc: String
        public let sys: String
        public let etc: String
        public let boot: String

        public init(proc: String = "/proc", sys: String = "/sys", etc: String = "/etc", boot: String = "/boot") {
            (self.proc, self.sys, self.etc, self.boot) = (proc, sys, etc, boot)
        }
    }

    public internal(set) var user: UInt32 = 0
    /// `nil` where the password file does not know this user.
    public internal(set) var userName: String?
    /// CAP_SYS_NICE: any priority, whatever the limits say.
    public internal(set) var mayEverything = false
    /// RLIMIT_RTPRIO: the highest priority that may be asked for.
    public internal(set) var priority: Limit?
    /// RLIMIT_NICE: 20 minus the lowest nice level.
    public internal(set) var nice: Limit?
    /// RLIMIT_MEMLOCK, bytes; of no account with CAP_IPC_LOCK.
    public internal(set) var lockedMemory: Limit?
    public internal(set) var mayLockEverything = false
    /// RLIMIT_RTTIME: microseconds of running without a wait after which a real-time thread is killed.
    public internal(set) var runningTime: Limit?

    /// Whether the group `audio` is there, is in this process, and has this user in /etc/group, which it will have had at
    /// its next login.
    public internal(set) var hasAudioGroup = false
    public internal(set) var isInAudioGroup = false
    public internal(set) var isAudioMember = false
    /// What the limits files say for this user about rtprio, memlock and nice.
    public internal(set) var limitLines: [LimitLine] = []
    var group: UInt32?
    var groups: [UInt32] = []
    var groupNames: Set<String> = []

    public internal(set) var kernelRelease = ""
    public internal(set) var preemption = Preemption.unknown
    /// Whether it can be chosen at boot, with `preempt=`.
    public internal(set) var isPreemptionDynamic = false
    /// Interrupts as threads: `threadirqs`, and always in a real-time kernel.
    public internal(set) var hasThreadedInterrupts = false
    /// Microseconds of each period that all real-time threads together may run; -1 without bound, 0 for none.
    public internal(set) var groupRunningTime: Int64?
    public internal(set) var groupPeriod: Int64?
    /// cpufreq governors and how many processors each has; empty where there are none to choose.
    public internal(set) var governors: [String: Int] = [:]

    /// A line of /etc/security/limits.conf or limits.d that applies to this user.
    public struct LimitLine: Sendable, Equatable {
        public let path: String
        public let line: Int
        /// `rtprio`, `memlock` or `nice`.
        public let item: String
        public let value: String

        public init(path: String, line: Int, item: String, value: String) {
            (self.path, self.line, self.item, self.value) = (path, line, item, value)
        }
    }
}
