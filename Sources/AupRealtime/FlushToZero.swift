internal import CRealtime

/// Treats denormal numbers as zero on the calling thread: a decaying filter would otherwise reach them and become tens
/// of times slower, exactly when nothing is heard.
///
///     let before = FlushToZero.enable()
///     …
///     before.restore()
///
/// - Thread: audio; the setting belongs to the thread that made it. Plugins change it too: restore round each.
@frozen
public struct FlushToZero: Sendable {
    /// The control word of the floating point unit as `enable` found it.
    @usableFromInline let word: UInt64

    @_noLocks
    private init(word: UInt64) { self.word = word }

    @_noLocks
    public static func enable() -> FlushToZero { FlushToZero(word: aup_flush_to_zero_enable()) }

    @_noLocks
    public func restore() { aup_flush_to_zero_restore(word) }
}
