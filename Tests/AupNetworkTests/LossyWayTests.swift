import Testing

@testable import AupNetwork

private let step: Int64 = 20_000_000

/// What a way does to packets, and what a receiver makes of it, on a clock that is told: no load of a machine can change it.
@Suite struct `A receiver behind a bad way` {
    /// A source that sends on the dot, over a way of at least 5 ms.
    private struct Way {
        static let leastNanoseconds: Int64 = 5_000_000
        var loss = 0.0
        var jitter: Int64 = 0
        var twice = 0.0
        var ppm = 0.0

        /// What arrives, in the order in which it does, and what never came.
        func arrivals(
            _ count: Int64, seed: UInt64, first: UInt16 = 0, timestamp: UInt32 = 0
        ) -> (packets: [(packet: RTPPacket, arrival: Int64)], lost: Int64) {
            var chance = Seeded(seed)
            var found: [(packet: RTPPacket, arrival: Int64)] = []
            var lost: Int64 = 0
            for number in 0..<count {
                if number > 0, number < count - 1, chance.next() < loss {
                    lost += 1
                    continue
                }
                let packet = RTPPacket(
                    payloadType: 96, sequence: first &+ UInt16(truncatingIfNeeded: number),
                    timestamp: timestamp &+ UInt32(truncatingIfNeeded: number * 960), source: 1,
                    payload: [UInt8(number & 255), UInt8(number >> 8 & 255), 3])
                let sent = Int64(Double(number * step) * (1 - ppm * 1e-6))
                for _ in 0..<(chance.next() < twice ? 2 : 1) {
                    let delay = number == 0 ? 0 : Int64(chance.next() * Double(jitter))
                    found.append((packet, sent + Self.leastNanoseconds + delay))
                }
            }
            return (found.sorted { $0.arrival < $1.arrival }, lost)
        }
    }

    private struct Heard {
        var numbers: [Int] = []
        var lost: Int64 = 0
        var frames: Int64 = 0
        /// From sending to giving, less the way's least and what the buffer said it would wait.
        var beyondTarget: Int64 = .min
        var latencies: [Int64] = []
        var reception = RTPReception(rate: 48_000)
    }

    /// Runs the clock in steps of a millisecond, as a receiver looks.
    private func hear(_ packets: [(packet: RTPPacket, arrival: Int64)], ppm: Double = 0) -> Heard {
        var heard = Heard()
        var place = 0
        let end = (packets.last?.arrival ?? 0) + 1_000_000_000
        var timestamp: Int64?
        var most: Int64 = 0
        for now in stride(from: 0, through: end, by: 1_000_000) {
            while place < packets.count, packets[place].arrival <= now {
                heard.reception.take(packets[place].packet, frames: 960, arrival: packets[place].arrival)
                place += 1
            }
            if place == packets.count { heard.reception.drain() }
            most = max(most, heard.reception.targetNanoseconds)
            look: while true {
                switch heard.reception.next(now: now) {
                case .sound(.packet(let entry)):
                    #expect(timestamp == nil || timestamp == entry.timestamp)
                    timestamp = entry.timestamp + entry.frames
                    let number = Int(entry.payload[0]) | Int(entry.payload[1]) << 8
                    heard.numbers.append(number)
                    heard.frames += entry.frames
                    guard place < packets.count else { continue }
                    let sent = Int64(Double(Int64(number) * step) * (1 - ppm * 1e-6))
                    heard.latencies.append(now - sent)
                    heard.beyondTarget = max(heard.beyondTarget, now - sent - Way.leastNanoseconds - most)
                case .sound(.lost(_, let at, let frames)):
                    #expect(timestamp == nil || timestamp == at)
                    timestamp = at + frames
                    heard.lost += 1
                    heard.frames += frames
                case .sound(.pause), .begun: #expect(Bool(false), "nobody paused, and nobody began anew")
                case .sound(.nothing): break look
                }
            }
        }
        return heard
    }

    @Test(arguments: [(0.05, 10, 0.0), (0.05, 30, 0.03), (0.2, 60, 0.1), (0.5, 60, 0.1)], [1, 2, 3] as [UInt64])
    func `is never later than its target and 20 ms, and loses what the way lost and what came too late`(
        way: (loss: Double, jitter: Int64, twice: Double), seed: UInt64
    ) {
        let count: Int64 = 3000
        let (packets, lost) = Way(loss: way.loss, jitter: way.jitter * 1_000_000, twice: way.twice).arrivals(
            count, seed: seed)
        let heard = hear(packets)
        let counts = heard.reception.counts
        #expect(heard.frames == count * 960)
        #expect(heard.numbers == heard.numbers.sorted() && Set(heard.numbers).count == heard.numbers.count)
        #expect(heard.lost == counts.lost && heard.lost >= lost && heard.lost <= lost + counts.late)
        // A hundredth may be late, and more while the way is being learnt.
        #expect(counts.late < count / 50, "\(counts.late)")
        // In the time of the stream: 20 ms beyond the target is what is asked for, and a look a millisecond is what there is.
        #expect(heard.beyondTarget <= 2_000_000, "\(heard.beyondTarget)")
        #expect(heard.reception.targetNanoseconds <= max(20, way.jitter) * 1_000_000 + 1_000_000)
    }

    @Test(arguments: [-200.0, 200]) func `follows a sender whose clock is off for five minutes, and loses nothing`(
        ppm: Double
    ) {
        let (packets, _) = Way(jitter: 5_000_000, ppm: ppm).arrivals(15_000, seed: 5)
        let heard = hear(packets, ppm: ppm)
        #expect(heard.frames == 15_000 * 960 && heard.lost == 0)
        // 60 ms are what the clocks part by; the latency stays where it was.
        #expect(heard.latencies.allSatisfy { $0 < 30_000_000 }, "\(heard.latencies.max() ?? 0)")
        #expect(heard.latencies.allSatisfy { $0 >= Way.leastNanoseconds + 17_000_000 }, "\(heard.latencies.min() ?? 0)")
    }

    @Test func `goes over the ends of sequence numbers and of timestamps in the midst of disorder`() {
        let (packets, lost) = Way(loss: 0.1, jitter: 50_000_000, twice: 0.1).arrivals(
            400, seed: 9, first: 65_400, timestamp: .max - 150 * 960 + 7)
        let heard = hear(packets)
        #expect(heard.frames == 400 * 960 && heard.reception.restarts == 0)
        #expect(heard.lost >= lost && heard.lost <= lost + heard.reception.counts.late)
        #expect(heard.numbers.last == 399)
    }

    @Test func `is told the percentile that was asked for, of the last ten seconds and 1024 packets`() {
        var history = DelayHistory()
        for number in 1...100 as ClosedRange<Int64> { history.note(delay: (number * 37) % 101, arrival: number) }
        #expect(history.least == 1)
        #expect(history.percentile(perMille: 990) == 99 && history.percentile(perMille: 500) == 50)
        #expect(history.percentile(perMille: 1000) == 100 && history.percentile(perMille: 1) == 1)
        history.note(delay: 5, arrival: 10_000_000_100)
        // All but the last are older than ten seconds, and one is not.
        #expect(history.percentile(perMille: 1000) == 64)
        for number in 0..<2000 as Range<Int64> { history.note(delay: 1000 + number, arrival: 10_000_000_101) }
        #expect(history.least == 1976)
    }

    @Test func `waits longer as soon as it must, and gives back a 400th of the time that passes and no more`() {
        var buffer = JitterBuffer(rate: 48_000)
        var chance = Seeded(3)
        var (last, lastDelay): (Int64?, Int64) = (nil, 0)
        for number in 0..<5000 as Range<Int64> {
            // Now and then a bad minute.
            let isBad = number / 1000 % 2 == 1
            let late = Int64(chance.next() * (isBad ? 90e6 : 2e6))
            let arrival = number * step + late
            _ = buffer.insert(
                .init(sequence: number, timestamp: number * 960, frames: 960), arrival: arrival)
            while case .packet = buffer.next(now: arrival) {}
            // What a packet is moved by to be due, and not the target above a least that changes too.
            guard let place = buffer.earliestArrival(of: 0) else { continue }
            let delay = place + buffer.targetNanoseconds
            if let last { #expect(lastDelay - delay <= max(arrival - last, 0) / 400 + 1) }
            (last, lastDelay) = (max(last ?? arrival, arrival), delay)
            if number % 1000 == 999, isBad { #expect(buffer.targetNanoseconds > 80_000_000) }
        }
    }
}
