import Testing

@testable import AupEngine

/// Rounds on a clock of the test's own.
@Suite struct `The pace of a publisher` {
    private static let millisecond: Int64 = 1_000_000

    /// A publisher that is woken every so often and works for a part of that time.
    private struct Rig {
        var pace: DeliveryPace
        var now: Int64 = 1_000_000_000
        /// Every change of what is gathered, in milliseconds.
        var steps: [Int64] = []

        init(latency: Int64? = nil, queue: Int64? = nil) {
            pace = DeliveryPace(DeliveryPace.Bounds(latency: latency, queue: queue))
        }

        /// - Parameters:
        ///   - work: for how long it is at work in each millisecond, where each is served by itself; half of that where two
        ///     are served at once, and so on.
        mutating func run(
            seconds: Double, work: Double, age: Int64? = 10_000_000, behind: Int64 = 0, isShared: Bool = true
        ) {
            let end = now + Int64(seconds * 1e9)
            while now < end {
                let gathered = max(pace.gatherNanoseconds, 1_000_000)
                let busy = Int64(work * (isShared ? 1e6 : Double(gathered)))
                let before = pace.gatherNanoseconds
                pace.note(
                    DeliveryPace.Round(
                        began: now, ended: now + busy, age: age.map { $0 + pace.gatherNanoseconds }, behind: behind))
                if pace.gatherNanoseconds != before { steps.append(pace.gatherNanoseconds / 1_000_000) }
                now += max(gathered, busy)
            }
        }
    }

    @Test func `gives each packet at once while there is little to do`() {
        var rig = Rig()
        rig.run(seconds: 60, work: 0.29)
        #expect(rig.steps == [])
        #expect(rig.pace.gatherNanoseconds == 0)
        #expect(rig.pace.queueNanoseconds == 2_000_000_000)
    }

    @Test func `gathers twice as long when it is busy, until it is not, and stays there`() {
        var rig = Rig()
        // 30 % at first; at 2 ms half of it. Nothing swings afterwards.
        rig.run(seconds: 60, work: 0.35)
        #expect(rig.steps == [1, 2])
        #expect(rig.pace.load > DeliveryPace.idle && rig.pace.load < DeliveryPace.busy)
    }

    @Test func `goes back step by step when there is little to do again`() {
        var rig = Rig()
        rig.run(seconds: 10, work: 0.79)
        #expect(rig.pace.gatherNanoseconds == 4 * Self.millisecond)
        rig.steps = []
        rig.run(seconds: 0.8, work: 0.01)
        // Not before it was idle for four windows.
        #expect(rig.steps == [])
        rig.run(seconds: 20, work: 0.01)
        #expect(rig.steps == [2, 1, 0])
    }

    @Test(arguments: [0.0, 0.05, 0.2, 0.3, 0.45, 0.6, 0.79, 0.9, 1.0], [10, 33, 100] as [Int64])
    func `never swings, whatever the load and the age are`(work: Double, age: Int64) {
        var rig = Rig()
        rig.run(seconds: 120, work: work, age: age * Self.millisecond)
        // Upwards only, a bounded number of times.
        #expect(zip(rig.steps, rig.steps.dropFirst()).allSatisfy { $0 < $1 })
        #expect(rig.steps.count <= 6)
    }

    @Test func `never gathers for more than half of the latency that is wanted, nor a tenth of a second`() {
        for latency in [500_000, 3_000_000, 40_000_000, 10_000_000_000] as [Int64] {
            var rig = Rig(latency: latency)
            // A load that gathering does not help.
            rig.run(seconds: 30, work: 0.95, age: nil, isShared: false)
            #expect(rig.pace.gatherNanoseconds <= min(latency / 2, 100_000_000))
            #expect(rig.pace.gatherNanoseconds > 0 || latency / 2 < DeliveryPace.leastGatheredNanoseconds)
        }
    }

    @Test func `does not gather where that would be later than is wanted`() {
        var rig = Rig()
        // 33 ms old when it comes: not another one.
        rig.run(seconds: 30, work: 0.5, age: 33 * Self.millisecond)
        #expect(rig.steps == [])
    }

    @Test func `halves at once when it is late, and rests before it gathers more again`() {
        var rig = Rig()
        rig.run(seconds: 10, work: 0.79)
        #expect(rig.pace.gatherNanoseconds == 4 * Self.millisecond)
        rig.steps = []
        rig.run(seconds: 0.6, work: 0.79, age: 50 * Self.millisecond)
        #expect(rig.steps.first == 2)
        let rest = rig.now + 1_700_000_000
        while rig.now < rest {
            rig.run(seconds: 0.1, work: 0.5)
            #expect(rig.pace.gatherNanoseconds <= 2 * Self.millisecond)
        }
        rig.run(seconds: 5, work: 0.79)
        #expect(rig.pace.gatherNanoseconds == 4 * Self.millisecond)
    }

    @Test func `gathers late or not where it cannot do its work otherwise`() {
        var rig = Rig()
        rig.run(seconds: 5, work: 0.95, age: 100 * Self.millisecond)
        #expect((rig.steps.max() ?? 0) >= 1)
    }

    @Test func `keeps the queue that was asked for`() {
        for latency in [nil, 5_000_000] as [Int64?] {
            var rig = Rig(latency: latency, queue: 700_000_000)
            rig.run(seconds: 60, work: 0.1)
            #expect(rig.pace.queueNanoseconds == 700_000_000)
            rig.run(seconds: 10, work: 0.1, behind: 690_000_000)
            #expect(rig.pace.queueNanoseconds == 700_000_000)
        }
    }

    @Test func `lets the queue follow what subscribers need, at once upwards and slowly back`() {
        var rig = Rig(latency: 20 * Self.millisecond)
        let bounds = rig.pace.bounds.queueNanoseconds
        #expect(bounds == 200_000_000...2_000_000_000)
        #expect(rig.pace.queueNanoseconds == bounds.upperBound)
        // Nothing for ten seconds, then a twentieth of what is too much each second.
        rig.run(seconds: 9.5, work: 0.01, behind: 10 * Self.millisecond)
        #expect(rig.pace.queueNanoseconds == bounds.upperBound)
        rig.run(seconds: 15, work: 0.01, behind: 10 * Self.millisecond)
        let later = rig.pace.queueNanoseconds
        #expect(later > 900_000_000 && later < 1_300_000_000)
        rig.run(seconds: 300, work: 0.01, behind: 10 * Self.millisecond)
        #expect(rig.pace.queueNanoseconds == bounds.lowerBound)
        // One who was 150 ms behind and caught up: four times that, before anybody loses anything.
        rig.run(seconds: 0.3, work: 0.01, behind: 150 * Self.millisecond)
        #expect(rig.pace.queueNanoseconds == 600 * Self.millisecond)
        rig.run(seconds: 0.3, work: 0.01, behind: 5000 * Self.millisecond)
        #expect(rig.pace.queueNanoseconds == bounds.upperBound)
    }

    @Test func `has a queue of eight times the latency at least`() {
        #expect(DeliveryPace.Bounds(latency: 500_000_000, queue: nil).queueNanoseconds == 4_000_000_000...4_000_000_000)
        #expect(DeliveryPace.Bounds(latency: 10_000_000_000, queue: nil).queueNanoseconds.upperBound == 60_000_000_000)
        #expect(DeliveryPace.Bounds(latency: nil, queue: nil).queueNanoseconds == 2_000_000_000...2_000_000_000)
        #expect(DeliveryPace.Bounds(latency: nil, queue: nil).targetNanoseconds == 40_000_000)
    }
}
