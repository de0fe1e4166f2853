import Foundation
import Glibc
import Synchronization

/// For how long a processor of this machine let nobody run who was due since this was made, be it that its host had it
/// or a program that real time does not interrupt.
///
/// What the host took is in /proc/stat, where the host tells it. Besides, a thread on each processor sleeps for two
/// milliseconds at a time with the highest priority there is, as no test and no audio thread has: what it wakes too late
/// by is nobody's fault here. Where this user may have no such thread, only the host's word counts.
struct Standstill {
    /// What costs a device its time, and a story that keeps time with the clock on the wall its outcome.
    static let bearableSeconds = 0.01
    /// Of the time of all processors, as /proc/stat tells it in steps of ten milliseconds.
    static let bearableShare = 0.02

    private let begun = Standstill.jiffies()
    private let waited = Standstill.watch.map { $0.waitedNanoseconds.load(ordering: .relaxed) }

    /// The longest that one of the processors was away, summed up.
    var seconds: Double {
        zip(Self.watch, waited).map { Double($0.waitedNanoseconds.load(ordering: .relaxed) - $1) * 1e-9 }.max() ?? 0
    }

    /// What the host says that it took.
    var stolenShare: Double {
        let now = Self.jiffies()
        return now.all > begun.all ? Double(now.stolen - begun.stolen) / Double(now.all - begun.all) : 0
    }

    var isBearable: Bool { seconds <= Self.bearableSeconds && stolenShare <= Self.bearableShare }

    var description: String {
        "a processor stood still for \(Int((seconds * 1000).rounded())) ms meanwhile, and the host says that it took "
            + "\(Int((stolenShare * 100).rounded())) % of all"
    }

    /// The first line of /proc/stat: user nice system idle iowait irq softirq steal, proc(5).
    private static func jiffies() -> (stolen: Int, all: Int) {
        let text = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)) ?? ""
        let numbers = text.prefix { $0 != "\n" }.split(separator: " ").dropFirst().prefix(8).compactMap { Int($0) }
        return (numbers.count == 8 ? numbers[7] : 0, numbers.reduce(0, +))
    }

    // MARK: - Watchers

    /// One for each processor that this process may use, for as long as it lives.
    private static let watch = processors.map(Watcher.init)

    /// As proc_pid_status(5) lists them: 0-3,8.
    static let processors: [Int] = {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        guard let list = text.firstMatch(of: /Cpus_allowed_list:\s*([0-9,-]+)/)?.1 else { return [] }
        return list.split(separator: ",").flatMap { piece in
            let ends = piece.split(separator: "-").compactMap { Int($0) }
            return ends.isEmpty ? [] : Array(ends[0]...ends[ends.count - 1])
        }
    }()

    /// Gives the thread that calls to a processor, before all others there.
    static func takePriority(on processor: Int) -> Bool {
        var priority = sched_param(sched_priority: sched_get_priority_max(SCHED_FIFO))
        // 0 is the thread that calls, sched_setscheduler(2).
        guard pin(to: processor) else { return false }
        return unsafe sched_setscheduler(0, SCHED_FIFO, &priority) == 0
    }

    /// sched_setaffinity(2), which Glibc's module leaves out.
    private static func pin(to processor: Int) -> Bool {
        typealias Function = @convention(c) (pid_t, Int, UnsafeRawPointer) -> CInt
        guard let symbol = unsafe dlsym(nil, "sched_setaffinity") else { return false }
        let function = unsafe unsafeBitCast(symbol, to: Function.self)
        var bits = [UInt8](repeating: 0, count: 128)
        guard processor / 8 < bits.count else { return false }
        bits[processor / 8] = 1 << (processor % 8)
        return unsafe bits.withUnsafeBytes { unsafe function(0, $0.count, $0.baseAddress!) == 0 }
    }

    private final class Watcher: Sendable {
        private static let sleepNanoseconds: Int64 = 2_000_000
        let waitedNanoseconds = Atomic<Int64>(0)

        init(processor: Int) {
            let thread = Thread { [unowned self] in self.look(processor) }
            thread.name = "standstill"
            thread.start()
        }

        private func look(_ processor: Int) {
            guard Standstill.takePriority(on: processor) else { return }
            var before = now()
            while true {
                usleep(UInt32(Self.sleepNanoseconds / 1000))
                let awake = now()
                // A millisecond is what a timer and a scheduler may take.
                let late = awake - before - Self.sleepNanoseconds - 1_000_000
                if late > 0 { waitedNanoseconds.wrappingAdd(late, ordering: .relaxed) }
                before = awake
            }
        }

        private func now() -> Int64 {
            var time = timespec()
            unsafe clock_gettime(CLOCK_MONOTONIC, &time)
            return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        }
    }
}
