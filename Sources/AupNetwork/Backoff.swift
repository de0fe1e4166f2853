/// When to try a connection again, and when to give it up: pauses that double, with chance in them so that many who lost the
/// same listener do not come back at once. Pure numbers: the time and the chance are told.
///
/// ```
///   lost ─▶ at once ─▶ failed: 0.1 s, 0.2, 0.4, … 5, 5 (each less up to half, by chance) ─▶ up
///     ▲                  └─ patience at its end ─▶ give up                                    │
///     └──────────────── silent for longer than the liveness allows ◀──────────────────────────┘
/// ```
///
/// - Thread: any, one at a time.
public struct Backoff: Sendable, Equatable {
    public enum Action: Equatable, Sendable {
        case attempt
        /// Nothing to do before this moment.
        case wait(until: Int64)
        case giveUp
    }

    public static let firstPause: Int64 = 100_000_000
    public static let longestPause: Int64 = 5_000_000_000
    /// A connection that stood for so long begins the pauses anew; a shorter one was none.
    public static let steadyNanoseconds: Int64 = 2_000_000_000

    private let patience: Int64?
    private var pause = firstPause
    private var nextAttempt: Int64
    private var lostAt: Int64
    private var upSince: Int64?
    /// Attempts that failed since the connection was last steady.
    public private(set) var failures = 0
    /// Times a connection was lost.
    public private(set) var losses = 0

    /// - Parameter patience: nanoseconds without a connection until it is given up; `nil` for never, 0 for one attempt.
    public init(patience: Int64?, now: Int64) {
        self.patience = patience
        nextAttempt = now
        lostAt = now
    }

    public func next(now: Int64) -> Action {
        guard upSince == nil else { return .wait(until: .max) }
        if let patience, failures > 0, now - lostAt >= patience { return .giveUp }
        if now >= nextAttempt { return .attempt }
        guard let patience else { return .wait(until: nextAttempt) }
        return .wait(until: min(nextAttempt, lostAt.addingReportingOverflow(patience).partialValue))
    }

    /// - Parameter chance: 0 to 1.
    public mutating func failed(now: Int64, chance: Double) {
        failures += 1
        nextAttempt = now + pause - Int64(Double(pause) / 2 * min(max(chance, 0), 1))
        pause = min(pause * 2, Self.longestPause)
    }

    public mutating func connected(now: Int64) { upSince = now }

    public mutating func lost(now: Int64, chance: Double) {
        guard let since = upSince else { return }
        upSince = nil
        losses += 1
        if now - since >= Self.steadyNanoseconds {
            (pause, failures, lostAt) = (Self.firstPause, 0, now)
            nextAttempt = now
        } else {
            // Taken and dropped again and again is no better than refused.
            failed(now: now, chance: chance)
        }
    }
}
