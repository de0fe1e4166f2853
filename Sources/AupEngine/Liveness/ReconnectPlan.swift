/// When to try a device again, and when to give it up. Pure numbers: the time is told, nothing waits here.
///
///     lost ─► try at once ─► failed: 0.1 s, 0.2, 0.4, 0.8, 1, 1, … ─► back
///                                └─ a sound card appears: at once ─┘      └─ patience at its end ─► give up
///
/// - Thread: transport.
struct ReconnectPlan: Sendable, Equatable {
    enum Action: Equatable {
        case attempt
        /// Nothing to do before this moment.
        case wait(until: Int64)
        case giveUp
    }

    static let firstPause: Int64 = 100_000_000
    /// Where no folder tells of new cards this is how soon one is found.
    static let longestPause: Int64 = 1_000_000_000
    /// The least time between two attempts, however many nodes appear.
    static let leastPause: Int64 = 50_000_000

    /// When the device was lost, or first looked for.
    let since: Int64
    private let deadline: Int64
    private var pause = firstPause
    private var nextAttempt: Int64
    private var lastAttempt: Int64 = .min
    private(set) var attempts = 0

    init(_ patience: LivenessConfiguration.Patience, now: Int64) {
        since = now
        nextAttempt = now
        switch patience {
        case .forever: deadline = .max
        case .nanoseconds(let length):
            let end = now.addingReportingOverflow(length)
            deadline = end.overflow ? .max : end.partialValue
        }
    }

    func next(now: Int64) -> Action {
        // At the deadline one more attempt is due if none was made since the last pause began.
        if now >= nextAttempt, nextAttempt <= deadline { return .attempt }
        if now >= deadline { return .giveUp }
        return .wait(until: min(nextAttempt, deadline))
    }

    /// An attempt did not bring the device back.
    mutating func failed(now: Int64) {
        attempts += 1
        lastAttempt = now
        nextAttempt = now + pause
        pause = min(pause * 2, Self.longestPause)
    }

    /// Something changed among the sound cards: the next attempt need not wait, and its followers come soon.
    mutating func hurry(now: Int64) {
        pause = Self.firstPause
        let soonest = lastAttempt == .min ? now : max(now, lastAttempt + Self.leastPause)
        nextAttempt = min(nextAttempt, soonest)
    }
}
