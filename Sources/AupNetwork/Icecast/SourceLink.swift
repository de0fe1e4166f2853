/// The state of a connection over which a source sends: when to try it, when it counts as dead, when to give it up. Pure numbers:
/// the time and the chance are told.
///
/// ```
///   resting ─▶ greeting ─▶ up ─▶ resting (Backoff) …        over: patience at its end, or a verdict that is final
///                 └─ no welcome in time ─┘  └─ outstanding bytes that nobody acknowledges in time
/// ```
///
/// - Thread: any, one at a time.
public struct SourceLink: Equatable, Sendable {
    public enum State: Equatable, Sendable {
        case resting
        case greeting
        case up
        case over
    }

    public enum Step: Equatable, Sendable {
        /// Begin to connect.
        case begin
        /// Nothing to do before this moment.
        case wait(until: Int64)
        /// The connection is there, or on its way.
        case go
        /// It is dead: end it.
        case drop
        case giveUp
    }

    public private(set) var state = State.resting
    private var backoff: Backoff
    /// Of a connection that stood once; `nil` for ever.
    private let patience: Int64?
    private let patienceNanoseconds: Int64
    private var since: Int64 = 0
    /// When something was last acknowledged, or nothing was outstanding.
    private var aliveAt: Int64 = 0
    /// Times it was up.
    public private(set) var welcomes = 0

    /// How long a welcome, and an acknowledgement, are waited for.
    public static let usualPatience: Int64 = 10_000_000_000

    /// - Parameters:
    ///   - first: nanoseconds for which the first connection is tried; 0 for one attempt, `nil` for ever.
    ///   - later: the same for one that stood.
    public init(first: Int64?, later: Int64?, now: Int64, patience: Int64 = usualPatience) {
        backoff = Backoff(patience: first, now: now)
        self.patience = later
        patienceNanoseconds = patience
    }

    public var failures: Int { backoff.failures }

    public func next(now: Int64) -> Step {
        switch state {
        case .over: return .giveUp
        case .greeting: return now - since >= patienceNanoseconds ? .drop : .go
        case .up: return now - aliveAt >= patienceNanoseconds ? .drop : .go
        case .resting: break
        }
        return switch backoff.next(now: now) {
        case .attempt: .begin
        case .wait(let until): .wait(until: until)
        case .giveUp: .giveUp
        }
    }

    public mutating func begun(now: Int64) {
        state = .greeting
        since = now
    }

    public mutating func welcomed(now: Int64) {
        state = .up
        aliveAt = now
        welcomes += 1
        // Other patience from now on.
        if welcomes == 1 { backoff = Backoff(patience: patience, now: now) }
        backoff.connected(now: now)
    }

    /// Something was acknowledged, or there is nothing that could be.
    public mutating func alive(now: Int64) { aliveAt = now }

    /// - Parameter chance: 0 to 1.
    public mutating func ended(now: Int64, isFinal: Bool, chance: Double) {
        if state == .up {
            backoff.lost(now: now, chance: chance)
        } else {
            backoff.failed(now: now, chance: chance)
        }
        state = isFinal ? .over : .resting
    }
}
