/// What could be changed for a steadier audio thread, and how exactly.
public struct RealtimeAdvice: Sendable, Equatable {
    public enum Step: Sendable, Equatable {
        /// Lines that belong into a file.
        case lines([String], file: String)
        /// Something to run as root.
        case command(String)
        /// Something to do by hand.
        case note(String)
    }

    /// What is the matter, in a line.
    public let reason: String
    public let steps: [Step]
    /// Whether the audio thread is an ordinary one without it; otherwise it is only a help.
    public let isNeeded: Bool

    /// A file of its own, which a package that is removed does not take along; read after those of distributions.
    static let limitsFile = "/etc/security/limits.d/95-audio.conf"
    /// The kernel's own threads for interrupts stand at 50, its watchdogs at 99.
    static let priorityLimit = 95
    /// Less is used up by a session's buffers and the stacks of its threads.
    static let enoughMemory: Int64 = 64 << 20
    static let group = "audio"

    /// - Parameters:
    ///   - wanted: the priority that the audio thread asks for.
    ///   - outcome: what a thread got that asked for it.
    public static func all(
        _ facts: RealtimeFacts, _ service: RealtimeServiceFacts, wanted: Int, outcome: RealtimePromotion.Outcome
    ) -> [RealtimeAdvice] {
        [
            throttle(facts), priority(facts, service, wanted, outcome), memory(facts), preemption(facts),
            governor(facts),
        ].compactMap(\.self)
    }

    private static func throttle(_ facts: RealtimeFacts) -> RealtimeAdvice? {
        guard facts.groupRunningTime == 0 else { return nil }
        return RealtimeAdvice(
            reason: "the kernel gives real-time threads no time at all (kernel.sched_rt_runtime_us is 0)",
            steps: [.command("sysctl -w kernel.sched_rt_runtime_us=950000")], isNeeded: true)
    }

    private static func priority(
        _ facts: RealtimeFacts, _ service: RealtimeServiceFacts, _ wanted: Int, _ outcome: RealtimePromotion.Outcome
    ) -> RealtimeAdvice? {
        if case .fifo = outcome { return nil }
        let limit = facts.priority?.soft.map(String.init) ?? "not known"
        if facts.mayEverything || facts.priority.map({ $0.soft.map { $0 >= wanted } ?? true }) == true {
            return RealtimeAdvice(
                reason: "this user may ask for priority \(wanted), but the kernel refuses it",
                steps: [
                    .note(
                        "a container or a control group may forbid it: look at cpu.rt_runtime_us of its group, or "
                            + "start the container with CAP_SYS_NICE (docker run --cap-add=sys_nice --ulimit rtprio=\(priorityLimit))"
                    )
                ], isNeeded: !outcome.isRealtime)
        }
        var steps: [Step] = []
        var reason = "RLIMIT_RTPRIO is \(limit), and the audio thread asks for \(wanted)"
        if outcome.isRealtime { reason += "; rtkit gave less" }
        let arranged = facts.limitLines.last { $0.item == "rtprio" }
        if let arranged, arranged.value == "unlimited" || Int(arranged.value).map({ $0 >= wanted }) == true {
            // It is arranged, and has not come to this process.
            reason += ", though \(arranged.path):\(arranged.line) gives \(arranged.value)"
            steps.append(.note("log out and in again; limits come with the login, and not to services of systemd"))
        } else {
            steps.append(
                .lines(["@\(group) - rtprio \(priorityLimit)", "@\(group) - memlock unlimited"], file: limitsFile))
            if !facts.hasAudioGroup { steps.append(.command("groupadd --system \(group)")) }
            if !facts.isAudioMember, !facts.isInAudioGroup {
                steps.append(.command("usermod --append --groups \(group) \(facts.userName ?? "\(facts.user)")"))
            }
            steps.append(.note("log out and in again"))
        }
        steps.append(
            .lines(
                ["[Service]", "LimitRTPRIO=\(priorityLimit)", "LimitMEMLOCK=infinity"],
                file: "a systemd service's unit (systemctl edit NAME)"))
        if !service.isThere {
            steps.append(.note("or install rtkit, which gives priorities to whoever sits at the machine"))
        }
        return RealtimeAdvice(reason: reason, steps: steps, isNeeded: !outcome.isRealtime)
    }

    private static func memory(_ facts: RealtimeFacts) -> RealtimeAdvice? {
        guard !facts.mayLockEverything, let bytes = facts.lockedMemory?.soft, bytes < enoughMemory else { return nil }
        return RealtimeAdvice(
            reason: "only \(bytes / 1024) KiB of memory may be kept from being paged out (RLIMIT_MEMLOCK)",
            steps: [
                .lines(["@\(group) - memlock unlimited"], file: limitsFile),
                .lines(["[Service]", "LimitMEMLOCK=infinity"], file: "a systemd service's unit (systemctl edit NAME)"),
            ], isNeeded: false)
    }

    private static func preemption(_ facts: RealtimeFacts) -> RealtimeAdvice? {
        guard facts.preemption == .voluntary || facts.preemption == .none else { return nil }
        return RealtimeAdvice(
            reason:
                "the kernel's preemption is '\(facts.preemption.rawValue)': a thread can wait for the kernel's own work",
            steps: facts.isPreemptionDynamic
                ? [
                    .lines(
                        ["GRUB_CMDLINE_LINUX_DEFAULT=\"quiet preempt=full threadirqs\""],
                        file: "/etc/default/grub, added to what stands there"),
                    .command("update-grub"), .note("start the machine again"),
                ] : [.note("a kernel for low latency has it in full; Debian's is linux-image-rt-amd64")],
            isNeeded: false)
    }

    private static func governor(_ facts: RealtimeFacts) -> RealtimeAdvice? {
        guard let slow = facts.governors.keys.sorted().first(where: { $0 != "performance" }) else { return nil }
        return RealtimeAdvice(
            reason: "processors are clocked by '\(slow)', which is late to notice a thread that has work",
            steps: [
                .command("cpupower frequency-set --governor performance"),
                .note(
                    "Debian's package is linux-cpupower; without it: "
                        + "echo performance | tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor"),
            ], isNeeded: false)
    }
}
