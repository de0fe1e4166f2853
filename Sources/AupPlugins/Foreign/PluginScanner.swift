import AupSystem
import Glibc
import Synchronization

/// Looks at plugin files without letting them into this process.
///
/// ```
///   file ─▶ known and unchanged? ─yes─▶ what is kept in the cache folder
///                └──no──▶ a process of its own, ten seconds at most ─▶ kept, failures too
/// ```
///
/// The process is this program with other words, which the roof tells at start. Without them, as in other programs, files
/// are looked at in this process.
///
/// - Thread: control.
public enum PluginScanner {
    /// Longer than any file of Debian takes to load, short enough to wait for.
    private static let limitSeconds = 10

    private static let words = Mutex<[String]>([])

    /// Says which words make this program look at a file: the file's path and that of the result follow them.
    public static func useProcesses(_ words: [String]) { Self.words.withLock { $0 = words } }

    /// What such a process does: looks at the file and writes what it saw.
    ///
    /// - Returns: whether it could be written.
    public static func scan(_ path: String, into result: String) -> Bool {
        CacheFile.write(PluginScan(path: path).lines(), to: result)
    }

    static func scan(_ path: String) -> PluginScan {
        let words = Self.words.withLock { $0 }
        guard !words.isEmpty, let folder = CacheFile.standardFolder(), let facts = FileFacts(path),
            let absolute = absolute(path)
        else { return PluginScan(path: path) }
        let file = "\(folder)/scans/\(name(of: absolute))"
        let key = "\(absolute)\t\(facts.bytes)\t\(facts.device)\t\(facts.inode)\t\(facts.changed)"
        let kept = CacheFile.lines(of: file)
        if kept.first == key, let scan = PluginScan(lines: Array(kept.dropFirst()), path: path) { return scan }
        CacheFile.makeFolder(folder + "/scans")
        let (scan, isLasting) = look(absolute, as: path, result: "\(file).\(getpid()).scan", words: words)
        if isLasting, !absolute.contains("\n") { CacheFile.write([key] + scan.lines(), to: file) }
        return scan
    }

    /// - Returns: what was seen, and whether it would be seen again: what is wrong with the machine may pass.
    private static func look(
        _ file: String, as path: String, result: String, words: [String]
    ) -> (scan: PluginScan, isLasting: Bool) {
        func failed(_ why: String, isLasting: Bool = true) -> (PluginScan, Bool) {
            let error = PluginError(.unloadable, "plugin '\(shown(path))' cannot be looked at: \(why)")
            return (PluginScan(path: path, plugins: [], error: error), isLasting)
        }
        let child: ChildProcess
        do throws(SystemError) {
            child = try ChildProcess(["/proc/self/exe"] + words + [file, result], settings: [])
        } catch {
            return (PluginScan(path: path), false)
        }
        let started = seconds()
        var status = child.status()
        while status == nil, seconds() - started < limitSeconds {
            var entries = child.watched.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            // Where the kernel cannot watch a process, now and then has to do.
            _ = unsafe poll(&entries, nfds_t(entries.count), child.isWatchable ? 500 : 5)
            status = child.status()
        }
        defer { _ = unsafe unlink(result) }
        guard let status else {
            child.kill()
            while child.status() == nil { usleep(1000) }
            return failed("it did not end within \(limitSeconds) seconds and was stopped")
        }
        if let scan = PluginScan(lines: CacheFile.lines(of: result), path: path) { return (scan, true) }
        let said = child.lines.first { $0.hasPrefix("aup: ") } ?? child.words
        return failed(
            said.isEmpty ? "the process that did so ended with status \(status)" : shown(said), isLasting: status != 0)
    }

    private static func seconds() -> Int {
        var now = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec
    }

    private static func absolute(_ path: String) -> String? {
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// 64 bits of FNV-1a (Fowler, Noll, Vo 1991), enough to keep some thousand paths apart; the file says its path too.
    private static func name(of path: String) -> String {
        let hash = path.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return String(hash, radix: 16)
    }
}
