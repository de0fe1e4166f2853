import Testing

@testable import AupEngine

@Suite struct `Reconnect plan` {
    private let millisecond: Int64 = 1_000_000

    /// Fails every attempt until the plan gives up; the times of the attempts and of the end, in milliseconds.
    private func attempts(_ patience: LivenessConfiguration.Patience, until limit: Int64 = 10_000) -> ([Int64], Int64?)
    {
        var plan = ReconnectPlan(patience, now: 0)
        var times: [Int64] = []
        var now: Int64 = 0
        while now <= limit * millisecond {
            switch plan.next(now: now) {
            case .attempt:
                times.append(now / millisecond)
                plan.failed(now: now)
            case .wait(let until):
                #expect(until > now)
                now = until
            case .giveUp: return (times, now / millisecond)
            }
        }
        return (times, nil)
    }

    @Test func `it tries at once, then at growing distances up to a second`() {
        let (times, end) = attempts(.forever, until: 5000)
        #expect(times == [0, 100, 300, 700, 1500, 2500, 3500, 4500])
        #expect(end == nil)
    }

    @Test func `it gives up when its patience is at an end, after a last attempt`() {
        let (times, end) = attempts(.nanoseconds(2500 * millisecond))
        #expect(times == [0, 100, 300, 700, 1500, 2500])
        #expect(end == 2500)
        #expect(attempts(.nanoseconds(1000 * millisecond)).1 == 1000)
    }

    @Test func `no patience is one attempt`() {
        #expect(attempts(.nanoseconds(0)).0 == [0])
        #expect(attempts(.nanoseconds(0)).1 == 0)
    }

    @Test func `a new card is tried at once, a shower of nodes is not`() {
        var plan = ReconnectPlan(.forever, now: 0)
        for now in [0, 100, 300, 700, 1500] as [Int64] { plan.failed(now: now * millisecond) }
        #expect(plan.next(now: 1600 * millisecond) == .wait(until: 2500 * millisecond))
        plan.hurry(now: 1600 * millisecond)
        #expect(plan.next(now: 1600 * millisecond) == .attempt)
        plan.failed(now: 1600 * millisecond)
        plan.hurry(now: 1601 * millisecond)
        #expect(plan.next(now: 1601 * millisecond) == .wait(until: 1650 * millisecond))
        #expect(plan.next(now: 1650 * millisecond) == .attempt)
    }

    @Test func `patience beyond the end of time is for ever`() {
        let plan = ReconnectPlan(.nanoseconds(.max), now: 5)
        #expect(plan.next(now: .max - 1) == .attempt)
    }
}

@Suite struct `Frame watch` {
    private let limit = FrameWatch.patienceNanoseconds

    @Test func `a device that delivers nothing at all is told once`() {
        var watch = FrameWatch(now: 100)
        let alarms = [100 + limit - 1, 100 + limit, 100 + 5 * limit].map { watch.alarm(now: $0) }
        #expect(alarms == [nil, .noFrames, nil])
    }

    @Test func `a device that stops is frozen, and its return is told`() {
        var watch = FrameWatch(now: 0)
        let early = watch.frames(now: 10)
        #expect(!early)
        let first = watch.alarm(now: 10 + limit)
        #expect(first == .frozen)
        let returns = [watch.frames(now: 20 + limit), watch.frames(now: 30 + limit)]
        #expect(returns == [true, false])
        let second = watch.alarm(now: 30 + 2 * limit)
        #expect(second == .frozen)
    }
}
