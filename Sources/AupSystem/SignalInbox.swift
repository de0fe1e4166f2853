import CLinux
import Glibc

/// The signals a session answers, received in its poll loop instead of in a handler.
///
/// Made once, on the main thread and before any other starts, since threads inherit the mask. Signals that a shell
/// ignored for a background job are taken back to their default first: a recorder started with `&` must hear SIGINT.
///
/// - Thread: main.
public final class SignalInbox {
    public enum Arrival: Sendable, Equatable {
        /// SIGINT, SIGTERM, SIGHUP or SIGQUIT, by number.
        case finish(Int32)
        /// SIGUSR1.
        case nextFile
        /// SIGUSR2.
        case status
        /// SIGCONT: the process was suspended until now.
        case resumed
        /// SIGTSTP, where it is watched: Ctrl-Z.
        case suspended
        /// SIGWINCH.
        case terminalResized
    }

    private static let watched = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH]

    /// Readable when a signal waits.
    public let number: Int32

    /// - Parameter hasTerminal: a terminal is to be given back before the process is stopped, so SIGTSTP comes here
    ///   instead of stopping it.
    public init(hasTerminal: Bool = false) {
        let watched = Self.watched + (hasTerminal ? [SIGTSTP] : [])
        number = unsafe aup_signal_inbox(watched, Int32(watched.count))
        precondition(number >= 0, "no descriptor left for a signalfd")
        WorkerThread.installWakeHandler()
    }

    deinit { close(number) }

    /// Stops this process as Ctrl-Z does, and goes on when it is continued.
    public static func stopProcess() { aup_stop_self() }

    /// The next signal that waits, if any.
    public func next() -> Arrival? {
        switch aup_next_signal(number) {
        case 0: return nil
        case SIGUSR1: return .nextFile
        case SIGUSR2: return .status
        case SIGCONT: return .resumed
        case SIGTSTP: return .suspended
        case SIGWINCH: return .terminalResized
        case let ending: return .finish(ending)
        }
    }
}
