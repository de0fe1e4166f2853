import AupFiles
import AupSound
import AupSystem

/// Runs `--on-file` for one file after the other, never two at once.
///
/// A hook that hangs is ended with all it started when its time is over; one that is slower than the files come has a
/// bounded queue, and files that find it full go without, counted and told.
///
/// - Thread: aup.hooks.
struct HookQueue {
    /// Files that wait for their hook.
    static let capacity = 64

    private let words: [String]
    private let timeout: Int64
    private var waiting: [Sidecar] = []
    private var running: ChildProcess?
    private var current: Sidecar?
    private var deadline: Int64 = 0
    private var isOverdue = false
    private(set) var runs: Int64 = 0
    private(set) var failures: Int64 = 0

    init(words: [String], timeoutNanoseconds: Int64) {
        self.words = words
        timeout = timeoutNanoseconds
    }

    var isIdle: Bool { running == nil && waiting.isEmpty }
    var watched: [Int32] { running?.watched ?? [] }

    /// How long nothing will happen by itself.
    func patience(now: Int64) -> Int32 {
        guard let running else { return waiting.isEmpty ? .max : 0 }
        // A kernel that cannot watch a process is asked twenty times a second.
        return running.isWatchable && !isOverdue ? Int32(clamping: max(0, deadline - now) / 1_000_000 + 1) : 50
    }

    /// A message when the file goes without its hook.
    mutating func add(_ file: Sidecar) -> String? {
        guard waiting.count < Self.capacity else {
            failures += 1
            return "the hook was not run for \(file.path): \(Self.capacity) files wait for it; make it faster"
        }
        waiting.append(file)
        return nil
    }

    /// Looks after the one that runs and starts the next; gives a message for a failure.
    mutating func tend(now: Int64) -> String? {
        if let child = running, let file = current {
            guard let status = child.status() else {
                if now >= deadline, !isOverdue {
                    isOverdue = true
                    child.kill()
                }
                return nil
            }
            running = nil
            current = nil
            if isOverdue || status != 0 {
                failures += 1
                let what =
                    isOverdue
                    ? "took longer than \(timeout / 1_000_000) ms and was ended (--hook-timeout)"
                    : "failed with \(status)"
                let words = child.words
                return "the hook \(what) for \(file.path)\(words.isEmpty ? "" : ": \(words)")"
            }
        }
        guard running == nil, !waiting.isEmpty else { return nil }
        return start(waiting.removeFirst(), now)
    }

    private mutating func start(_ file: Sidecar, _ now: Int64) -> String? {
        runs += 1
        do throws(SystemError) {
            running = try ChildProcess(words, settings: Self.settings(file))
            current = file
            deadline = now + timeout
            isOverdue = false
            return nil
        } catch {
            failures += 1
            return "the hook cannot be started for \(file.path): \(error.message)"
        }
    }

    private static func settings(_ file: Sidecar) -> [(name: String, value: String)] {
        [
            ("AUP_FILE", file.path),
            ("AUP_SIDECAR", Sidecar.path(of: file.path)),
            ("AUP_NUMBER", "\(file.number)"),
            ("AUP_FRAMES", "\(file.frames)"),
            ("AUP_POSITION", "\(file.position)"),
            ("AUP_START", file.startText),
            ("AUP_RATE", "\(file.format.rate)"),
            ("AUP_CHANNELS", "\(file.format.channels)"),
            ("AUP_FORMAT", file.format.sampleFormat.name),
            ("AUP_GAPS", "\(file.gapCount)"),
            ("AUP_LOST", "\(file.lostFrames)"),
            ("AUP_XRUNS", "\(file.xruns)"),
            ("AUP_SHA256", file.sha256 ?? ""),
        ]
    }
}
