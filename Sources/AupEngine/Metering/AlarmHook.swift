import AupSound
import AupSystem

/// Runs `--on-alarm` for alarms that come and go: never two at once, and no oftener than every ten seconds.
///
/// What happens meanwhile is not lost: of each alarm the newest state waits, in order. A command that hangs is ended, with
/// all it started, when its time is over. At the end of the session the one that runs is waited for, and what waits is run.
///
/// - Thread: any may ``post(_:)``; the commands are run by aup.alarm.
final class AlarmHook: @unchecked Sendable {
    // @unchecked because the thread is made and joined by one owner; the rest is behind locks.
    static let leastSeconds = 10.0

    struct Call: Equatable, Sendable {
        var alarm: String
        var isRaised: Bool
        var seconds: Double
        var measured: String
    }

    private let words: [String]
    private let timeout: Int64
    private let leastNanoseconds: Int64
    private let events: EventQueue
    private let bell = Doorbell()
    private let waiting = Guarded<[Call]>([])
    private let isOver = Flag()
    private var thread: WorkerThread?

    init(
        words: [String], timeoutNanoseconds: Int64, leastSeconds: Double = leastSeconds, events: EventQueue
    ) throws(SessionFailure) {
        self.words = words
        timeout = timeoutNanoseconds
        leastNanoseconds = Int64(leastSeconds * 1e9)
        self.events = events
        do throws(SystemError) {
            thread = try WorkerThread(name: "aup.alarm") { [self] in run() }
        } catch {
            throw .before(.failed("--on-alarm: \(error.message)"))
        }
    }

    func post(_ call: Call) {
        waiting.write { Self.add(call, to: &$0) }
        bell.ring()
    }

    /// Puts a call to those that wait. An alarm's states take turns, the first one that waits is what it was not when a
    /// command last heard of it, and at most two are kept: of one that came and went and came again nobody wants to hear
    /// three times.
    static func add(_ call: Call, to calls: inout [Call]) {
        let own = calls.indices.filter { calls[$0].alarm == call.alarm }
        if let last = own.last, calls[last].isRaised == call.isRaised {
            calls.remove(at: last)
        } else if own.count > 1 {
            calls.removeAll { $0.alarm == call.alarm }
        }
        calls.append(call)
    }

    /// Waits for what was posted; `finish` must be called once.
    func finish() {
        isOver.raise()
        bell.ring()
        thread?.join()
        thread = nil
    }

    private func run() {
        var last: Int64?
        while true {
            // Before the calls are looked at: what was posted before the end is among them then.
            let isOver = isOver.isRaised
            let now = monotonicNanoseconds()
            let due = isOver ? now : last.map { $0 + leastNanoseconds } ?? now
            if due <= now, let call = next() {
                last = now
                carryOut(call)
                continue
            }
            if isOver { return }
            bell.wait(milliseconds: due > now ? Int32(clamping: (due - now) / 1_000_000 + 1) : 1000)
        }
    }

    private func next() -> Call? {
        var call: Call?
        waiting.write { if !$0.isEmpty { call = $0.removeFirst() } }
        return call
    }

    private func carryOut(_ call: Call) {
        do throws(SystemError) {
            let child = try ChildProcess(words, settings: Self.settings(call))
            let deadline = monotonicNanoseconds() + timeout
            var isKilled = false
            while true {
                if let status = child.status() {
                    if isKilled {
                        events.post(.warning("--on-alarm took longer than \(timeout / 1_000_000_000) s and was ended"))
                    } else if status != 0 {
                        let said = child.words
                        events.post(
                            .warning("--on-alarm failed with \(status)\(said.isEmpty ? "" : ": \(said)")"))
                    }
                    return
                }
                if !isKilled, monotonicNanoseconds() >= deadline {
                    isKilled = true
                    child.kill()
                }
                bell.wait(milliseconds: 20)
            }
        } catch {
            events.post(.warning("--on-alarm cannot be started: \(error.message)"))
        }
    }

    private static func settings(_ call: Call) -> [(name: String, value: String)] {
        [
            ("AUP_ALARM", call.alarm), ("AUP_STATE", call.isRaised ? "begun" : "over"),
            ("AUP_SECONDS", "\(call.seconds)"), ("AUP_VALUE", call.measured),
        ]
    }
}
