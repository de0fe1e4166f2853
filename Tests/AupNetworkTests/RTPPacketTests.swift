import Testing

@testable import AupNetwork

/// Packets of RTP and RTCP as RFC 3550 draws them.
@Suite struct `A packet of RTP` {
    private func hex(_ text: String) -> [UInt8] {
        text.split(whereSeparator: \.isWhitespace).compactMap { UInt8($0, radix: 16) }
    }

    private func error(_ bytes: [UInt8]) -> RTPError? {
        do throws(RTPError) {
            _ = try RTPPacket(bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test func `is read as section 5.1 draws it, and written as the same bytes`() throws {
        let bytes = hex("80 E0 12 34 00 00 03 C0 DE AD BE EF 01 02 03")
        let packet = try RTPPacket(bytes)
        #expect(packet.payloadType == 96 && packet.hasMarker)
        #expect(packet.sequence == 0x1234 && packet.timestamp == 960 && packet.source == 0xDEAD_BEEF)
        #expect(packet.payload == [1, 2, 3])
        #expect(packet.bytes() == bytes)
    }

    @Test func `may have sources, an extension and padding, all at once`() throws {
        let bytes = hex(
            """
            B2 0A 00 01 00 00 00 02 00 00 00 03
            00 00 00 04 00 00 00 05
            BE DE 00 01 10 FF 00 00
            AA BB 00 02
            """)
        let packet = try RTPPacket(bytes)
        #expect(packet.contributors == [4, 5])
        #expect(packet.headerExtension == .init(profile: 0xBEDE, bytes: [0x10, 0xFF, 0, 0]))
        #expect(packet.payload == [0xAA, 0xBB])
        #expect(packet.bytes(paddedTo: 4) == bytes)
        #expect(try RTPPacket(packet.bytes()) == packet)
    }

    @Test func `that is cut off anywhere in its head is refused, and so is what is no RTP`() {
        let whole = hex(
            "B2 0A 00 01 00 00 00 02 00 00 00 03 00 00 00 04 00 00 00 05 BE DE 00 01 10 FF 00 00 AA BB 00 02")
        for count in 0..<28 { #expect(error(Array(whole[..<count])) != nil, "\(count)") }
        #expect(error(hex("40 60 00 01 00 00 00 02 00 00 00 03")) == .version(1))
        // Padding of none, and of more than there is.
        #expect(error(hex("A0 60 00 01 00 00 00 02 00 00 00 03 00")) != nil)
        #expect(error(hex("A0 60 00 01 00 00 00 02 00 00 00 03 02")) != nil)
        #expect(error([UInt8](repeating: 0x80, count: 65_508)) != nil)
    }

    @Test func `is told from a report at the same port`() {
        #expect(RTPPacket.isControl([0x80, 200]) && RTPPacket.isControl([0x81, 203]))
        #expect(
            !RTPPacket.isControl([0x80, 96]) && !RTPPacket.isControl([0x80, 0xE0]) && !RTPPacket.isControl([0x80]))
    }
}

@Suite struct `A report of RTCP` {
    private func error(_ bytes: [UInt8]) -> RTPError? {
        do throws(RTPError) {
            _ = try RTCPPacket.read(bytes)
            return nil
        } catch {
            return error
        }
    }

    private let block = RTCPPacket.ReportBlock(
        source: 9, fractionLost: 12, lost: -3, highestSequence: 0x1_0005, jitter: 77, lastReport: 0xABCD_0123,
        delaySinceLastReport: 65_536)

    @Test func `of every kind is read as it was written, several in one datagram`() throws {
        let packets: [RTCPPacket] = [
            .senderReport(
                .init(
                    source: 1, time: NTPTime(bits: 0x1234_5678_9ABC_DEF0), timestamp: 960, packets: 5, bytes: 6000,
                    blocks: [block, block])),
            .receiverReport(source: 2, blocks: [block]),
            .descriptions([.init(source: 1, canonicalName: "one"), .init(source: 2, canonicalName: "four")]),
            .bye(sources: [1, 2], reason: "over"),
        ]
        let bytes = RTCPPacket.bytes(packets)
        #expect(bytes.count % 4 == 0)
        #expect(try RTCPPacket.read(bytes) == packets)
    }

    @Test func `is drawn as in section 6`() {
        let bytes = RTCPPacket.bytes([
            .receiverReport(source: 0x0102_0304, blocks: [block]),
            .descriptions([.init(source: 5, canonicalName: "ab")]), .bye(sources: [5], reason: ""),
        ])
        let expected: [UInt8] = [
            0x81, 201, 0, 7, 1, 2, 3, 4, 0, 0, 0, 9, 12, 0xFF, 0xFF, 0xFD, 0, 1, 0, 5, 0, 0, 0, 77, 0xAB, 0xCD, 0x01,
            0x23, 0, 1, 0, 0,
            0x81, 202, 0, 3, 0, 0, 0, 5, 1, 2, 0x61, 0x62, 0, 0, 0, 0,
            0x81, 203, 0, 1, 0, 0, 0, 5,
        ]
        #expect(bytes == expected)
    }

    @Test func `that does not begin with one, is cut off or lies about its length is refused`() throws {
        let good = RTCPPacket.bytes([
            .receiverReport(source: 1, blocks: [block]), .descriptions([.init(source: 1, canonicalName: "name")]),
        ])
        for count in 0..<good.count where count != 32 { #expect(error(Array(good[..<count])) != nil, "\(count)") }
        #expect(error(RTCPPacket.bytes([.bye(sources: [1], reason: "")])) != nil)
        var liar = good
        liar[0] = 0x9F
        #expect(error(liar) != nil)
        // Of a type that nobody knows it is left alone.
        #expect(try RTCPPacket.read(good + [0x80, 204, 0, 1, 0, 0, 0, 0]).last == .other(type: 204))
        // Only the last may be padded.
        #expect(try RTCPPacket.read([0x80, 201, 0, 1, 0, 0, 0, 1, 0xA0, 203, 0, 1, 0, 0, 0, 4]).count == 2)
        #expect(error([0xA0, 201, 0, 1, 0, 0, 0, 4, 0x80, 203, 0, 0]) != nil)
    }

    @Test func `has the time of NTP`() {
        // RFC 868 has 2,208,988,800 for 1970, and half a second is half of 2^32.
        #expect(NTPTime(unixNanoseconds: 500_000_000).bits == UInt64(2_208_988_800) << 32 | 1 << 31)
        #expect(NTPTime(bits: 0x1111_2222_3333_4444).middle == 0x2222_3333)
    }
}

@Suite struct `Numbers and clocks of RTP` {
    @Test func `go on over the end of sixteen bits`() {
        var sequence = RTPSequence(isTrusted: true)
        #expect(sequence.take(65_534) == .place(131_070))
        #expect(sequence.take(65_535) == .place(131_071))
        #expect(sequence.take(1) == .place(131_073))
        #expect(sequence.take(0) == .place(131_072))
        #expect(sequence.highestSequence == 0x1_0001)
        #expect(sequence.expected == 4 && sequence.lost == 0)
    }

    @Test func `of a source count after two in order, and after a jump again`() {
        var sequence = RTPSequence()
        #expect(sequence.take(10) == .doubted)
        #expect(sequence.take(12) == .doubted)
        #expect(sequence.take(13) == .place(65_549))
        #expect(sequence.take(40_000) == .doubted)
        #expect(sequence.take(14) == .place(65_550))
        #expect(sequence.take(40_000) == .doubted)
        #expect(sequence.take(40_001) == .restarted(105_537))
        #expect(sequence.expected == 1)
    }

    @Test func `tell what was lost since the last report, of 256`() {
        var sequence = RTPSequence(isTrusted: true)
        for number in 0..<100 where number % 4 != 1 { _ = sequence.take(UInt16(number)) }
        #expect(sequence.lost == 25)
        #expect(sequence.fractionLost() == 64)
        for number in 100..<200 { _ = sequence.take(UInt16(number)) }
        #expect(sequence.fractionLost() == 0)
        // More came than were expected: twice the same.
        for number in 200..<210 {
            _ = sequence.take(UInt16(number))
            _ = sequence.take(UInt16(number))
        }
        #expect(sequence.fractionLost() == 0)
        #expect(sequence.lost == 15)
    }

    @Test func `advance by 960 for 20 ms of Opus, from anywhere and over the end`() {
        var clock = RTPClock(rate: 48_000, start: .max - 959)
        #expect(clock.timestamp == UInt32.max - 959)
        clock.advance(frames: 960)
        #expect(clock.timestamp == 0)
        clock.advance(frames: 960)
        #expect(clock.timestamp == 960)
        var line = TimestampLine()
        let first = line.extend(.max - 959)
        #expect(line.extend(0) == first + 960)
        #expect(line.extend(.max - 1919) == first - 960)
    }

    @Test func `measure jitter as appendix A.8 does`() {
        var jitter = InterarrivalJitter(rate: 8000)
        // D is 8 units each time: J goes to 8 as 1 - (15/16)^n.
        for packet in 0..<400 {
            let late: Int64 = packet % 2 == 0 ? 0 : 1_000_000
            jitter.note(arrival: Int64(packet) * 20_000_000 + late, timestamp: UInt32(packet * 160))
        }
        #expect((7...8).contains(jitter.value))
        var even = InterarrivalJitter(rate: 48_000)
        for packet in 0..<100 { even.note(arrival: Int64(packet) * 20_000_000, timestamp: UInt32(packet * 960)) }
        #expect(even.value == 0)
    }

    @Test func `report every five seconds, more or less by half`() {
        var schedule = ReportSchedule(now: 0, chance: 0.5)
        #expect(schedule.isDue(now: 2_499_999_999, chance: 0) == false)
        #expect(schedule.isDue(now: 2_500_000_000, chance: 0) == true)
        #expect(schedule.next == 5_000_000_000)
        #expect(schedule.isDue(now: 5_000_000_000, chance: 1) == true)
        #expect(schedule.next == 12_500_000_000)
        // Where there are only two, the first time is at once.
        var other = ReportSchedule(now: 7, chance: 1, isAtOnce: true)
        #expect(other.isDue(now: 7, chance: 0) == true)
        #expect(other.isDue(now: 7, chance: 0) == false && other.next == 2_500_000_007)
    }

    @Test func `of what is sent are marked after a silence only`() throws {
        var sender = RTPTransmission(
            payloadType: 96, rate: 48_000, source: 7, start: 100, sequence: 65_535, canonicalName: "n")
        let first = sender.packet([1], frames: 960, now: 0)
        let second = sender.packet([2, 3], frames: 960, now: 20_000_000)
        sender.skip(frames: 4800)
        let third = sender.packet([4], frames: 960, now: 140_000_000)
        #expect(first.hasMarker && !second.hasMarker && third.hasMarker)
        #expect(first.timestamp == 100 && second.timestamp == 1060 && third.timestamp == 6820)
        #expect(first.sequence == 65_535 && second.sequence == 0 && third.sequence == 1)
        let report = try RTCPPacket.read(sender.report(now: 150_000_000, unixNanoseconds: 0, leaving: true))
        guard case .senderReport(let facts) = report.first else { return #expect(Bool(false)) }
        // Ten milliseconds after the last timestamp.
        #expect(facts.timestamp == 6820 + 480 && facts.packets == 3 && facts.bytes == 4)
        #expect(report.last == .bye(sources: [7], reason: ""))
    }

    @Test(arguments: [
        ("l16/48000/2", 20_000_000, 1200, 240), ("l16/48000/1", 20_000_000, 1200, 480),
        ("l16/44100/2", 20_000_000, 1200, 294), ("l24/48000/8", 1_000_000, 1200, 48),
        ("l24/48000/64", 20_000_000, 100, 1), ("l16/48000/1", 125_000, 1200, 6),
    ])
    func `divide the time of a packet into equal parts that fit`(
        word: String, nanoseconds: Int64, bytes: Int, frames: Int
    ) throws {
        let payload = try #require(RTPPayload(word: word))
        #expect(payload.packetFrames(nanoseconds: nanoseconds, bytes: bytes) == frames)
    }
}
