import AupPlugins
import AupSystem

/// What one check of a plugin came to, for reports.
public struct PluginCheckFinding: Sendable {
    public enum Result: String, Sendable {
        case ok
        case failed = "FAILED"
        case skipped
    }
    public let check: String
    public let result: Result
    /// One line, maybe empty.
    public let seen: String
}

/// `aup process --check`: a plugin examined in processes that may be lost to it.
///
/// - Thread: control.
public enum PluginCheck {
    /// Does one step; `words` are its name, the file for its findings, the plugin and its settings.
    ///
    /// - Returns: whether the words made sense.
    public static func step(_ words: [String]) -> Bool {
        guard words.count >= 3 else { return false }
        // Two seconds before the process would be killed, so that the plugin's own last words come out.
        return PluginTrials.run(
            step: words[0], words: Array(words[2...]), result: words[1],
            alarmSeconds: UInt32(PluginExamination.stepSeconds - 2)
        ) { body in
            guard let thread = try? WorkerThread(name: "aup.trial", body) else { return nil }
            return { thread.join() }
        }
    }

    /// Examines a plugin and tells of each check as it is done.
    ///
    /// - Parameters:
    ///   - chain: the plugin and its settings.
    ///   - stepWords: what makes this program call ``step(_:)`` with the words that follow.
    /// - Returns: whether nothing failed.
    public static func run(
        _ chain: [String], stepWords: [String], tell: (PluginCheckFinding) -> Void
    ) throws(PluginCatalog.NotFound) -> Bool {
        do throws(PluginError) {
            return try PluginExamination(words: stepWords, chain: chain).run { finding in
                let result: PluginCheckFinding.Result =
                    switch finding.result {
                    case .ok: .ok
                    case .failed: .failed
                    case .skipped: .skipped
                    }
                tell(PluginCheckFinding(check: finding.check, result: result, seen: finding.seen))
            }
        } catch {
            throw PluginCatalog.NotFound(message: error.message)
        }
    }
}
