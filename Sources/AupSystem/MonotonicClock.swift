internal import CLinux

/// Nanoseconds of `CLOCK_MONOTONIC`, the clock of all capture times of this boot.
///
/// - Thread: any, the audio thread included.
@_noLocks public func monotonicNanoseconds() -> Int64 { aup_monotonic_nanoseconds() }
