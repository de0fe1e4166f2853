import Glibc
import Synchronization

/// Keeps what guests print away from the stream.
public enum GuestText {
    /// Points descriptor 1 at descriptor 2 for the length of a call, with stdio flushed on both sides.
    ///
    /// For loading and creating guests, whose constructors may print. It is process-wide: nothing else may write to
    /// descriptor 1 meanwhile. A host whose stream goes to standard output is better off with
    /// ``moveStandardOutputAway()`` at start, which also covers what a guest prints while it processes.
    ///
    /// - Thread: control.
    static func diverted<Result>(_ body: () throws(PluginError) -> Result) throws(PluginError) -> Result {
        guard isDiverted.load(ordering: .relaxed) else { return try body() }
        // Two at once would save each other's diversion and never find the way back.
        return try gate.withLock { _ throws(PluginError) in
            fflush(nil)
            let saved = fcntl(1, F_DUPFD_CLOEXEC, 3)
            guard saved >= 0 else { return try body() }
            dup2(2, 1)
            defer {
                fflush(nil)
                dup2(saved, 1)
                close(saved)
            }
            return try body()
        }
    }

    /// False only where the text is what is looked for.
    static let isDiverted = Atomic(true)

    private static let gate = Mutex(())

    /// Moves standard output to a descriptor of its own, which is returned, and leaves standard error in its place: no
    /// guest, whatever it prints and whenever, can write into a stream that uses the returned one. `nil` if descriptor 1
    /// is closed.
    ///
    /// - Thread: control, before the first guest is loaded.
    public static func moveStandardOutputAway() -> Int32? {
        fflush(nil)
        let stream = fcntl(1, F_DUPFD_CLOEXEC, 3)
        guard stream >= 0 else { return nil }
        dup2(2, 1)
        return stream
    }
}
