internal import CLinux
internal import Glibc

/// The time of day, and how it lies to the clock that capture times are read from.
///
/// - Thread: any but audio.
public enum WallClock {
    /// Nanoseconds since 1970-01-01 UTC.
    public static func nanoseconds() -> Int64 {
        var now = timespec()
        unsafe Glibc.clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }

    /// What must be added to a time of `CLOCK_MONOTONIC` to have UTC, as things stand: the clock may be set.
    ///
    /// Two clocks cannot be read at once; of a few readings the one during which the least time passed counts.
    public static func offsetToMonotonic() -> Int64 {
        var shortest = Int64.max
        var offset: Int64 = 0
        for _ in 0..<3 {
            let before = monotonicNanoseconds()
            let wall = nanoseconds()
            let after = monotonicNanoseconds()
            guard after - before < shortest else { continue }
            shortest = after - before
            offset = wall - before - shortest / 2
        }
        return offset
    }
}
