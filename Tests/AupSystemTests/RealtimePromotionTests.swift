import Foundation
import TestSupport
import Testing

@testable import AupSystem

/// Promotions run in child processes: they change the process and lower its limits for good.
@Suite(.serialized) struct RealtimePromotionTests {
    /// A private system bus, alive as long as this object.
    ///
    /// The script is nobody's child, and ends when the FIFO it reads is closed: a child of ours that ended before its
    /// time would be a zombie, which Swift Testing's wait for its own exit tests finds first, for ever.
    private final class Bus {
        let address: String?
        private let leash: Int32

        init(_ argument: String = "") throws {
            let answer = FileManager.default.temporaryDirectory.appending(
                path: "aup-bus-\(getpid())-\(UInt32.random(in: 0...UInt32.max))")
            let path = Repository.root.appending(path: "Tests/RealtimeKit/start.sh").path
            let fifo = answer.path + ".leash"
            try #require(unsafe mkfifo(fifo, 0o600) == 0)
            try Child.run(
                "/bin/sh", ["-c", "'\(path)' '\(answer.path)' \(argument) < '\(fifo)' > /dev/null 2>&1 &"],
                environment: ProcessInfo.processInfo.environment, output: URL(filePath: "/dev/null"))
            // Closed in every other child, or the script would never see its input end.
            leash = unsafe open(fifo, O_WRONLY | O_CLOEXEC)
            _ = unsafe unlink(fifo)
            try #require(leash >= 0)
            var line = ""
            // The script's own waits add up to less than 20 seconds.
            for _ in 0..<400 where line.isEmpty {
                usleep(50_000)
                line = (try? String(contentsOf: answer, encoding: .utf8)) ?? ""
            }
            try? FileManager.default.removeItem(at: answer)
            let words = line.split(separator: "\n").first.map(String.init) ?? "no answer"
            address = words.hasPrefix("ready ") ? String(words.dropFirst(6)) : nil
            if address == nil { print("skipped: no rtkit to try, \(words)") }
        }

        deinit { close(leash) }
    }

    /// What a promotion in a child came to, as the lines it printed.
    private func lines(_ result: ExitTest.Result?) -> [String] {
        let text = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        return text.split(separator: "\n").map(String.init).filter { $0.hasPrefix("= ") }
    }

    @Test func `rtkit gives a real-time thread within its limits`() async throws {
        let bus = try Bus()
        guard let address = bus.address else { return }
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            [address = address as String] in
            // As root, past the direct way: a test process that changes its user cannot take its main thread along, which
            // has ended already, and rtkit looks at that one's user.
            unsafe setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1)
            let outcome = RealtimePromotion.promoteThroughService(wanted: 80)
            var limit = rlimit()
            _ = unsafe getrlimit(__rlimit_resource_t(15), &limit)  // RLIMIT_RTTIME
            print("= \(outcome.summary)")
            print("= \(outcome.isRealtime) \(outcome.warning ?? "no warning")")
            print("= \(limit.rlim_max) \(sched_getscheduler(0) & 0xFF)")
        }
        #expect(
            lines(result) == ["= real-time (round robin 20, from rtkit)", "= true no warning", "= 200000 \(SCHED_RR)"])
    }

    @Test func `without rtkit an ordinary user is told the remedy`() async throws {
        let bus = try Bus("bus")
        guard let address = bus.address else { return }
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            [address = address as String] in
            becomeNobody(bus: address)
            let outcome = RealtimePromotion.promoteCurrentThread()
            print("= \(outcome.summary)")
            print("= \(outcome.warning ?? "no warning")")
        }
        let said = lines(result)
        #expect(said.first == "= not real-time")
        #expect(said.last?.contains("/etc/security/limits.d") == true)
        #expect(said.last?.contains("rtkit") == true)
    }

    @Test func `a bus that is not there or never answers costs no more than a moment`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aup-mute-\(getpid())").path
        let mute = try #require(MuteSocket(path: folder))
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            [mute = mute.path as String] in
            becomeNobody(bus: "unix:path=/nonexistent/bus")
            print("= \(RealtimePromotion.promoteCurrentThread().warning?.contains("no system bus") == true)")
            unsafe setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=\(mute)", 1)
            print("= \(RealtimePromotion.promoteCurrentThread().warning?.contains("does not answer") == true)")
            unsafe setenv("DBUS_SYSTEM_BUS_ADDRESS", "nonsense", 1)
            print("= \(RealtimePromotion.promoteCurrentThread().isRealtime)")
        }
        #expect(lines(result) == ["= true", "= true", "= false"])
    }

    @Test(.enabled(if: getuid() == 0, "needs root: an ordinary user has no real-time priority of its own"))
    func `whoever may is FIFO at once, and its children are not`() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            let outcome = RealtimePromotion.promoteCurrentThread(priority: 12)
            print("= \(outcome.summary) \(sched_getscheduler(0) == SCHED_FIFO | 0x4000_0000)")
            print("= \(RealtimePromotion.promoteCurrentThread(priority: 1000).summary)")
        }
        #expect(lines(result) == ["= real-time (FIFO 12) true", "= real-time (FIFO 99)"])
    }

    @Test func `every outcome describes itself in a line`() {
        let outcomes: [RealtimePromotion.Outcome] = [
            .fifo(priority: 40), .roundRobin(priority: 20), .nice(level: -11, reason: "no bus"),
            .refused(remedy: "do this"),
        ]
        #expect(outcomes.map(\.isRealtime) == [true, true, false, false])
        #expect(outcomes.map { $0.warning == nil } == [true, true, false, false])
        for outcome in outcomes {
            #expect(!outcome.summary.isEmpty && !outcome.summary.contains("\n"))
            #expect(outcome.warning?.contains("\n") != true)
        }
    }

    @Test func `memory is locked within the limit and the stack is touched no further than it goes`() {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 65536, alignment: 4096)
        defer { unsafe memory.deallocate() }
        unsafe #expect(MemoryLock.lock(memory, 65536))
        unsafe #expect(MemoryLock.unlock(memory, 65536))
        // AddressSanitizer locks nothing, and says that it did.
        if Sanitizer.locksMemory {
            #expect(unsafe !MemoryLock.lock(UnsafeRawPointer(bitPattern: 4096)!, 4096))
        }
        #expect(RealtimePromotion.prefaultStack(100_000) == 100_000)
        #expect(RealtimePromotion.prefaultStack(0) == 0)
        let most = RealtimePromotion.prefaultStack(1 << 40)
        #expect(most > 65536 && most < 1 << 30)
        #expect(TimerSlack.set(nanoseconds: 1))
        #expect(TimerSlack.set(nanoseconds: 50_000))
    }
}

/// In a child: gives up root if it has it, and points libdbus at a bus.
private func becomeNobody(bus: String) {
    unsafe setenv("DBUS_SYSTEM_BUS_ADDRESS", bus, 1)
    guard getuid() == 0 else { return }
    guard setgroups(0, nil) == 0, setgid(65534) == 0, setuid(65534) == 0 else {
        fatalError("cannot become nobody")
    }
}

/// A socket that takes connections and says nothing.
@safe private final class MuteSocket {
    let path: String
    private let descriptor: Int32

    init?(path: String) {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        unsafe unlink(path)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            for (index, byte) in path.utf8.enumerated() { unsafe bytes[index] = byte }
        }
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe bind(
                descriptor, UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self),
                socklen_t(MemoryLayout<sockaddr_un>.size))
        }
        guard bound == 0, listen(descriptor, 8) == 0, unsafe chmod(path, 0o777) == 0 else { return nil }
    }

    deinit {
        close(descriptor)
        unsafe unlink(path)
    }
}
