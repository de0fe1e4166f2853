import Testing

@testable import AupNetwork

/// The one machine that joins connections again, on a clock of its own.
@Suite struct `A connection that is wanted for longer than it holds` {
    private let second: Int64 = 1_000_000_000

    @Test func `tells each step of its life`() {
        var plan = Reconnection(patience: 60 * second, liveness: 10 * second, now: 0)
        #expect(plan.next(now: 0) == .attempt)
        #expect(plan.takeNews() == [.connecting(attempt: 1)])
        plan.failed(now: second, chance: 0)
        #expect(plan.takeNews() == [.waiting(nanoseconds: second / 10)])
        #expect(plan.next(now: second) == .wait(until: second + second / 10))
        #expect(plan.next(now: 2 * second) == .attempt)
        plan.connected(now: 3 * second)
        #expect(plan.isUp)
        #expect(
            plan.takeNews() == [.connecting(attempt: 2), .connected(attempts: 2, awayNanoseconds: 3 * second)])
        plan.lost(now: 13 * second, chance: 0)
        // A connection that stood is tried again at once.
        #expect(plan.takeNews() == [.lost(upNanoseconds: 10 * second)])
        #expect(plan.next(now: 13 * second) == .attempt)
        #expect(plan.losses == 1)
    }

    @Test func `is over with its patience, says so once, and stays over`() {
        var plan = Reconnection(patience: second, now: 0)
        var now: Int64 = 0
        while now <= 10 * second {
            switch plan.next(now: now) {
            case .attempt: plan.failed(now: now, chance: 0)
            case .wait(let until): now = until
            case .giveUp, .hangUp: now = .max
            }
        }
        #expect(plan.isOver)
        #expect(plan.takeNews().filter { if case .givenUp = $0 { true } else { false } }.count == 1)
        #expect(plan.next(now: 11 * second) == .giveUp)
        plan.connected(now: 12 * second)
        #expect(plan.isOver)
        #expect(plan.takeNews().isEmpty)
    }

    @Test func `hangs up on an end that spoke and says no more`() {
        var plan = Reconnection(patience: nil, liveness: 10 * second, now: 0)
        _ = plan.next(now: 0)
        plan.connected(now: 0)
        // It may have nothing to say before it begins.
        #expect(plan.next(now: 100 * second) == .wait(until: .max))
        plan.heard(now: 100 * second)
        #expect(plan.next(now: 105 * second) == .wait(until: 110 * second))
        plan.heard(now: 109 * second)
        #expect(plan.next(now: 118 * second) == .wait(until: 119 * second))
        #expect(plan.next(now: 120 * second) == .hangUp(silentNanoseconds: 11 * second))
        plan.lost(now: 120 * second, chance: 0)
        #expect(plan.next(now: 120 * second) == .attempt)
        // What the old connection said is no word of the new one.
        plan.connected(now: 121 * second)
        #expect(plan.next(now: 200 * second) == .wait(until: .max))
    }

    @Test func `takes what comes twice, or when it has no meaning, as nothing`() {
        var plan = Reconnection(patience: nil, now: 0)
        plan.lost(now: 1, chance: 0)
        plan.heard(now: 1)
        #expect(plan.takeNews().isEmpty)
        #expect(plan.next(now: 1) == .attempt)
        #expect(plan.next(now: 1) == .attempt)
        plan.connected(now: 2)
        plan.connected(now: 3)
        #expect(plan.takeNews().count == 2)
        plan.lost(now: 10 * second, chance: 0)
        plan.lost(now: 11 * second, chance: 0)
        #expect(plan.losses == 1)
        plan.finish()
        plan.finish()
        #expect(plan.next(now: 12 * second) == .giveUp)
        plan.failed(now: 12 * second, chance: 0)
        #expect(plan.next(now: 12 * second) == .giveUp)
    }

    @Test func `keeps pauses for one that is taken and dropped again and again`() {
        var plan = Reconnection(patience: nil, now: 0)
        var pauses: [Int64] = []
        var now: Int64 = 0
        for _ in 0..<8 {
            while case .wait(let until) = plan.next(now: now) { now = until }
            plan.connected(now: now)
            plan.lost(now: now + 1, chance: 0)
            now += 1
            for case .waiting(let pause) in plan.takeNews() { pauses.append(pause / 1_000_000) }
        }
        #expect(pauses == [100, 200, 400, 800, 1600, 3200, 5000, 5000])
    }

    @Test func `keeps few news where nobody asks`() {
        var plan = Reconnection(patience: nil, now: 0)
        for turn in 0..<1000 {
            _ = plan.next(now: Int64(turn) * 10 * second)
            plan.failed(now: Int64(turn) * 10 * second, chance: 0.5)
        }
        #expect(plan.takeNews().count <= 16)
    }

    @Test func `that many lost at once does not come back at once`() {
        // A thousand subscribers of one publisher, a minute of attempts: never more than a quarter of them in a tenth of a second.
        var attempts: [Int64: Int] = [:]
        for _ in 0..<1000 {
            var plan = Reconnection(patience: nil, now: 0)
            var now: Int64 = 0
            while now < 60 * second {
                switch plan.next(now: now) {
                case .attempt:
                    if now > 10 * second { attempts[now / (second / 10), default: 0] += 1 }
                    plan.failed(now: now, chance: .random(in: 0...1))
                case .wait(let until): now = until
                case .giveUp, .hangUp: return
                }
            }
        }
        #expect((attempts.values.max() ?? 0) < 250)
        #expect(!attempts.isEmpty)
    }
}
