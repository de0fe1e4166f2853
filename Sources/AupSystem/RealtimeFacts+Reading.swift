extension RealtimeFacts {
    /// Reads what can be read; what cannot stays as unknown.
    ///
    /// - Thread: control; waits for no device.
    public static func current(_ places: Places = Places()) -> RealtimeFacts {
        var facts = RealtimeFacts()
        facts.readStatus(text("\(places.proc)/self/status"))
        facts.readLimits(text("\(places.proc)/self/limits"))
        facts.readGroups(places)
        facts.readLimitFiles(places)
        facts.readKernel(places)
        facts.readGovernors(places)
        return facts
    }

    /// Files of the kernel have no length, and none of these is longer than this.
    private static let longest = 1 << 20

    private static func text(_ path: String) -> String {
        let bytes = try? Descriptor.reading(path).readAll(limit: longest)
        return bytes.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private static func lines(_ text: String) -> [Substring] { text.split(separator: "\n") }

    private static func words(_ text: String) -> [String] { words(text[...]) }

    private static func words(_ text: Substring) -> [String] {
        text.split { $0 == " " || $0 == "\t" }.map(String.init)
    }

    // MARK: - The process

    /// CAP_SYS_NICE and CAP_IPC_LOCK of capabilities(7), as bits.
    private static let niceBit: UInt64 = 1 << 23
    private static let lockBit: UInt64 = 1 << 14

    /// proc_pid_status(5).
    private mutating func readStatus(_ text: String) {
        for line in Self.lines(text) {
            let words = Self.words(line)
            switch words.first {
            case "Uid:": user = words.count > 2 ? UInt32(words[2]) ?? 0 : 0
            case "Groups:": groups = words.dropFirst().compactMap { UInt32($0) }
            case "Gid:": group = words.count > 2 ? UInt32(words[2]) : nil
            case "CapEff:":
                let bits = words.count > 1 ? UInt64(words[1], radix: 16) ?? 0 : 0
                (mayEverything, mayLockEverything) = (bits & Self.niceBit != 0, bits & Self.lockBit != 0)
            default: break
            }
        }
    }

    /// proc_pid_limits(5): a name, which may have blanks in it, the soft limit, the hard one, a unit if there is one.
    private mutating func readLimits(_ text: String) {
        func limit(_ name: String) -> Limit? {
            guard let line = Self.lines(text).first(where: { $0.hasPrefix(name + " ") }) else { return nil }
            let words = Self.words(line.dropFirst(name.count))
            guard words.count >= 2 else { return nil }
            return Limit(soft: Int64(words[0]), hard: Int64(words[1]))
        }
        priority = limit("Max realtime priority")
        nice = limit("Max nice priority")
        lockedMemory = limit("Max locked memory")
        runningTime = limit("Max realtime timeout")
    }

    // MARK: - Groups and limits

    private mutating func readGroups(_ places: Places) {
        let number = "\(user)"
        for line in Self.lines(Self.text("\(places.etc)/passwd")) {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count > 2, fields[2] == number, userName == nil { userName = String(fields[0]) }
        }
        let own = Set(groups + [group].compactMap { $0 })
        for line in Self.lines(Self.text("\(places.etc)/group")) {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count > 3, let number = UInt32(fields[2]) else { continue }
            let isMember = userName.map { fields[3].split(separator: ",").contains(Substring($0)) } ?? false
            if own.contains(number) || isMember { groupNames.insert(String(fields[0])) }
            guard fields[0] == "audio" else { continue }
            (hasAudioGroup, isInAudioGroup, isAudioMember) = (true, own.contains(number), isMember)
        }
    }

    /// limits.conf(5): the later line counts, and limits.d comes after limits.conf, in the order of names.
    private mutating func readLimitFiles(_ places: Places) {
        let folder = "\(places.etc)/security/limits.d"
        let files = (FolderNames.all(folder) ?? []).filter { $0.hasSuffix(".conf") }.sorted().map { "\(folder)/\($0)" }
        for path in ["\(places.etc)/security/limits.conf"] + files {
            let text = Self.text(path)
            for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                let words = Self.words(line.prefix { $0 != "#" })
                guard words.count == 4, ["rtprio", "memlock", "nice"].contains(words[2]), concerns(words[0]) else {
                    continue
                }
                limitLines.append(LimitLine(path: path, line: index + 1, item: words[2], value: words[3]))
            }
        }
    }

    private func concerns(_ domain: String) -> Bool {
        // A wildcard is not for root (limits.conf(5)).
        if domain == "*" { return user != 0 }
        if domain.hasPrefix("@") { return groupNames.contains(String(domain.dropFirst())) }
        return domain == userName
    }

    // MARK: - The kernel

    private mutating func readKernel(_ places: Places) {
        let version = Self.text("\(places.proc)/version")
        let words = Self.words(version)
        kernelRelease = words.count > 2 ? words[2] : ""
        let boot = Self.words(Self.text("\(places.proc)/cmdline").filter { $0 != "\n" })
        let config = Self.text("\(places.boot)/config-\(kernelRelease)")
        func isSet(_ name: String) -> Bool { Self.lines(config).contains { $0 == "CONFIG_\(name)=y" } }
        isPreemptionDynamic = words.contains("PREEMPT_DYNAMIC") || isSet("PREEMPT_DYNAMIC")
        let asked = boot.last { $0.hasPrefix("preempt=") }.map { String($0.dropFirst(8)) }
        if Self.text("\(places.sys)/kernel/realtime").hasPrefix("1") || words.contains("PREEMPT_RT")
            || isSet("PREEMPT_RT")
        {
            preemption = .realtime
        } else if let mode = Self.chosen(Self.text("\(places.sys)/kernel/debug/sched/preempt")) {
            // What it is now; only root may look.
            preemption = Preemption(rawValue: mode) ?? .unknown
        } else if isPreemptionDynamic, let asked, let mode = Preemption(rawValue: asked) {
            preemption = mode
        } else if isSet("PREEMPT_LAZY") {
            preemption = .lazy
        } else if isSet("PREEMPT_VOLUNTARY") {
            preemption = .voluntary
        } else if isSet("PREEMPT_NONE") {
            preemption = .none
        } else if isSet("PREEMPT") || words.contains("PREEMPT") {
            preemption = .full
        } else if !isPreemptionDynamic, words.contains("SMP") {
            // A kernel that can be preempted says so in its version; voluntary and none look the same there.
            preemption = config.isEmpty ? .unknown : .none
        }
        hasThreadedInterrupts = preemption == .realtime || boot.contains("threadirqs")
        groupRunningTime = Self.number(Self.text("\(places.proc)/sys/kernel/sched_rt_runtime_us"))
        groupPeriod = Self.number(Self.text("\(places.proc)/sys/kernel/sched_rt_period_us"))
    }

    /// The word in parentheses: `none voluntary (full)`.
    private static func chosen(_ text: String) -> String? {
        guard let open = text.firstIndex(of: "("), let close = text[open...].firstIndex(of: ")") else { return nil }
        return String(text[text.index(after: open)..<close])
    }

    private static func number(_ text: String) -> Int64? {
        words(text.filter { $0 != "\n" }).first.flatMap { Int64($0) }
    }

    private mutating func readGovernors(_ places: Places) {
        let folder = "\(places.sys)/devices/system/cpu"
        let names = FolderNames.all(folder) ?? []
        for name in names where name.hasPrefix("cpu") && name.dropFirst(3).allSatisfy(\.isNumber) {
            let governor = Self.text("\(folder)/\(name)/cpufreq/scaling_governor").filter { $0 != "\n" }
            if !governor.isEmpty { governors[governor, default: 0] += 1 }
        }
    }
}
