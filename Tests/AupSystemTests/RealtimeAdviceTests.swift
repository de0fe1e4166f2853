import Testing

@testable import AupSystem

/// What is advised, for machines of every kind.
@Suite struct `Advice on real time` {
    /// An ordinary user of a machine that knows nothing of sound.
    private var facts: RealtimeFacts {
        var facts = RealtimeFacts()
        facts.user = 1000
        facts.userName = "carol"
        facts.priority = RealtimeFacts.Limit(soft: 0, hard: 0)
        facts.lockedMemory = RealtimeFacts.Limit(soft: nil, hard: nil)
        facts.hasAudioGroup = true
        facts.preemption = .full
        facts.groupRunningTime = 950_000
        return facts
    }

    private func advice(
        _ outcome: RealtimePromotion.Outcome = .refused(remedy: ""), service: Bool = false,
        _ change: (inout RealtimeFacts) -> Void = { _ in }
    ) -> [RealtimeAdvice] {
        var facts = facts
        change(&facts)
        var kit = RealtimeServiceFacts()
        kit.isThere = service
        return RealtimeAdvice.all(facts, kit, wanted: 40, outcome: outcome)
    }

    private func text(_ advice: [RealtimeAdvice]) -> String {
        advice.flatMap(\.steps).map { step in
            switch step {
            case .lines(let lines, let file): "\(file): \(lines.joined(separator: " | "))"
            case .command(let command): "# \(command)"
            case .note(let note): note
            }
        }.joined(separator: "\n")
    }

    @Test func `is nothing where there is nothing to change`() {
        #expect(advice(.fifo(priority: 40)).isEmpty)
    }

    @Test func `gives an ordinary user the lines, the group and the login`() {
        let all = advice()
        #expect(all.map(\.isNeeded) == [true])
        let text = text(all)
        #expect(
            text.contains("/etc/security/limits.d/95-audio.conf: @audio - rtprio 95 | @audio - memlock unlimited\n"))
        #expect(text.contains("# usermod --append --groups audio carol\n"))
        #expect(text.contains("log out and in again"))
        #expect(text.contains("[Service] | LimitRTPRIO=95 | LimitMEMLOCK=infinity"))
        #expect(text.contains("install rtkit") && !text.contains("groupadd"))
    }

    @Test func `leaves out what is so already`() {
        #expect(!text(advice { $0.isInAudioGroup = true }).contains("usermod"))
        #expect(!text(advice { $0.isAudioMember = true }).contains("usermod"))
        #expect(text(advice { $0.hasAudioGroup = false }).contains("# groupadd --system audio\n# usermod"))
        #expect(text(advice { $0.userName = nil }).contains("audio 1000"))
    }

    @Test func `sends home whose limits only wait for a login`() {
        let all = advice {
            $0.limitLines = [RealtimeFacts.LimitLine(path: "/etc/x.conf", line: 7, item: "rtprio", value: "95")]
        }
        #expect(all.first?.reason.contains("/etc/x.conf:7 gives 95") == true)
        #expect(!text(all).contains("@audio") && text(all).contains("log out and in again"))
        let low = advice {
            $0.limitLines = [RealtimeFacts.LimitLine(path: "/etc/x.conf", line: 7, item: "rtprio", value: "10")]
        }
        #expect(text(low).contains("@audio - rtprio 95"))
    }

    @Test func `needs no more where rtkit gave a priority`() {
        let all = advice(.roundRobin(priority: 20), service: true)
        #expect(all.map(\.isNeeded) == [false])
        #expect(!text(all).contains("rtkit"))
    }

    @Test func `looks for a container where the limits allow what the kernel refuses`() {
        for all in [
            advice { $0.mayEverything = true }, advice { $0.priority = RealtimeFacts.Limit(soft: 95, hard: 95) },
        ] {
            #expect(all.map(\.isNeeded) == [true])
            #expect(text(all).contains("container") && !text(all).contains("limits.d"))
        }
        // Nobody knows of a limit that could not be read.
        #expect(text(advice { $0.priority = nil }).contains("limits.d"))
    }

    @Test func `names the kernel, the governor and the memory`() {
        let all = advice(.fifo(priority: 40)) {
            $0.preemption = .voluntary
            $0.isPreemptionDynamic = true
            $0.governors = ["powersave": 4, "performance": 1]
            $0.lockedMemory = RealtimeFacts.Limit(soft: 8 << 20, hard: nil)
            $0.groupRunningTime = 0
        }
        #expect(all.map(\.isNeeded) == [true, false, false, false])
        let text = text(all)
        #expect(text.contains("sysctl -w kernel.sched_rt_runtime_us=950000"))
        #expect(text.contains("@audio - memlock unlimited"))
        #expect(text.contains("preempt=full threadirqs") && text.contains("# update-grub"))
        #expect(text.contains("# cpupower frequency-set --governor performance"))
        let fixed = advice(.fifo(priority: 40)) { $0.preemption = .none }
        #expect(self.text(fixed).contains("linux-image-rt-amd64"))
        #expect(
            advice(.fifo(priority: 40)) {
                $0.mayLockEverything = true
                $0.lockedMemory = RealtimeFacts.Limit(soft: 0, hard: 0)
            }.isEmpty)
    }
}
