import AupSound
import AupSystem
import Glibc

/// `--build`: runs a command when sources of plugins have changed, one at a time.
///
/// ```
///   change ─▶ quiet for 100 ms ─▶ command ─┬─ 0 ─▶ what it wrote is loaded
///     ▲                             │      └─ else: told, the old plugins go on
///     └───── changed meanwhile ◀────┘
/// ```
///
/// Nothing here waits: the thread that owns it polls ``watched`` and calls ``tend(now:)``.
///
/// - Thread: aup.control.
struct PluginBuild {
    /// How long sources must have been left alone: an editor may write one in several goes, or several.
    static let quietNanoseconds: Int64 = 100_000_000
    /// Whoever never leaves them alone does not keep a build from being made.
    static let patienceNanoseconds: Int64 = 1_000_000_000
    /// Of what the command says, the rest is not kept.
    static let keptBytes = 1 << 20
    static let shownLines = 12
    static let shownCharacters = 300
    /// A file that changes in so many builds in a row, each of them made for nothing else, is written by the build.
    static let ownBuilds = 3

    /// What is asked for.
    struct Wish {
        var words: [String]
        var timeoutNanoseconds: Int64
        /// Where sources lie.
        var folders: [String]
    }

    enum News: Equatable {
        case began(path: String)
        case made(seconds: Double)
        case failed(text: String, lines: [String], status: Int, seconds: Double)
        case left(path: String)
    }

    private let wish: Wish
    private let watch: FolderWatch
    private var waiting: Set<String> = []
    private var firstChange: Int64 = 0
    private var lastChange: Int64 = 0
    private var running: ChildProcess?
    private var began: Int64 = 0
    private var isOverdue = false
    /// When the last one was found to be over.
    private var ended = Int64.min
    /// Whether the build that runs was made only because of what changed while the last one ran.
    private var isEcho = false
    /// What changed in each of the last builds that were echoes.
    private var echoes: [Set<String>] = []
    /// What the build writes itself.
    private var own: Set<String> = []

    init(_ wish: Wish) throws(SystemError) {
        self.wish = wish
        watch = try FolderWatch(wish.folders, isWanted: Self.isSource)
    }

    /// Every file but what compilers, linkers and editors leave beside sources.
    static func isSource(_ name: String) -> Bool {
        guard let first = name.first, first != ".", first != "#", name.last != "~" else { return false }
        guard let dot = name.lastIndex(of: ".") else { return true }
        return !products.contains(String(name[name.index(after: dot)...]).lowercased())
    }

    private static let products: Set<String> = [
        "so", "o", "a", "d", "lo", "la", "obj", "pch", "gch", "swiftmodule", "new", "tmp", "bak", "swp", "swx", "part",
    ]

    var isRunning: Bool { running != nil }
    var watched: [Int32] { [watch.number] + (running?.watched ?? []) }

    /// When something is to be done though nothing was noticed.
    var due: Int64? {
        guard let running else { return waiting.isEmpty ? nil : startTime }
        if running.isWatchable, !isOverdue { return began + wish.timeoutNanoseconds }
        // A kernel that cannot watch a process is asked twenty times a second.
        return monotonicNanoseconds() + 50_000_000
    }

    private var startTime: Int64 {
        min(lastChange + Self.quietNanoseconds, firstChange + Self.patienceNanoseconds)
    }

    /// Looks after the one that runs, and begins the next.
    mutating func tend(now: Int64) -> [News] {
        var news: [News] = []
        // Before the sources are looked at: what an ended build wrote has been noticed by then.
        let status = running?.status()
        note(watch.takeChanges(), now)
        if let child = running {
            if let status {
                news.append(end(child, status, now))
                if let path = learn() { news.append(.left(path: path)) }
            } else if now >= began + wish.timeoutNanoseconds, !isOverdue {
                isOverdue = true
                child.kill()
            }
        }
        if running == nil, !waiting.isEmpty, now >= startTime { news.append(start(now)) }
        return news
    }

    /// Ends the one that runs, with all that it started.
    mutating func abandon() {
        guard let child = running else { return }
        child.kill()
        // SIGKILL takes no time, but a process that waits for a disk may: a second is enough to leave no zombie behind.
        for _ in 0..<1000 where child.status() == nil { usleep(1000) }
        running = nil
    }

    private mutating func note(_ changes: Set<String>, _ now: Int64) {
        let news = changes.subtracting(own)
        guard !news.isEmpty else { return }
        if waiting.isEmpty { firstChange = now }
        lastChange = now
        waiting.formUnion(news)
    }

    private mutating func start(_ now: Int64) -> News {
        let path = waiting.sorted().first ?? ""
        // What waits since before the last one ended changed while that ran.
        isEcho = lastChange <= ended
        waiting = []
        isOverdue = false
        began = now
        do throws(SystemError) {
            running = try ChildProcess(wish.words, settings: [], keptBytes: Self.keptBytes)
            return .began(path: path)
        } catch {
            ended = now
            return .failed(text: "the build cannot be started: \(error.message)", lines: [], status: 127, seconds: 0)
        }
    }

    private mutating func end(_ child: ChildProcess, _ status: Int32, _ now: Int64) -> News {
        running = nil
        ended = now
        let seconds = Double(now - began) / 1e9
        if status == 0, !isOverdue { return .made(seconds: seconds) }
        let what =
            isOverdue
            ? "took longer than \(wish.timeoutNanoseconds / 1_000_000) ms and was ended (--build-timeout)"
            : "failed with \(status)"
        return .failed(
            text: "the build \(what); the plugins stay as they were", lines: Self.telling(child.lines),
            status: Int(status), seconds: seconds)
    }

    /// The lines that say what is wrong: from the first error on, or the last ones.
    static func telling(_ lines: [String]) -> [String] {
        let marks = ["error:", "error[", "undefined reference", "undefined symbol"]
        let first = lines.firstIndex { line in marks.contains { line.contains($0) } }
        let told = first.map { lines[$0...].prefix(shownLines) } ?? lines.suffix(shownLines)
        return told.map { $0.count > shownCharacters ? String($0.prefix(shownCharacters)) + "..." : $0 }
    }

    /// A build that writes what is taken for sources would be followed by itself for ever.
    ///
    /// - Returns: what is left out from now on.
    private mutating func learn() -> String? {
        if !isEcho { echoes = [] }
        echoes.append(waiting)
        guard echoes.count >= Self.ownBuilds else { return nil }
        let written = echoes.suffix(Self.ownBuilds).reduce(waiting) { $0.intersection($1) }.subtracting([""])
        echoes.removeFirst()
        guard let path = written.sorted().first else { return nil }
        own.formUnion(written)
        waiting.subtract(written)
        return path
    }
}
