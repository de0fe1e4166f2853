import AupSystem

/// What a service manager is told, and when: a state machine over the session's numbers.
///
///     start ─► waiting ──first frame──► READY=1 ─► WATCHDOG=1 … while frames flow ─► STOPPING=1
///
/// While the session waits because it was asked to (for a device, for a time of day) it lives, though no frames flow:
/// the watchdog is fed, and the time for starting is extended. Otherwise a device that stands still starves it.
///
/// - Thread: main.
struct ServiceHeartbeat {
    private let watchdogInterval: Int64?
    private var isReady = false
    private var isStopping = false
    private var lastFrames: Int64 = 0
    private var nextWatchdog: Int64 = 0
    private var nextStatus: Int64 = 0

    /// A line for people every ten seconds is what `systemctl status` is looked at for.
    static let statusInterval: Int64 = 10_000_000_000
    /// Three status lines long.
    static let extensionMicroseconds = 30_000_000

    /// - Parameter watchdogNanoseconds: what `WATCHDOG_USEC` says; half of it is the interval (sd_watchdog_enabled(3)).
    init(watchdogNanoseconds: Int64?) {
        watchdogInterval = watchdogNanoseconds.map { max($0 / 2, 1) }
    }

    /// The datagrams to send now.
    mutating func beat(now: Int64, frames: Int64, isWaiting: Bool, isStopping: Bool, status: () -> String) -> [String] {
        var messages: [String] = []
        if isStopping, !self.isStopping {
            self.isStopping = true
            messages.append("STOPPING=1\nSTATUS=finishing")
        }
        if self.isStopping { return messages }
        if !isReady, frames > 0 {
            isReady = true
            nextStatus = now + Self.statusInterval
            nextWatchdog = now
            messages.append("READY=1\nSTATUS=\(status())")
        } else if now >= nextStatus {
            nextStatus = now + Self.statusInterval
            let more = !isReady && isWaiting ? "\nEXTEND_TIMEOUT_USEC=\(Self.extensionMicroseconds)" : ""
            messages.append("STATUS=\(status())" + more)
        }
        if let watchdogInterval, now >= nextWatchdog, frames > lastFrames || isWaiting {
            nextWatchdog = now + watchdogInterval
            lastFrames = frames
            messages.append("WATCHDOG=1")
        }
        return messages
    }
}
