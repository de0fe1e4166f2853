import AupPlugins
public import AupSound

/// What `process` is asked for besides the plugins and their settings.
public struct ChainConfiguration: Sendable {
    /// How long a chain is listened to after its input has ended.
    public enum Tail: Sendable, Equatable {
        /// As long as its plugins say that they sound.
        case own
        case off
        case length(TimeSpan)
    }

    /// What becomes of the sound when a plugin crashes in a process of its own.
    public enum CrashPolicy: String, Sendable, CaseIterable {
        /// The command ends, as it does when plugins are not isolated.
        case fail
        /// The sound goes by the plugin from then on.
        case bypass
        /// The sound goes by the plugin until it has been started again.
        case restart
    }

    public var tail = Tail.own
    /// Each plugin runs in a process of its own, which this program is started for with these words; `nil` for in this one.
    public var isolationWords: [String]?
    public var crashPolicy = CrashPolicy.fail
    /// Milliseconds that a plugin may take for a block before it is taken for hung.
    public var blockLimitMilliseconds = 10_000
    /// A file of changes at exact times.
    public var automationPath: String?
    /// Where a socket is listened at for wishes.
    public var controlPath: String?
    /// Plugins are loaded anew when their files change.
    public var watches = false

    /// A command that makes them when their sources change; no shell sees it.
    public var buildCommand: String?
    public var buildTimeoutNanoseconds: Int64 = 120_000_000_000
    /// Folders of sources; none are those of the plugins' files.
    public var sourceFolders: [String] = []

    /// How its plugins are kept apart, if they are.
    ///
    /// - Parameter realtimePriority: of the audio thread.
    func isolation(realtimePriority: Int?) -> Isolation? {
        isolationWords.map { words in
            // A rebuilt file is loaded from a copy over there too.
            Isolation(
                words: ["/proc/self/exe"] + words + (watches ? ["--watch"] : [])
                    + ["--max-time", "\(blockLimitMilliseconds)ms"]
                    + (realtimePriority.map { ["--realtime=\($0)"] } ?? ["--no-realtime"]),
                blockLimitMilliseconds: blockLimitMilliseconds)
        }
    }

    /// Whether the chain can be changed while it sounds.
    var isControlled: Bool { controlPath != nil || watches }
    /// Whether plugins may have to be made anew beside the sound.
    var isTended: Bool { isControlled || crashPolicy == .restart }

    /// Seconds of a tail that its plugins say never ends.
    public static let endlessTailSeconds = 10
    /// Seconds of a tail that its plugins say ends; nothing sounds so long but a mistake.
    public static let longestTailSeconds = 60
    /// Seconds that may be asked for.
    public static let askedTailSeconds = 3600

    /// Milliseconds that may be asked for: one that is interrupted by the system for long is not to be blamed.
    public static let blockLimits = 10...600_000

    /// Times that a plugin is started again within ``crashWindowSeconds``; then the sound goes by it.
    public static let restartLimit = 5
    public static let crashWindowSeconds = 60

    public init() {}
}
