import AupEngine
import AupSound
import AupSystem
import Glibc

/// `aup devices --realtime`.
struct RealtimeReport {
    private let trial: RealtimeTrial

    static func show(_ priority: Int, _ options: AnswerOptions) {
        let report = RealtimeReport(trial: RealtimeTrial.run(priority: priority))
        if options.json { return Printer.line(report.json, to: .standardOutput) }
        for line in report.lines { Printer.line(Printer.printable(line), to: .standardOutput) }
    }

    private var facts: RealtimeFacts { trial.facts }

    // MARK: - Text

    private var lines: [String] {
        var lines = [field("audio thread", outcome)]
        lines.append(
            field(
                "user",
                "\(facts.userName ?? "\(facts.user)")\(facts.mayEverything ? ", with CAP_SYS_NICE: any priority" : "")")
        )
        lines.append(field("priority", text(facts.priority, "") + " (RLIMIT_RTPRIO)"))
        lines.append(
            field(
                "memory",
                "\(memory), \(trial.locksMemory ? "locked when tried" : "not locked when tried") (RLIMIT_MEMLOCK)"))
        lines.append(field("running time", text(facts.runningTime, " us") + " without a wait (RLIMIT_RTTIME)"))
        lines.append(field("group audio", group))
        for line in facts.limitLines {
            lines.append(field("", "\(line.path):\(line.line): \(line.item) \(line.value)"))
        }
        lines.append(field("rtkit", service))
        lines.append(field("kernel", kernel))
        lines.append(field("real-time share", share))
        lines.append(field("governor", governor))
        if trial.advice.isEmpty { lines.append("nothing to change") }
        for advice in trial.advice {
            lines.append("")
            lines.append("\(advice.isNeeded ? "to change" : "would help"): \(advice.reason)")
            for step in advice.steps {
                switch step {
                case .lines(let text, let file):
                    lines.append("  in \(file):")
                    lines += text.map { "      \($0)" }
                case .command(let command): lines.append("  as root:  \(command)")
                case .note(let note): lines.append("  \(note)")
                }
            }
        }
        return lines
    }

    private func field(_ name: String, _ value: String) -> String {
        name + String(repeating: " ", count: max(17 - name.count, 1)) + value
    }

    private var outcome: String {
        guard let outcome = trial.outcome else { return "no thread could be started" }
        return outcome.summary + ", asked for \(trial.wantedPriority)"
    }

    private func text(_ limit: RealtimeFacts.Limit?, _ unit: String) -> String {
        guard let limit else { return "not known" }
        let soft = limit.soft.map { "\($0)\(unit)" } ?? "unlimited"
        if limit.soft == limit.hard { return soft }
        return "\(soft), at most \(limit.hard.map { "\($0)\(unit)" } ?? "unlimited")"
    }

    private var memory: String {
        if facts.mayLockEverything { return "any, with CAP_IPC_LOCK" }
        guard let limit = facts.lockedMemory else { return "not known" }
        return limit.soft.map { "\($0 / 1024) KiB" } ?? "unlimited"
    }

    private var group: String {
        guard facts.hasAudioGroup else { return "there is none" }
        if facts.isInAudioGroup { return "a member" }
        return facts.isAudioMember ? "a member from the next login on" : "not a member"
    }

    private var service: String {
        guard trial.service.isThere else { return "not there: \(trial.service.reason)" }
        var parts = ["up to priority \(trial.service.priority ?? 0)"]
        if let time = trial.service.runningTime { parts.append("\(time) us without a wait") }
        if let level = trial.service.niceLevel { parts.append("nice down to \(level)") }
        return parts.joined(separator: ", ")
    }

    private var kernel: String {
        var parts = [facts.kernelRelease.isEmpty ? "not known" : facts.kernelRelease]
        let isOpen = facts.preemption == .unknown && facts.isPreemptionDynamic
        let unseen = "chosen at boot, which " + (getuid() == 0 ? "debugfs would tell; mount it" : "only root sees")
        parts.append("preemption " + (isOpen ? unseen : facts.preemption.rawValue))
        if facts.isPreemptionDynamic, !isOpen { parts.append("may be chosen at boot") }
        if facts.hasThreadedInterrupts { parts.append("interrupts as threads") }
        return parts.joined(separator: ", ")
    }

    private var share: String {
        guard let time = facts.groupRunningTime else { return "not known" }
        guard time >= 0 else { return "without bound" }
        return "\(time) us of \(facts.groupPeriod.map { "\($0) us" } ?? "each period")"
    }

    private var governor: String {
        facts.governors.isEmpty
            ? "none to choose"
            : facts.governors.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
    }

    // MARK: - JSON

    private var json: String {
        var object = JSONText()
        object.add("event", "realtime")
        object.add("wanted_priority", trial.wantedPriority)
        switch trial.outcome {
        case .fifo(let priority): add(&object, "fifo", priority, nil, nil)
        case .roundRobin(let priority): add(&object, "round-robin", priority, nil, nil)
        case .nice(let level, let reason): add(&object, "nice", nil, level, reason)
        case .refused(let remedy): add(&object, "ordinary", nil, nil, remedy)
        case nil: add(&object, "unknown", nil, nil, "no thread could be started")
        }
        object.add("locks_memory", trial.locksMemory)
        object.add("user", Int(facts.user))
        object.add("user_name", facts.userName)
        object.add("cap_sys_nice", facts.mayEverything)
        object.add("cap_ipc_lock", facts.mayLockEverything)
        object.add("limits", object: limits)
        object.add("audio_group", facts.isInAudioGroup)
        object.add("audio_group_at_next_login", facts.isAudioMember)
        object.add("rtkit", object: rtkit)
        object.add("kernel", facts.kernelRelease)
        object.add("preemption", facts.preemption.rawValue)
        object.add("preemption_dynamic", facts.isPreemptionDynamic)
        object.add("threaded_interrupts", facts.hasThreadedInterrupts)
        object.add("sched_rt_runtime_us", facts.groupRunningTime)
        object.add("sched_rt_period_us", facts.groupPeriod)
        var governors = JSONText()
        for (name, count) in facts.governors.sorted(by: { $0.key < $1.key }) { governors.add(name, count) }
        object.add("governors", object: governors)
        object.add("advice", objects: trial.advice.map(json))
        return object.line
    }

    private func add(_ object: inout JSONText, _ policy: String, _ priority: Int?, _ nice: Int?, _ reason: String?) {
        object.add("policy", policy)
        object.add("priority", priority)
        object.add("nice", nice)
        object.add("reason", reason)
    }

    private var limits: JSONText {
        var object = JSONText()
        for (name, limit) in [
            ("rtprio", facts.priority), ("memlock", facts.lockedMemory), ("rttime", facts.runningTime),
            ("nice", facts.nice),
        ] {
            guard let limit else { continue }
            var one = JSONText()
            // null is without limit.
            one.add("soft", limit.soft)
            one.add("hard", limit.hard)
            object.add(name, object: one)
        }
        return object
    }

    private var rtkit: JSONText {
        var object = JSONText()
        object.add("there", trial.service.isThere)
        object.add("reason", trial.service.isThere ? nil : trial.service.reason)
        object.add("max_priority", trial.service.priority)
        object.add("max_rttime_us", trial.service.runningTime)
        object.add("min_nice", trial.service.niceLevel)
        return object
    }

    private func json(_ advice: RealtimeAdvice) -> JSONText {
        var object = JSONText()
        object.add("reason", advice.reason)
        object.add("needed", advice.isNeeded)
        object.add(
            "steps",
            objects: advice.steps.map { step in
                var one = JSONText()
                switch step {
                case .lines(let lines, let file):
                    one.add("file", file)
                    one.add("lines", lines)
                case .command(let command): one.add("command", command)
                case .note(let note): one.add("note", note)
                }
                return one
            })
        return object
    }
}
