/// How plugins are kept in processes of their own.
///
/// ```
///   aup process ── PluginInstance ── GuestWorker ═══ shared memory ═══ GuestService ── PluginInstance ── the guest
///                  one a plugin      this process                      its own process
/// ```
///
/// Nothing of a guest is loaded into this process: it is found, described, created and run over there. When it crashes,
/// calls exit or does not come back, its process ends and this one goes on.
///
/// - Thread: any.
public struct Isolation: Sendable, Equatable {
    /// What is started: a program that calls ``GuestService/serve(copiesFiles:)``.
    public var words: [String]
    /// Milliseconds that a plugin may take for one block before its process is ended.
    public var blockLimitMilliseconds: Int
    /// Milliseconds for finding, describing or creating one: some read whole sample libraries.
    public static let createLimitMilliseconds = 60_000
    /// Milliseconds for taking it down.
    static let leaveLimitMilliseconds = 2000

    public init(words: [String], blockLimitMilliseconds: Int = 10_000) {
        self.words = words
        self.blockLimitMilliseconds = blockLimitMilliseconds
    }
}
