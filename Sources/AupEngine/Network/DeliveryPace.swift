/// How long packets are gathered for one write to each subscriber, and how far a subscriber may be behind: sizes that follow
/// the load and the latency that are measured.
///
/// ```
///   each 250 ms:  late, load < 40 %          ─▶ gather half as long, at once; not longer again for 2 s
///                 load ≥ 30 %, two in a row   ─▶ gather twice as long, if the latency then stays below 80 % of the target
///                 load ≥ 80 %                 ─▶ gather twice as long all the same: nothing else helps
///                 load ≤ 10 %, four in a row  ─▶ gather half as long
/// ```
///
/// Twice as long makes half the work: from 30 % it leads to 15 %, from which nothing leads back. Packets are gathered after a
/// write and never before one, so the first behind a pause goes at once, and with nothing to do each does.
///
/// - Thread: any, one at a time. It knows no clock: the time is told.
struct DeliveryPace: Sendable {
    struct Bounds: Sendable, Equatable {
        /// What is wanted from the capture of a packet until subscribers have it.
        var targetNanoseconds: Int64 = 40_000_000
        /// How far a subscriber may be behind. Both ends the same: as it was asked for.
        var queueNanoseconds: ClosedRange<Int64> = 2_000_000_000...2_000_000_000

        /// Half of the target, so that the way to here and the packet itself have the other.
        var mostGathered: Int64 { min(targetNanoseconds / 2, DeliveryPace.mostGatheredNanoseconds) }

        /// Where nobody says a length, it follows from the latency that is wanted.
        ///
        /// - Parameter latency: `nil` where nobody says that either.
        init(latency: Int64?, queue: Int64?) {
            targetNanoseconds = latency ?? targetNanoseconds
            if let queue {
                queueNanoseconds = queue...queue
            } else if let latency {
                let least = min(max(8 * latency, 200_000_000), 60_000_000_000)
                queueNanoseconds = least...max(least, 2_000_000_000)
            }
        }
    }

    /// What one round of the publisher was.
    struct Round: Sendable {
        var began: Int64
        var ended: Int64
        /// The oldest that was given: since its capture, or since it came where no clock tells.
        var age: Int64?
        /// How far those were behind, at most, who have everything now.
        var behind: Int64 = 0
    }

    static let windowNanoseconds: Int64 = 250_000_000
    /// The first step; each further one is twice the one before.
    static let leastGatheredNanoseconds: Int64 = 1_000_000
    static let mostGatheredNanoseconds: Int64 = 100_000_000
    static let (idle, busy, overloaded) = (0.10, 0.30, 0.80)
    private static let restNanoseconds: Int64 = 2_000_000_000
    /// How long a queue stays as it is after somebody needed it.
    private static let memoryNanoseconds: Int64 = 10_000_000_000

    let bounds: Bounds
    private(set) var gatherNanoseconds: Int64 = 0
    private(set) var queueNanoseconds: Int64
    /// Of the last window: the part of the time in which it was at work.
    private(set) var load = 0.0

    private var windowBegan: Int64?
    private var workedNanoseconds: Int64 = 0
    private var oldest: Int64?
    private var furthest: Int64 = 0
    private var busyWindows = 0
    private var idleWindows = 0
    private var restsUntil: Int64 = .min
    private var keepsQueueUntil: Int64?

    init(_ bounds: Bounds) {
        self.bounds = bounds
        // Nothing is known yet: whoever is slow at first gets all there may be.
        queueNanoseconds = bounds.queueNanoseconds.upperBound
    }

    /// Takes what a round was; the sizes may be others then.
    mutating func note(_ round: Round) {
        let began = windowBegan ?? round.began
        windowBegan = began
        workedNanoseconds += max(0, round.ended - round.began)
        if let age = round.age { oldest = max(oldest ?? age, age) }
        furthest = max(furthest, round.behind)
        let elapsed = round.ended - began
        guard elapsed >= Self.windowNanoseconds else { return }
        load = min(1, Double(workedNanoseconds) / Double(elapsed))
        gather(now: round.ended)
        resize(now: round.ended, elapsed: elapsed)
        windowBegan = round.ended
        workedNanoseconds = 0
        oldest = nil
        furthest = 0
    }

    private mutating func gather(now: Int64) {
        busyWindows = load >= Self.busy ? busyWindows + 1 : 0
        idleWindows = load <= Self.idle ? idleWindows + 1 : 0
        let age = oldest ?? 0
        // Not where half as long would be more work than there is time for: that would swing.
        if age > bounds.targetNanoseconds, 2 * load < Self.overloaded {
            restsUntil = now + Self.restNanoseconds
            step(down: true)
        } else if load >= Self.overloaded {
            step(down: false)
        } else if busyWindows >= 2 {
            let more = longer - gatherNanoseconds
            guard now >= restsUntil, age + more <= bounds.targetNanoseconds * 4 / 5 else { return }
            step(down: false)
        } else if idleWindows >= 4 {
            step(down: true)
        }
    }

    private var longer: Int64 {
        let next = max(Self.leastGatheredNanoseconds, 2 * gatherNanoseconds)
        return next <= bounds.mostGathered ? next : gatherNanoseconds
    }

    private mutating func step(down: Bool) {
        (busyWindows, idleWindows) = (0, 0)
        guard down else {
            gatherNanoseconds = longer
            return
        }
        let half = gatherNanoseconds / 2
        gatherNanoseconds = half < Self.leastGatheredNanoseconds ? 0 : half
    }

    /// Four times what a subscriber was behind that caught up; at once if it is more, slowly and after a while if it is less.
    private mutating func resize(now: Int64, elapsed: Int64) {
        let range = bounds.queueNanoseconds
        let wanted = min(max(4 * max(furthest, gatherNanoseconds), range.lowerBound), range.upperBound)
        let keepsUntil = keepsQueueUntil ?? now + Self.memoryNanoseconds
        keepsQueueUntil = keepsUntil
        if wanted >= queueNanoseconds {
            queueNanoseconds = wanted
            keepsQueueUntil = now + Self.memoryNanoseconds
        } else if now >= keepsUntil {
            // A twentieth of what is too much in each second.
            let part = min(1, Double(elapsed) / 20e9)
            // At least a microsecond each time, so that it arrives.
            let least: Int64 = 1000
            let down = max(Int64(Double(queueNanoseconds - wanted) * part), least)
            queueNanoseconds = max(wanted, queueNanoseconds - down)
        }
    }
}
