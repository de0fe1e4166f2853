internal import CLinux
internal import Glibc

/// Nanoseconds since 1970-01-01 UTC, by `CLOCK_REALTIME`.
///
/// - Thread: any.
public func utcNanoseconds() -> Int64 {
    var now = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
}
