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

    public var tail = Tail.own
    /// A file of changes at exact times.
    public var automationPath: String?
    /// Where a socket is listened at for wishes.
    public var controlPath: String?
    /// Plugins are loaded anew when their files change.
    public var watches = false

    /// Whether the chain can be changed while it sounds.
    var isControlled: Bool { controlPath != nil || watches }

    /// Seconds of a tail that its plugins say never ends.
    public static let endlessTailSeconds = 10
    /// Seconds of a tail that its plugins say ends; nothing sounds so long but a mistake.
    public static let longestTailSeconds = 60
    /// Seconds that may be asked for.
    public static let askedTailSeconds = 3600

    public init() {}
}
