internal import AupSound
internal import CLinux
internal import Glibc

/// A program that runs beside us, in a process group of its own, what it says kept up to a bound.
///
/// Nothing here waits: whoever owns it polls ``watched`` and asks for the ``status``.
///
/// - Thread: control, one at a time.
public final class ChildProcess {
    /// What is kept of the program's words where nobody says; the rest is read and thrown away, so that it never stands
    /// still for us.
    public static let usualKeptBytes = 512

    private let keptBytes: Int
    public let number: Int32
    private let watch: Int32
    private let output: Int32
    /// The start of what it said on standard output and error.
    private var said: [UInt8] = []
    private var ended: Int32?
    /// It has closed its output: a descriptor that would be readable for ever.
    private var isSilent: Bool

    /// Starts a program, looked up on PATH, without a shell, with these settings added to our environment.
    ///
    /// - Parameter keptBytes: how much of what it says is kept.
    public convenience init(
        _ words: [String], settings: [(name: String, value: String)], keptBytes: Int = usualKeptBytes
    ) throws(SystemError) {
        var reading: Int32 = -1
        var writing: Int32 = -1
        let pipe = unsafe aup_process_pipe(&reading, &writing)
        guard pipe == 0 else { throw SystemError("pipe", code: pipe) }
        defer { close(writing) }
        try self.init(words, settings: settings, input: -1, output: writing, kept: reading, keptBytes: keptBytes)
    }

    /// Starts a program that reads a file as its standard input, and whose words go where ours do.
    public convenience init(_ words: [String], input: MemoryFile) throws(SystemError) {
        try self.init(words, settings: [], input: input.number, output: 2, kept: -1, keptBytes: 0)
    }

    /// - Parameter kept: where its words can be read, which is closed at the end; -1 for nowhere.
    private init(
        _ words: [String], settings: [(name: String, value: String)], input: Int32, output: Int32, kept: Int32,
        keptBytes: Int
    ) throws(SystemError) {
        precondition(!words.isEmpty)
        let names = Set(settings.map(\.name))
        let environment =
            Self.environment.filter { line in !names.contains(String(line.prefix { $0 != "=" })) }
            + settings.map { "\($0.name)=\($0.value)" }
        let arguments = unsafe words.map { word in unsafe strdup(FileName.bytes(word)) } + [nil]
        let lines = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer {
            for index in unsafe arguments.indices { unsafe free(arguments[index]) }
            for index in unsafe lines.indices { unsafe free(lines[index]) }
        }
        var child: Int32 = 0
        let code = unsafe aup_process_start(arguments, lines, input, output, &child)
        guard code == 0 else {
            if kept >= 0 { close(kept) }
            throw SystemError("start", path: words[0], code: code)
        }
        number = child
        self.output = kept
        isSilent = kept < 0
        self.keptBytes = keptBytes
        watch = aup_process_watch(child)
    }

    deinit {
        if output >= 0 { close(output) }
        if watch >= 0 { close(watch) }
    }

    /// Descriptors that become readable when there is something to do; where the kernel cannot watch a process, look
    /// now and then.
    public var watched: [Int32] { (watch >= 0 ? [watch] : []) + (isSilent ? [] : [output]) }

    /// Whether the kernel tells of its end through ``watched``.
    public var isWatchable: Bool { watch >= 0 }

    /// Its exit status, 128 + n after a signal; `nil` while it runs. Reads what it has said meanwhile.
    public func status() -> Int32? {
        readOutput()
        if ended == nil {
            let status = aup_process_status(number)
            if status >= 0 {
                ended = status
                readOutput()
            }
        }
        return ended
    }

    /// What it said first, in one line.
    public var words: String { lines.first ?? "" }

    /// What is kept of its words.
    public var lines: [String] {
        String(decoding: said, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
    }

    /// Ends the program and all that it started in its group, at once.
    public func kill() {
        guard ended == nil else { return }
        Glibc.kill(-number, SIGKILL)
    }

    /// Asks the program to come to its end.
    public func interrupt() {
        guard ended == nil else { return }
        Glibc.kill(number, SIGINT)
    }

    /// Has this process asked to end when the one that started it is gone, also where that was killed; false where it is
    /// gone already.
    ///
    /// - Parameter parent: its number.
    public static func endWithParent(_ parent: Int32) -> Bool { aup_end_with_parent(parent) }

    private func readOutput() {
        guard !isSilent else { return }
        var space = [UInt8](repeating: 0, count: 4096)
        // Bounded, because a program that never stops talking would keep us here.
        for _ in 0..<64 {
            let count = unsafe space.withUnsafeMutableBytes { unsafe Glibc.read(output, $0.baseAddress, $0.count) }
            guard count > 0 else {
                isSilent = count == 0
                return
            }
            said.append(contentsOf: space.prefix(min(count, keptBytes - said.count)))
        }
    }

    private static var environment: [String] {
        var lines: [String] = []
        var next = unsafe Glibc.environ
        while let line = unsafe next.pointee {
            lines.append(unsafe String(cString: line))
            unsafe next += 1
        }
        return lines
    }
}
