import AupSound
import AupSystem
import Glibc

/// Several files, each encoded by a process of its own, so many at once: what one of them does to its process is no
/// matter to the others.
///
///     aup encode a.wav b.wav … ─▶ aup encode … --batch-item=0
///                              └▶ aup encode … --batch-item=1
///
/// The processes have the same words as this one and end with it, however it ends. A batch runs once.
///
/// - Thread: main.
public final class FileBatch {
    /// What became of one file.
    public struct Result: Sendable {
        public let item: Int
        /// Of its process.
        public let status: Int32
        /// What it said on standard error.
        public let lines: [String]
    }

    public struct Outcome: Sendable {
        public var finished = 0
        public var failed = 0
        public var seconds = 0.0
        /// Ended before all were begun.
        public var isStopped = false
    }

    /// Bytes of a process's words that are kept.
    private static let keptBytes = 64 << 10

    /// How far a batch is.
    public struct Progress: Sendable {
        public var files = 0
        public var failed = 0
        /// Of the inputs' bytes, 0 to 1.
        public var share = 0.0
        public var seconds = 0.0

        public init() {}
    }

    /// Bytes of each input.
    private let sizes: [Int64]
    private var doneBytes: Int64 = 0
    private let started = monotonicNanoseconds()
    private var count: Int { sizes.count }
    private let atOnce: Int
    private let words: [String]
    private let signals = SignalInbox()
    private var running: [(item: Int, process: ChildProcess)] = []
    private var next = 0
    private var isStopping = false
    private var outcome = Outcome()

    /// - Parameters:
    ///   - words: of this process, behind its name.
    ///   - atOnce: how many are encoded at the same time.
    public init(inputs: [String], atOnce: Int, words: [String]) {
        sizes = inputs.map { input in
            var facts = stat()
            return unsafe stat(FileName.bytes(input), &facts) == 0 ? Int64(facts.st_size) : 0
        }
        self.atOnce = max(1, min(atOnce, Limits.jobs))
        self.words = words
    }

    /// As many as there are processors for us.
    public static var usualAtOnce: Int { Int(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// Has this process, which is one of a batch, end with the one that made it; false where that is gone already.
    public static func endWithParent(_ number: Int32) -> Bool { ChildProcess.endWithParent(number) }

    /// Encodes all of them.
    ///
    /// - Parameters:
    ///   - everyMilliseconds: how long it waits at most until it tells how far it is.
    ///   - tick: called now and then; asked where SIGUSR2 came.
    ///   - ended: called for each file, in the order in which they end.
    ///   - forced: called on a second ending signal; does not return.
    public func run(
        everyMilliseconds: Int32 = 500, tick: (Progress, _ isAsked: Bool) -> Void, ended: (Result) -> Void,
        forced: (Int32) -> Never
    ) -> Outcome {
        while true {
            begin(ended)
            if running.isEmpty { break }
            wait(everyMilliseconds)
            let isAsked = answerSignals(forced)
            for index in running.indices.reversed() {
                guard let status = running[index].process.status() else { continue }
                let (item, process) = running.remove(at: index)
                end(Result(item: item, status: status, lines: process.lines), ended)
            }
            tick(progress, isAsked)
        }
        outcome.isStopped = next < count
        outcome.seconds = progress.seconds
        return outcome
    }

    /// How far it is.
    public var progress: Progress {
        let all = sizes.reduce(0, +)
        var progress = Progress()
        progress.files = outcome.finished + outcome.failed
        progress.failed = outcome.failed
        progress.share = all > 0 ? Double(doneBytes) / Double(all) : 0
        progress.seconds = Double(monotonicNanoseconds() - started) / 1e9
        return progress
    }

    private func begin(_ ended: (Result) -> Void) {
        while running.count < atOnce, next < count, !isStopping {
            let item = next
            next += 1
            do throws(SystemError) {
                let process = try ChildProcess(
                    ["/proc/self/exe"] + Self.wordsOfItem(item, words), settings: [], keptBytes: Self.keptBytes)
                running.append((item, process))
            } catch {
                end(Result(item: item, status: 1, lines: [error.message]), ended)
            }
        }
    }

    /// The words of one file's process: those of this one, and which of its files. Options stand before a `--`.
    static func wordsOfItem(_ item: Int, _ words: [String]) -> [String] {
        var words = words
        words.insert(contentsOf: ["--batch-item=\(item)", "--batch-parent=\(getpid())"], at: min(1, words.count))
        return words
    }

    private func end(_ result: Result, _ ended: (Result) -> Void) {
        doneBytes += sizes[result.item]
        if result.status == 0 { outcome.finished += 1 } else { outcome.failed += 1 }
        ended(result)
    }

    private func wait(_ milliseconds: Int32) {
        var entries = [pollfd(fd: signals.number, events: Int16(POLLIN), revents: 0)]
        var isWatched = true
        for (_, process) in running {
            isWatched = isWatched && process.isWatchable
            entries += process.watched.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        }
        _ = unsafe poll(&entries, UInt(entries.count), isWatched ? milliseconds : min(50, milliseconds))
    }

    /// Whether it is asked how far it is.
    private func answerSignals(_ forced: (Int32) -> Never) -> Bool {
        var isAsked = false
        while let arrival = signals.next() {
            if arrival == .status { isAsked = true }
            guard case .finish(let number) = arrival else { continue }
            if isStopping {
                for (_, process) in running { process.kill() }
                forced(number)
            }
            isStopping = true
            for (_, process) in running { process.interrupt() }
        }
        return isAsked
    }
}
