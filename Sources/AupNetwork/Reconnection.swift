/// The life of a connection that is wanted for longer than it holds: when to try, when to call the other end gone, when to
/// give up, and what to tell of it. Pure: the time and the chance are told, nothing waits here.
///
/// ```
///   connecting ─▶ failed ─▶ waiting (Backoff's pauses) ─▶ connecting …        patience at its end ─▶ given up
///       └─▶ connected ─▶ lost: hung up, or silent for longer than the liveness ─▶ connecting at once …
/// ```
///
/// The same for whatever carries sound: sockets, HTTP, RTP. A liveness counts from the first ``heard(now:)`` of a connection,
/// since an end that has not begun to speak may have nothing to say.
///
/// - Thread: any, one at a time.
public struct Reconnection: Sendable, Equatable {
    public enum Action: Equatable, Sendable {
        case attempt
        /// Nothing to do before this moment; `Int64.max` where only news from outside counts.
        case wait(until: Int64)
        /// The other end has said nothing for so long: it is to be hung up on, and ``lost(now:chance:)`` to be told.
        case hangUp(silentNanoseconds: Int64)
        case giveUp
    }

    /// What somebody may want to read, in the order it happened.
    public enum News: Equatable, Sendable {
        case connecting(attempt: Int)
        /// After so many attempts and so long without.
        case connected(attempts: Int, awayNanoseconds: Int64)
        /// A connection that stood for so long.
        case lost(upNanoseconds: Int64)
        /// The next attempt comes in so long.
        case waiting(nanoseconds: Int64)
        case givenUp(awayNanoseconds: Int64)
    }

    private enum Phase: Equatable {
        case away(since: Int64)
        case up(since: Int64)
        case over
    }

    private var backoff: Backoff
    private var phase: Phase
    private let liveness: Int64?
    private var lastHeard: Int64?
    private var attempts = 0
    private var isAttempting = false
    private var news: [News] = []
    /// Nobody asks for news: no more are kept.
    private static let newsLimit = 16

    /// - Parameters:
    ///   - patience: nanoseconds without a connection until it is given up; `nil` for never, 0 for one attempt.
    ///   - liveness: nanoseconds for which the other end may be silent once it has spoken; `nil` for ever.
    public init(patience: Int64?, liveness: Int64? = nil, now: Int64) {
        backoff = Backoff(patience: patience, now: now)
        self.liveness = liveness
        phase = .away(since: now)
    }

    public var isUp: Bool { if case .up = phase { true } else { false } }
    public var isOver: Bool { phase == .over }
    /// Attempts that failed since the connection was last steady.
    public var failures: Int { backoff.failures }
    /// Times a connection was lost.
    public var losses: Int { backoff.losses }

    public mutating func next(now: Int64) -> Action {
        switch phase {
        case .over: return .giveUp
        case .up:
            guard let liveness, let lastHeard else { return .wait(until: .max) }
            let silent = now - lastHeard
            return silent >= liveness ? .hangUp(silentNanoseconds: silent) : .wait(until: lastHeard + liveness)
        case .away(let since):
            switch backoff.next(now: now) {
            case .wait(let until): return .wait(until: until)
            case .giveUp:
                phase = .over
                tell(.givenUp(awayNanoseconds: now - since))
                return .giveUp
            case .attempt:
                if !isAttempting {
                    isAttempting = true
                    attempts += 1
                    tell(.connecting(attempt: attempts))
                }
                return .attempt
            }
        }
    }

    /// - Parameter chance: 0 to 1.
    public mutating func failed(now: Int64, chance: Double) {
        guard case .away = phase else { return }
        isAttempting = false
        backoff.failed(now: now, chance: chance)
        tellPause(now)
    }

    public mutating func connected(now: Int64) {
        guard case .away(let since) = phase else { return }
        tell(.connected(attempts: max(attempts, 1), awayNanoseconds: now - since))
        (phase, isAttempting, attempts, lastHeard) = (.up(since: now), false, 0, nil)
        backoff.connected(now: now)
    }

    /// Anything at all came from the other end.
    public mutating func heard(now: Int64) { if isUp { lastHeard = now } }

    public mutating func lost(now: Int64, chance: Double) {
        guard case .up(let since) = phase else { return }
        (phase, lastHeard) = (.away(since: now), nil)
        tell(.lost(upNanoseconds: now - since))
        backoff.lost(now: now, chance: chance)
        tellPause(now)
    }

    /// No connection is wanted any more. Once or more often, it is the same.
    public mutating func finish() { phase = .over }

    /// What happened since this was last asked.
    public mutating func takeNews() -> [News] {
        defer { news = [] }
        return news
    }

    private mutating func tell(_ one: News) { if news.count < Self.newsLimit { news.append(one) } }

    private mutating func tellPause(_ now: Int64) {
        if case .wait(let until) = backoff.next(now: now), until != .max { tell(.waiting(nanoseconds: until - now)) }
    }
}
