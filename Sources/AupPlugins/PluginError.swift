/// What was wrong with a plugin, its parameters or its sound. The message is one line: what, where, and what to do.
///
/// - Thread: control. The audio thread reports a ``ChainStatus``; ``PluginChain/error(for:)`` makes the error of it.
public struct PluginError: Error, Equatable, Sendable {
    /// Named by the remedy.
    public enum Code: String, Sendable, Equatable {
        /// No such file or name: correct it, or install the plugin.
        case notFound
        /// The file is not a whole shared object: copy or build it again.
        case broken
        /// Built for another machine: build it for this one.
        case foreign
        /// It exports no table of ours: it is no aup plugin.
        case notPlugin
        /// Its ABI version is not ours: build it against this `aup_plugin.h`.
        case version
        /// The dynamic loader refused it: its message says why.
        case unloadable
        /// Its table breaks the contract of `aup_plugin.h`: its author has to correct it.
        case malformed
        /// A key or value on the command line.
        case value
        /// It cannot process that many channels.
        case layout
        /// The words on the command line make no chain.
        case usage
        /// It said itself that it cannot go on.
        case failed
    }
    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
