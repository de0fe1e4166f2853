import AupFiles
import AupSystem

/// When a file that is being written is to be made to outlive a power cut.
///
/// - Thread: transport.
struct DiskSync {
    private let policy: FsyncPolicy
    private var last = monotonicNanoseconds()

    init(_ policy: FsyncPolicy) { self.policy = policy }

    /// Whether it is time now; asked whenever there is something new on the disk.
    mutating func isDue() -> Bool {
        guard case .every(let seconds) = policy else { return false }
        let now = monotonicNanoseconds()
        guard now - last >= Int64(seconds) * 1_000_000_000 else { return false }
        last = now
        return true
    }
}
