import CLinux
import Glibc

/// A wake-up from one thread to another: an eventfd, so that a thread can wait for it and for devices in one poll.
///
/// Where no descriptor is left for one it is deaf: who waits at it looks again by itself, often.
///
/// Rings add up and one answer takes them all. The audio thread rings between two cycles, outside of its real-time
/// section: the write never blocks, because the counter would have to reach 2^64.
///
/// - Thread: any.
public final class Doorbell: Sendable {
    /// Negative, which poll leaves out, where it is deaf.
    public let number: Int32
    /// How long anybody waits at a deaf one before looking again.
    private static let deafMilliseconds: Int32 = 20

    public init() { number = aup_doorbell() }

    deinit { if number >= 0 { close(number) } }

    /// How long to wait in a poll of one's own that would wait so long.
    public func patience(milliseconds: Int32) -> Int32 {
        number >= 0 ? milliseconds : milliseconds < 0 ? Self.deafMilliseconds : min(milliseconds, Self.deafMilliseconds)
    }

    public func ring() {
        var one: UInt64 = 1
        _ = unsafe write(number, &one, 8)
    }

    /// Takes all rings so far; false where there were none.
    @discardableResult
    public func answer() -> Bool {
        var count: UInt64 = 0
        return unsafe read(number, &count, 8) == 8
    }

    /// Waits for a ring; false when the time ran out or a signal came first.
    @discardableResult
    public func wait(milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&entry, 1, patience(milliseconds: milliseconds)) > 0 else { return false }
        answer()
        return true
    }
}
