import CLinux
import Glibc

/// A wake-up from one thread to another: an eventfd, so that a thread can wait for it and for devices in one poll.
///
/// Rings add up and one answer takes them all. The audio thread rings between two cycles, outside of its real-time
/// section: the write never blocks, because the counter would have to reach 2^64.
///
/// - Thread: any.
public final class Doorbell: Sendable {
    public let number: Int32

    public init() {
        number = aup_doorbell()
        precondition(number >= 0, "no descriptor left for an eventfd")
    }

    deinit { close(number) }

    public func ring() {
        var one: UInt64 = 1
        _ = unsafe write(number, &one, 8)
    }

    /// Takes all rings so far.
    public func answer() {
        var count: UInt64 = 0
        _ = unsafe read(number, &count, 8)
    }

    /// Waits for a ring; false when the time ran out or a signal came first.
    @discardableResult
    public func wait(milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&entry, 1, milliseconds) > 0 else { return false }
        answer()
        return true
    }
}
