import Testing

@testable import AupNetwork

/// Packets of 20 ms that come as they please.
@Suite struct `A jitter buffer` {
    private static let step: Int64 = 20_000_000

    private func entry(_ number: Int64) -> JitterBuffer.Entry {
        JitterBuffer.Entry(sequence: number, timestamp: number * 960, frames: 960)
    }

    private func buffer(least: Int64 = 20_000_000, most: Int64 = 500_000_000, packets: Int = 1024) -> JitterBuffer {
        var bounds = JitterBuffer.Bounds()
        (bounds.least, bounds.most, bounds.packets) = (least, most, packets)
        return JitterBuffer(rate: 48_000, bounds: bounds)
    }

    /// What came out, in order: the numbers, lost ones negative.
    private func taken(_ buffer: inout JitterBuffer, now: Int64) -> [Int64] {
        var numbers: [Int64] = []
        for _ in 0..<100_000 {
            switch buffer.next(now: now) {
            case .packet(let entry): numbers.append(entry.sequence)
            case .lost(let sequence, _, _): numbers.append(-sequence)
            case .pause: continue
            case .nothing: return numbers
            }
        }
        return numbers
    }

    @Test func `gives a packet when it has waited for the least delay`() {
        var buffer = buffer()
        #expect(buffer.next(now: 0) == .nothing(until: nil))
        #expect(buffer.insert(entry(7), arrival: 1000) == .taken)
        #expect(buffer.next(now: 1000) == .nothing(until: 20_001_000))
        #expect(buffer.next(now: 20_001_000) == .packet(entry(7)))
        #expect(buffer.next(now: 20_001_000) == .nothing(until: nil))
        #expect(buffer.targetNanoseconds == 20_000_000)
    }

    @Test func `puts in order what comes out of order, and counts it`() {
        var buffer = buffer()
        for (number, arrival) in [(2, 0), (1, 1), (3, 2), (5, 3), (4, 4)] as [(Int64, Int64)] {
            #expect(buffer.insert(entry(number), arrival: arrival) == .taken)
        }
        #expect(taken(&buffer, now: 10 * Self.step) == [1, 2, 3, 4, 5])
        #expect(buffer.counts.reordered == 2 && buffer.counts.lost == 0)
    }

    @Test func `names what is missing when it would have been due, and not before something is behind it`() {
        var buffer = buffer()
        _ = buffer.insert(entry(1), arrival: 0)
        #expect(taken(&buffer, now: 20_000_000) == [1])
        #expect(taken(&buffer, now: 10 * Self.step) == [])
        _ = buffer.insert(entry(4), arrival: 3 * Self.step)
        // The place of 2 is due 20 ms after that of 1, that of 3 another 20 ms later.
        var other = self.buffer()
        _ = other.insert(entry(1), arrival: 0)
        _ = other.insert(entry(4), arrival: 3 * Self.step)
        #expect(taken(&other, now: 20_000_000) == [1])
        #expect(taken(&other, now: 39_999_999) == [])
        #expect(other.next(now: 40_000_000) == .lost(sequence: 2, timestamp: 1920, frames: 960))
        #expect(taken(&other, now: 59_999_999) == [])
        #expect(taken(&other, now: 60_000_000) == [-3])
        #expect(taken(&other, now: 80_000_000) == [4])
        #expect(other.counts.lost == 2)
    }

    @Test func `does not take for lost what was silence`() {
        var buffer = buffer()
        _ = buffer.insert(entry(1), arrival: 0)
        // One packet is missing, and before it nothing was sent for a second.
        var late = entry(3)
        late.timestamp += 48_000
        _ = buffer.insert(late, arrival: 2 * Self.step + 1_000_000_000)
        #expect(taken(&buffer, now: 20_000_000) == [1])
        #expect(buffer.next(now: 3_000_000_000) == .pause(timestamp: 1920, frames: 48_000))
        #expect(buffer.next(now: 3_000_000_000) == .lost(sequence: 2, timestamp: 1920 + 48_000, frames: 960))
        #expect(buffer.next(now: 3_000_000_000) == .packet(late))
    }

    @Test func `gives nothing twice: late ones and doubles are counted`() {
        var buffer = buffer()
        for number in [1, 3] as [Int64] { _ = buffer.insert(entry(number), arrival: number * Self.step) }
        #expect(taken(&buffer, now: 10 * Self.step) == [1, -2, 3])
        #expect(buffer.insert(entry(2), arrival: 10 * Self.step) == .late)
        #expect(buffer.insert(entry(3), arrival: 10 * Self.step) == .duplicate)
        _ = buffer.insert(entry(4), arrival: 10 * Self.step)
        #expect(buffer.insert(entry(4), arrival: 10 * Self.step) == .duplicate)
        #expect(taken(&buffer, now: 100 * Self.step) == [4])
        #expect(buffer.counts.late == 1 && buffer.counts.duplicates == 2)
    }

    @Test func `grows at once and shrinks slowly, within its bounds`() {
        var buffer = buffer()
        for number in 0..<100 as Range<Int64> {
            _ = buffer.insert(entry(number), arrival: number * Self.step)
            _ = taken(&buffer, now: number * Self.step)
        }
        #expect(buffer.targetNanoseconds == 20_000_000)
        // From now on every tenth comes 80 ms late.
        var grown: Int64?
        for number in 100..<200 as Range<Int64> {
            let late: Int64 = number % 10 == 0 ? 80_000_000 : 0
            _ = buffer.insert(entry(number), arrival: number * Self.step + late)
            if buffer.targetNanoseconds >= 80_000_000, grown == nil { grown = number }
        }
        // Of a hundred and more the second bad one is above the percentile.
        #expect(grown.map { $0 <= 120 } == true)
        #expect(buffer.targetNanoseconds == 80_000_000)
        // It is even again. What was late is remembered for ten seconds, and then a 400th of the time is given back.
        func goOn(_ numbers: Range<Int64>) {
            for number in numbers {
                _ = buffer.insert(entry(number), arrival: number * Self.step)
                _ = taken(&buffer, now: number * Self.step)
            }
        }
        goOn(200..<600)
        #expect(buffer.targetNanoseconds == 80_000_000)
        goOn(600..<750)
        #expect(buffer.targetNanoseconds < 80_000_000 && buffer.targetNanoseconds >= 80_000_000 - 150 * Self.step / 400)
        goOn(750..<2100)
        #expect(buffer.targetNanoseconds == 20_000_000)
        // Nothing makes it longer than it may be.
        for number in 2100..<2200 as Range<Int64> {
            _ = buffer.insert(entry(number), arrival: number * Self.step + (number % 2) * 3_000_000_000)
        }
        #expect(buffer.targetNanoseconds == 500_000_000)
    }

    @Test func `follows a sender whose clock is another`() {
        var buffer = buffer()
        var given = 0
        // 200 ppm fast, for ten minutes.
        for number in 0..<30_000 as Range<Int64> {
            let now = number * (Self.step - 4000)
            _ = buffer.insert(entry(number), arrival: now)
            given += taken(&buffer, now: now).count
        }
        #expect(buffer.counts.lost == 0 && buffer.counts.hurried == 0)
        #expect(buffer.targetNanoseconds < 25_000_000)
        #expect(given > 29_990)
    }

    @Test func `is bounded: of too many the first go before their time`() {
        var buffer = buffer(least: 500_000_000, packets: 10)
        for number in 0..<100 as Range<Int64> { _ = buffer.insert(entry(number), arrival: 0) }
        let numbers = taken(&buffer, now: 0)
        #expect(numbers.count == 90 && numbers.last == 89)
        #expect(buffer.waiting == 10)
        buffer.drain()
        #expect(taken(&buffer, now: 0).count == 10)
    }

    /// A model: whatever happens on the way, each number comes out once, in order, as a packet or as lost.
    @Test(arguments: 1...20) func `accounts for every place whatever happens on the way`(seed: UInt64) {
        var chance = Seeded(seed)
        var arrivals: [(time: Int64, number: Int64)] = []
        let loss = Double(seed % 6) / 10
        for number in 0..<2000 as Range<Int64> {
            if number > 0, number < 1999, chance.next() < loss { continue }
            let delay = Int64(chance.next() * 60e6)
            arrivals.append((number * Self.step + delay, number))
            if chance.next() < 0.05 { arrivals.append((number * Self.step + delay + 5_000_000, number)) }
        }
        arrivals.sort { $0.time < $1.time }
        var buffer = buffer()
        var numbers: [Int64] = []
        var timestamp: Int64?
        for arrival in arrivals {
            _ = buffer.insert(entry(arrival.number), arrival: arrival.time)
            while true {
                let output = buffer.next(now: arrival.time)
                guard let next = end(of: output, after: timestamp) else { break }
                timestamp = next
                numbers += number(output)
            }
        }
        buffer.drain()
        numbers += taken(&buffer, now: .max / 4).map { abs($0) }
        #expect(numbers == Array(numbers[0]...1999))
        let counts = buffer.counts
        #expect(counts.received == Int64(arrivals.count))
        #expect(counts.lost + counts.received - counts.late - counts.duplicates == Int64(numbers.count))
        #expect(buffer.targetNanoseconds <= 60_000_000 + 1)
    }

    private func number(_ output: JitterBuffer.Output) -> [Int64] {
        switch output {
        case .packet(let entry): [entry.sequence]
        case .lost(let sequence, _, _): [sequence]
        case .pause, .nothing: []
        }
    }

    /// The timestamp behind an output, which is where the next one begins; `nil` for nothing.
    private func end(of output: JitterBuffer.Output, after timestamp: Int64?) -> Int64? {
        switch output {
        case .packet(let entry):
            #expect(timestamp == nil || entry.timestamp == timestamp)
            return entry.timestamp + entry.frames
        case .lost(_, let place, let frames):
            #expect(timestamp == nil || place == timestamp)
            return place + frames
        case .pause(let place, let frames): return place + frames
        case .nothing: return nil
        }
    }
}

/// Chance that is the same every time (splitmix64).
struct Seeded {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    /// 0 to 1.
    mutating func next() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((bits ^ (bits >> 31)) >> 11) / Double(1 << 53)
    }
}

@Suite struct `A receiver of RTP` {
    private static let step: Int64 = 20_000_000

    private func packet(_ number: Int64, source: UInt32 = 1, shift: UInt32 = 0) -> RTPPacket {
        RTPPacket(
            payloadType: 96, sequence: UInt16(truncatingIfNeeded: number),
            timestamp: UInt32(truncatingIfNeeded: number * 960) &+ shift, source: source, payload: [UInt8(number & 255)]
        )
    }

    private func outputs(_ reception: inout RTPReception, now: Int64) -> [String] {
        var words: [String] = []
        for _ in 0..<10_000 {
            switch reception.next(now: now) {
            case .begun(let source): words.append("begun \(source)")
            case .sound(.packet(let entry)): words.append("\(entry.payload[0])")
            case .sound(.lost): words.append("lost")
            case .sound(.pause(_, let frames)): words.append("pause \(frames)")
            case .sound(.nothing): return words
            }
        }
        return words
    }

    @Test func `hears one source, and another when that one is quiet or has left`() {
        var reception = RTPReception(rate: 48_000)
        for number in 0..<10 as Range<Int64> {
            reception.take(packet(number), frames: 960, arrival: number * Self.step)
            // Somebody else at the same time is left.
            reception.take(packet(number + 100, source: 2), frames: 960, arrival: number * Self.step + 1)
        }
        #expect(reception.source == 1 && reception.foreign == 10)
        #expect(outputs(&reception, now: 20 * Self.step) == (0..<10).map { "\($0)" })
        for number in 110..<113 as Range<Int64> {
            reception.take(packet(number, source: 2), frames: 960, arrival: (number - 90) * Self.step)
        }
        #expect(reception.source == 2 && reception.foreign == 10)
        #expect(outputs(&reception, now: 100 * Self.step) == ["begun 2", "110", "111", "112"])
        reception.take([.bye(sources: [2], reason: "")], arrival: 101 * Self.step)
        #expect(reception.hasLeft)
        for number in 1..<4 as Range<Int64> {
            reception.take(packet(number, source: 3), frames: 960, arrival: 101 * Self.step + number)
        }
        #expect(reception.source == 3 && !reception.hasLeft && reception.restarts == 2)
    }

    @Test func `takes no other for one that leaves silence out and is quiet for a moment`() {
        var reception = RTPReception(rate: 48_000)
        reception.expectPauses()
        reception.take(packet(0), frames: 960, arrival: 0)
        for number in 100..<120 as Range<Int64> {
            reception.take(packet(number, source: 2), frames: 960, arrival: (number - 85) * Self.step)
        }
        #expect(reception.source == 1)
        reception.take(packet(1, shift: 40 * 960), frames: 960, arrival: 41 * Self.step)
        // Its silence is no loss, and where it is gone nothing stands in for it.
        #expect(outputs(&reception, now: 42 * Self.step) == ["0", "pause 38400", "1"])
        reception.take([.bye(sources: [1], reason: "")], arrival: 43 * Self.step)
        #expect(outputs(&reception, now: 90 * Self.step) == [])
        #expect(reception.counts.lost == 0)
    }

    @Test func `gives the old one's sound first`() {
        var reception = RTPReception(rate: 48_000)
        for number in 0..<3 as Range<Int64> { reception.take(packet(number), frames: 960, arrival: 0) }
        for number in 50..<53 as Range<Int64> {
            reception.take(packet(number, source: 2), frames: 960, arrival: 300_000_000)
        }
        #expect(outputs(&reception, now: 1_000_000_000) == ["0", "1", "2", "begun 2", "50", "51", "52"])
        #expect(reception.counts.received == 6)
    }

    @Test func `begins anew where numbers or timestamps jump`() {
        var reception = RTPReception(rate: 48_000)
        for number in 0..<3 as Range<Int64> { reception.take(packet(number), frames: 960, arrival: number * Self.step) }
        for number in 30_000..<30_003 as Range<Int64> {
            reception.take(packet(number), frames: 960, arrival: (number - 29_990) * Self.step)
        }
        #expect(reception.restarts == 1)
        for number in 30_003..<30_006 as Range<Int64> {
            reception.take(packet(number, shift: 48_000 * 60), frames: 960, arrival: (number - 29_990) * Self.step)
        }
        #expect(reception.restarts == 2)
        let words = outputs(&reception, now: 10_000_000_000)
        #expect(words.count { $0.hasPrefix("begun") } == 2)
        // Nothing of those before is left out but what was doubted.
        #expect(words.count { !$0.hasPrefix("begun") } == 8)
        #expect(words.last == "\(30_005 & 255)")
    }

    @Test func `tells the source how it arrives`() throws {
        var reception = RTPReception(rate: 48_000)
        for number in 0..<100 as Range<Int64> where number % 2 == 0 {
            reception.take(packet(number), frames: 960, arrival: number * Self.step)
        }
        reception.take(
            [
                .senderReport(
                    .init(source: 1, time: NTPTime(bits: 0xAAAA_1234_5678_BBBB), timestamp: 0, packets: 1, bytes: 1))
            ],
            arrival: 2_000_000_000)
        let report = reception.report(now: 2_500_000_000)
        let block = try #require(report)
        #expect(block.source == 1 && block.highestSequence == 98 && block.lost == 49)
        #expect(block.fractionLost == 49 * 256 / 99)
        #expect(block.lastReport == 0x1234_5678 && block.delaySinceLastReport == 32_768)
    }
}
