import Foundation
import TestSupport
import Testing

@testable import AupSystem

/// What is read of the machine, from folders of a test's own.
@Suite struct `Facts about real time` {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func facts(_ files: [String: String]) throws -> RealtimeFacts {
        for (name, text) in files {
            let file = scratch.folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return RealtimeFacts.current(
            RealtimeFacts.Places(
                proc: scratch.path("proc"), sys: scratch.path("sys"), etc: scratch.path("etc"),
                boot: scratch.path("boot")))
    }

    private let status = """
        Name:\taup
        Uid:\t1000\t1000\t1000\t1000
        Gid:\t1000\t1000\t1000\t1000
        Groups:\t24 29 1000\u{20}
        CapEff:\t0000000000000000

        """
    private let limits = """
        Limit                     Soft Limit           Hard Limit           Units\u{20}\u{20}\u{20}\u{20}\u{20}
        Max locked memory         8388608              unlimited            bytes\u{20}\u{20}\u{20}\u{20}\u{20}
        Max nice priority         0                    31\u{20}\u{20}\u{20}\u{20}\u{20}
        Max realtime priority     20                   95\u{20}\u{20}\u{20}\u{20}\u{20}
        Max realtime timeout      unlimited            unlimited            us\u{20}\u{20}\u{20}\u{20}\u{20}

        """

    @Test func `are limits, soft and hard`() throws {
        let facts = try facts(["proc/self/limits": limits, "proc/self/status": status])
        #expect(facts.priority == RealtimeFacts.Limit(soft: 20, hard: 95))
        #expect(facts.nice == RealtimeFacts.Limit(soft: 0, hard: 31))
        #expect(facts.lockedMemory == RealtimeFacts.Limit(soft: 8_388_608, hard: nil))
        #expect(facts.runningTime == RealtimeFacts.Limit(soft: nil, hard: nil))
        #expect(facts.user == 1000 && !facts.mayEverything && !facts.mayLockEverything)
    }

    @Test(arguments: [
        ("0000000000800000", true, false), ("0000000000004000", false, true), ("000001ffffffffff", true, true),
    ])
    func `are privileges`(bits: String, nice: Bool, lock: Bool) throws {
        let facts = try facts(["proc/self/status": "CapEff:\t\(bits)\n"])
        #expect(facts.mayEverything == nice && facts.mayLockEverything == lock)
    }

    @Test(arguments: [
        ("audio:x:29:", "29", true, false), ("audio:x:29:carol,dora", "24", false, true),
        ("audio:x:29:carolina", "24", false, false), ("video:x:44:carol", "44", false, false),
    ])
    func `are groups, of now and of the next login`(line: String, own: String, isIn: Bool, isMember: Bool) throws {
        let facts = try facts([
            "proc/self/status": "Uid:\t1\t1000\t1\t1\nGid:\t1\t1000\t1\t1\nGroups:\t\(own) \n",
            "etc/passwd": "root:x:0:0::/:/bin/sh\ncarol:x:1000:1000::/:/bin/sh\n", "etc/group": "root:x:0:\n\(line)\n",
        ])
        #expect(facts.userName == "carol")
        #expect(facts.hasAudioGroup == line.hasPrefix("audio"))
        #expect(facts.isInAudioGroup == isIn && facts.isAudioMember == isMember)
    }

    @Test func `are lines about limits that concern this user`() throws {
        let facts = try facts([
            "proc/self/status": status, "etc/passwd": "carol:x:1000:1000::/:/bin/sh\n",
            "etc/group": "audio:x:29:carol\nother:x:99:\n",
            "etc/security/limits.conf": "# @audio - rtprio 1\n* soft core 0\n* - nice -5\n",
            "etc/security/limits.d/20-x.conf":
                "\n@audio  -\trtprio 95 # all of us\n@other - rtprio 10\ndora - rtprio 1\n",
            "etc/security/limits.d/10-y.conf": "carol hard memlock unlimited\n",
            "etc/security/limits.d/notes.txt": "@audio - rtprio 3\n",
        ])
        #expect(
            facts.limitLines.map { "\(URL(filePath: $0.path).lastPathComponent):\($0.line) \($0.item) \($0.value)" }
                == [
                    "limits.conf:3 nice -5", "10-y.conf:1 memlock unlimited", "20-x.conf:2 rtprio 95",
                ])
    }

    private static let kernels: [(String, String, String, String, RealtimeFacts.Preemption)] = [
        ("#1 SMP PREEMPT_DYNAMIC Debian 6.1.1", "quiet preempt=full threadirqs", "", "", RealtimeFacts.Preemption.full),
        (
            "#1 SMP PREEMPT_DYNAMIC Debian 6.1.1", "quiet", "CONFIG_PREEMPT_VOLUNTARY=y\nCONFIG_PREEMPT_DYNAMIC=y\n",
            "", .voluntary
        ),
        ("#1 SMP PREEMPT_DYNAMIC Debian 6.1.1", "quiet", "", "", .unknown),
        ("#1 SMP PREEMPT_DYNAMIC Debian 6.1.1", "preempt=full", "", "none voluntary (lazy)", .lazy),
        ("#1 SMP PREEMPT_RT Debian 6.1.1", "quiet", "", "", .realtime),
        ("#1 SMP PREEMPT Debian", "quiet", "", "", .full),
        ("#1 SMP Debian", "quiet", "CONFIG_PREEMPT_NONE=y\n# CONFIG_PREEMPT_VOLUNTARY is not set\n", "", .none),
        ("#1 SMP Debian", "quiet", "", "", .unknown),
        ("", "", "", "", .unknown),
    ]

    @Test(arguments: kernels)
    func `are how the kernel is preempted`(
        version: String, boot: String, config: String, debug: String, expected: RealtimeFacts.Preemption
    ) throws {
        let facts = try facts([
            "proc/version": version.isEmpty ? "" : "Linux version 6.1.0-x (a@b) (gcc (Debian) 12) \(version)\n",
            "proc/cmdline": boot + "\n", "boot/config-6.1.0-x": config, "sys/kernel/debug/sched/preempt": debug,
        ])
        #expect(facts.preemption == expected)
        #expect(facts.kernelRelease == (version.isEmpty ? "" : "6.1.0-x"))
        #expect(facts.isPreemptionDynamic == version.contains("DYNAMIC"))
        #expect(facts.hasThreadedInterrupts == (boot.contains("threadirqs") || expected == .realtime))
    }

    @Test func `are a kernel that says itself that it is a real-time one`() throws {
        #expect(try facts(["sys/kernel/realtime": "1\n"]).preemption == .realtime)
    }

    @Test func `are governors and the share of time`() throws {
        let facts = try facts([
            "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "powersave\n",
            "sys/devices/system/cpu/cpu1/cpufreq/scaling_governor": "powersave\n",
            "sys/devices/system/cpu/cpu10/cpufreq/scaling_governor": "performance\n",
            "sys/devices/system/cpu/cpufreq/scaling_governor": "none\n", "sys/devices/system/cpu/cpu2/online": "1\n",
            "proc/sys/kernel/sched_rt_runtime_us": "950000\n", "proc/sys/kernel/sched_rt_period_us": "1000000\n",
        ])
        #expect(facts.governors == ["powersave": 2, "performance": 1])
        #expect(facts.groupRunningTime == 950_000 && facts.groupPeriod == 1_000_000)
    }

    @Test func `are unknown where nothing can be read, and nothing is made up`() throws {
        let facts = try facts([:])
        #expect(facts.priority == nil && facts.lockedMemory == nil && facts.preemption == .unknown)
        #expect(facts.governors.isEmpty && facts.limitLines.isEmpty && !facts.hasAudioGroup)
        let broken = try self.facts([
            "proc/self/limits": "Max realtime priority\nMax locked memory x\n",
            "proc/self/status": "Uid:\nCapEff:\nGroups:\n",
            "etc/group": "audio\naudio:x:y:z\n:::\n", "etc/passwd": ":\n",
            "etc/security/limits.conf": "@ - rtprio\n@\n",
            "proc/sys/kernel/sched_rt_runtime_us": "often\n",
        ])
        #expect(broken.priority == nil && broken.groupRunningTime == nil)
    }
}
