import AupSystem
import Glibc

/// Runs a plugin through everything that guests have been seen to do wrong, each step in a process of its own.
///
/// ```
///   load ─▶ run ─▶ bounds, rates, calls, state, text, output, extremes, place, again, reset, pair, blocks
///     └ fails: nothing else makes sense       └ ten seconds at most each; what ends early has failed
///          └ fails: only bounds, which may say why
/// ```
///
/// - Thread: control.
public struct PluginExamination {
    /// Enough for any plugin to make a few seconds of sound, also on a busy machine.
    public static let stepSeconds = 10

    private let words: [String]
    private let chain: [String]
    private let result: String

    /// - Parameters:
    ///   - words: what makes this program do one step; its name, the file for the findings and the chain follow.
    ///   - chain: one plugin and its settings.
    public init(words: [String], chain: [String]) throws(PluginError) {
        _ = try ChainArguments.parse(chain, limit: 1)
        self.words = words
        self.chain = chain
        let folder = GuestFolders.environment("TMPDIR") ?? "/tmp"
        var name = Array("\(folder)/aup-check-XXXXXX".utf8CString)
        let file = unsafe mkstemp(&name)
        guard file >= 0 else {
            let reason = unsafe String(cString: strerror(errno))
            throw PluginError(.failed, "no file for findings can be made in \(folder): \(reason)")
        }
        close(file)
        result = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Examines it and tells of each check as it is done.
    ///
    /// - Returns: whether nothing failed.
    public func run(_ tell: (CheckFinding) -> Void) -> Bool {
        defer { _ = unsafe unlink(result) }
        var isGood = true
        var obstacle: String?
        for step in CheckStep.allCases {
            if let obstacle, !(step == .bounds && obstacle == Self.doesNotRun) {
                for check in step.checks { tell(CheckFinding(check, .skipped, obstacle)) }
                continue
            }
            let findings = findings(of: step)
            for finding in findings {
                isGood = isGood && finding.result != .failed
                tell(finding)
            }
            let hasFailed = { (check: String) in findings.contains { $0.check == check && $0.result == .failed } }
            if step == .load, hasFailed("loading") || hasFailed("creating") { obstacle = "it cannot be loaded" }
            if step == .run, hasFailed("running") { obstacle = Self.doesNotRun }
        }
        return isGood
    }

    private static let doesNotRun = "it does not run"

    private func findings(of step: CheckStep) -> [CheckFinding] {
        _ = unsafe truncate(result, 0)
        let ending = endOfProcess(step)
        let lines = CacheFile.lines(of: result)
        let told = lines.compactMap { CheckFinding(line: $0) }.filter { step.checks.contains($0.check) }
        let words = lines.first { $0.hasPrefix(Self.crashStart) }.map(Self.reason) ?? ending
        var isFirst = true
        return step.checks.compactMap { check in
            if let finding = told.first(where: { $0.check == check }) { return finding }
            if told.contains(where: { $0.result == .failed }), ending == nil { return CheckFinding(check, .skipped) }
            defer { isFirst = false }
            return isFirst
                ? CheckFinding(check, .failed, words ?? "the process ended before it was done")
                : CheckFinding(check, .skipped, "the process ended before")
        }
    }

    /// `nil` where it ended as it should.
    private func endOfProcess(_ step: CheckStep) -> String? {
        let child: ChildProcess
        do throws(SystemError) {
            child = try ChildProcess(["/proc/self/exe"] + words + [step.rawValue, result] + chain, settings: [])
        } catch {
            return error.message
        }
        let started = Self.seconds()
        var status = child.status()
        while status == nil, Self.seconds() - started < Self.stepSeconds {
            var entries = child.watched.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            // Where the kernel cannot watch a process, now and then has to do.
            _ = unsafe poll(&entries, nfds_t(entries.count), child.isWatchable ? 500 : 5)
            status = child.status()
        }
        guard let status else {
            child.kill()
            while child.status() == nil { usleep(1000) }
            return "it did not end within \(Self.stepSeconds) seconds"
        }
        switch status {
        case 0: return nil
        case 129...: return "the process ended with signal \(status - 128)"
        default: return "it ended the process with status \(status)"
        }
    }

    private static let crashStart = "aup: plugin '"

    /// `aup: plugin 'x' crashed in process at frame 0 (SIGSEGV); run without it`, without what everybody knows.
    private static func reason(_ line: String) -> String {
        // The name may have an apostrophe of its own; words follow the last one.
        guard let end = line.lastIndex(of: "'") else { return line }
        let words = String(line[end...].dropFirst(2))
        let advice = "; run without it"
        return "it " + (words.hasSuffix(advice) ? String(words.dropLast(advice.count)) : words)
    }

    private static func seconds() -> Int {
        var now = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec
    }
}
