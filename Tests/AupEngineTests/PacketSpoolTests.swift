import AupOpus
import AupSound
import Testing

@testable import AupEngine

/// What waits for a server, and what is made of it.
@Suite struct `A spool of packets` {
    private static let configuration = OpusConfiguration(channels: 1, preSkipFrames: 312, frameSize: 960)!

    private let heading = CodedHeading(.opus(configuration), encoder: 1, tags: [])

    private func packet(_ number: Int, frames: Int = 960, _ heading: CodedHeading? = nil) -> CodedPacket {
        CodedPacket(bytes: [0xFC, UInt8(number & 0xFF)], frames: frames, length: 960, heading: heading ?? self.heading)
    }

    private func numbers(_ packets: [LeadPacket]) -> [UInt8] { packets.map { $0.bytes[1] } }

    @Test func `keeps what is not acknowledged and gives it again`() {
        let spool = PacketSpool(nanoseconds: 1_000_000_000, bytes: 1 << 20)
        for number in 0..<10 { #expect(spool.append(packet(number)) == 0) }
        for number in 0..<6 { #expect(spool.next()?.number == Int64(number)) }
        spool.release(before: 4)
        #expect(spool.counts.acknowledgedFrames == 4 * 960)
        #expect(spool.counts.waitingFrames == 6 * 960)
        #expect(spool.rewind() == 2)
        #expect(spool.next()?.packet.bytes[1] == 4)
        // What was never given cannot be acknowledged.
        spool.release(before: 100)
        #expect(spool.counts.acknowledgedFrames == 5 * 960)
    }

    @Test func `loses the oldest that nobody was given, and counts it`() {
        let spool = PacketSpool(nanoseconds: 200_000_000, bytes: 1 << 20)
        for number in 0..<3 { spool.append(packet(number)) }
        _ = spool.next()
        var lost: Int64 = 0
        for number in 3..<30 { lost += spool.append(packet(number)) }
        let counts = spool.counts
        #expect(lost == 20 * 960)
        #expect(counts.lostFrames == lost)
        #expect(counts.waitingFrames == 10 * 960)
        #expect(counts.nanoseconds == 200_000_000)
        // Behind the first one, which is on its way, there is a hole.
        let next = spool.next()
        #expect(next?.packet.bytes[1] == 21)
        #expect(next?.packet.lead.map(numbers) == [17, 18, 19, 20])
        #expect(spool.giveUp() == 10 * 960)
        #expect(spool.counts.lostFrames == 30 * 960)
        #expect(spool.isEmpty)
        #expect(spool.next() == nil)
    }

    @Test func `counts what was not even made for it`() {
        let spool = PacketSpool(nanoseconds: 1_000_000_000, bytes: 1 << 20)
        spool.append(packet(0))
        spool.lose(frames: 1 << 53)
        #expect(spool.counts.lostFrames == 1 << 53 && spool.counts.waitingFrames == 960)
    }

    @Test func `is bounded in bytes too`() {
        let spool = PacketSpool(nanoseconds: 1_000_000_000_000, bytes: 20)
        for number in 0..<30 { spool.append(packet(number)) }
        #expect(spool.counts.bytes == 20)
        #expect(spool.counts.lostFrames == 20 * 960)
    }

    @Test func `knows what a decoder should hear first`() {
        let spool = PacketSpool(nanoseconds: 10_000_000_000, bytes: 1 << 20)
        for number in 0..<10 { spool.append(packet(number)) }
        for _ in 0..<9 { _ = spool.next() }
        #expect(numbers(spool.lead(before: 0)) == [])
        #expect(numbers(spool.lead(before: 2)) == [0, 1])
        #expect(numbers(spool.lead(before: 8)) == [4, 5, 6, 7])
        spool.release(before: 6)
        // Some of them were acknowledged.
        #expect(numbers(spool.lead(before: 6)) == [2, 3, 4, 5])
        #expect(numbers(spool.lead(before: 8)) == [4, 5, 6, 7])
        let other = CodedHeading(heading.codec, encoder: 2, tags: [])
        spool.append(packet(10, other))
        spool.append(packet(11, other))
        #expect(numbers(spool.lead(before: 11)) == [10])
        #expect(numbers(spool.lead(before: 10)) == [])
    }

    @Test func `loses nothing of its counts whatever happens`() {
        let spool = PacketSpool(nanoseconds: 300_000_000, bytes: 1 << 20)
        var generator = SystemRandomNumberGenerator()
        var appended: Int64 = 0
        var given: Int64 = 0
        for number in 0..<20_000 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5:
                spool.append(packet(number))
                appended += 960
            case 5..<8: given = spool.next().map { $0.number + 1 } ?? given
            case 8: spool.release(before: given - Int64.random(in: 0..<4, using: &generator))
            default: if number % 7 == 0 { spool.rewind() }
            }
            let counts = spool.counts
            guard counts.acknowledgedFrames + counts.waitingFrames + counts.lostFrames == appended else {
                Issue.record("the counts do not add up after step \(number)")
                return
            }
        }
        #expect(spool.counts.lostFrames > 0)
    }

    // MARK: - Pages

    private struct PageFacts {
        var granule: Int64
        var isLast: Bool
        var bytes: [UInt8]
    }

    private func facts(_ pages: [LiveOggStream.Page]) -> [PageFacts] {
        pages.map { PageFacts(granule: $0.granule, isLast: $0.bytes[5] & 4 != 0, bytes: $0.bytes) }
    }

    @Test func `becomes a stream of Ogg as long as its sound`() throws {
        let stream = try LiveOggStream(heading, lead: [], pageNanoseconds: 100_000_000)
        for number in 0..<12 {
            // The codec looks ahead, so the first packet stands for less, and here the last one too.
            let frames = number == 0 ? 648 : number == 11 ? 100 : 960
            try stream.add(LeadPacket(bytes: packet(number).bytes, length: 960), frames: frames)
        }
        try stream.finish()
        let pages = facts(stream.takePages())
        let last: Int64 = 312 + 648 + 10 * 960 + 100
        #expect(pages.map(\.granule) == [0, 0, 4800, 9600, last])
        #expect(pages.map(\.isLast) == [false, false, false, false, true])
        #expect(stream.takePages().isEmpty)
    }

    @Test func `that begins in the midst begins with what is not heard`() throws {
        let lead = (0..<4).map { LeadPacket(bytes: packet($0).bytes, length: 960) }
        let stream = try LiveOggStream(heading, lead: lead, pageNanoseconds: 100_000_000)
        for number in 4..<8 { try stream.add(LeadPacket(bytes: packet(number).bytes, length: 960), frames: 960) }
        try stream.finish()
        let pages = facts(stream.takePages())
        // OpusHead's pre-skip lies at its tenth byte, behind a head of 28.
        #expect(Int(pages[0].bytes[28 + 10]) | Int(pages[0].bytes[28 + 11]) << 8 == 3840)
        let granule = try #require(pages.last).granule
        #expect(granule == Int64(8 * 960))
    }

    @Test func `is acknowledged packet by packet as its pages are`() throws {
        let spool = PacketSpool(nanoseconds: 10_000_000_000, bytes: 1 << 20)
        let connection = IcecastConnection(spool, pageNanoseconds: 100_000_000)
        for number in 0..<21 { spool.append(packet(number)) }
        var sizes: [Int] = []
        while let page = try connection.nextPage() { sizes.append(page.bytes.count) }
        // Two headers, and pages of five packets; the last packet waits for another.
        #expect(sizes.count == 6)
        #expect(connection.isAwaiting)
        let three = Int64(sizes[0..<3].reduce(0, +))
        #expect(connection.acknowledge(three - 1))
        #expect(spool.counts.acknowledgedFrames == 0)
        #expect(connection.acknowledge(three))
        #expect(spool.counts.acknowledgedFrames == 5 * 960)
        #expect(!connection.acknowledge(three))
        // Another connection goes on with the sixth.
        spool.rewind()
        let next = IcecastConnection(spool, pageNanoseconds: 100_000_000)
        spool.end()
        var total: Int64 = 0
        while let page = try next.nextPage() { total += Int64(page.bytes.count) }
        #expect(next.hasMore)
        #expect(next.acknowledge(total))
        #expect(!next.hasMore)
        #expect(spool.isEmpty)
        #expect(spool.counts.acknowledgedFrames == 21 * 960)
    }
}
