internal import CLinux
internal import Glibc

/// A descriptor that becomes readable at a moment of `CLOCK_MONOTONIC`, so that a simulated device can be
/// waited for with the same `poll` as a real one.
///
/// It stays readable until it is armed anew; nobody needs to read it.
///
/// - Thread: the owner opens and closes it on the control side; ``arm(_:at:)`` may be called on the audio thread.
public struct TimerDescriptor: ~Copyable {
    /// The file descriptor to poll for input.
    public let descriptor: Int32

    /// `nil` when the process has no descriptor left.
    public init?() {
        descriptor = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_NONBLOCK) | Int32(TFD_CLOEXEC))
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    // MARK: - Audio thread

    /// Makes the descriptor readable from `nanoseconds` of the monotonic clock on: at once when that moment has
    /// passed, never when it is `Int64.max`.
    @_noLocks public static func arm(_ descriptor: Int32, at nanoseconds: Int64) {
        _ = aup_timer_arm(descriptor, nanoseconds)
    }
}
