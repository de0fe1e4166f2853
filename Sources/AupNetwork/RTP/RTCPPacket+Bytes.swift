extension RTCPPacket {
    /// Reads a datagram, with the checks of RFC 3550, appendix A.2: it begins with a report, and its lengths add up.
    public static func read(_ bytes: [UInt8]) throws(RTPError) -> [RTCPPacket] {
        guard bytes.count >= 8 else { throw .short(what: "an RTCP packet", bytes: bytes.count) }
        guard bytes.count <= RTPPacket.limitBytes else { throw .damaged(what: "RTCP of \(bytes.count) bytes") }
        guard bytes[1] == Kind.sender || bytes[1] == Kind.receiver else {
            throw .damaged(what: "RTCP that does not begin with a report")
        }
        var packets: [RTCPPacket] = []
        var place = 0
        while place < bytes.count {
            guard bytes.count - place >= 4 else { throw .short(what: "an RTCP packet", bytes: bytes.count) }
            guard bytes[place] >> 6 == 2 else { throw .version(Int(bytes[place] >> 6)) }
            let end = place + 4 + 4 * Int(bytes.half(place + 2))
            guard end <= bytes.count else { throw .short(what: "an RTCP packet", bytes: bytes.count) }
            var body = Array(bytes[(place + 4)..<end])
            if bytes[place] & 0x20 != 0 {
                // Only the last one may be padded.
                guard end == bytes.count, let padding = body.last.map(Int.init), padding > 0, padding <= body.count
                else { throw .damaged(what: "padding in an RTCP packet") }
                body.removeLast(padding)
            }
            packets.append(try read(bytes[place + 1], count: Int(bytes[place] & 31), body))
            place = end
        }
        return packets
    }

    private static func read(_ type: UInt8, count: Int, _ body: [UInt8]) throws(RTPError) -> RTCPPacket {
        switch type {
        case Kind.sender:
            guard body.count >= 24 + 24 * count else { throw .short(what: "a sender report", bytes: body.count) }
            return .senderReport(
                SenderReport(
                    source: body.word(0), time: NTPTime(bits: UInt64(body.word(4)) << 32 | UInt64(body.word(8))),
                    timestamp: body.word(12), packets: body.word(16), bytes: body.word(20),
                    blocks: (0..<count).map { block(body, 24 + 24 * $0) }))
        case Kind.receiver:
            guard body.count >= 4 + 24 * count else { throw .short(what: "a receiver report", bytes: body.count) }
            return .receiverReport(source: body.word(0), blocks: (0..<count).map { block(body, 4 + 24 * $0) })
        case Kind.description: return .descriptions(try descriptions(body, count))
        case Kind.bye:
            guard body.count >= 4 * count else { throw .short(what: "a goodbye", bytes: body.count) }
            var reason: [UInt8] = []
            if body.count > 4 * count {
                let length = Int(body[4 * count])
                guard body.count > 4 * count + length else { throw .short(what: "a goodbye", bytes: body.count) }
                reason = Array(body[(4 * count + 1)..<(4 * count + 1 + length)])
            }
            return .bye(sources: (0..<count).map { body.word(4 * $0) }, reason: readable(reason))
        default: return .other(type: type)
        }
    }

    private static func block(_ body: [UInt8], _ place: Int) -> ReportBlock {
        // 24 bits with a sign.
        let lost = Int32(bitPattern: body.word(place + 4) << 8) >> 8
        return ReportBlock(
            source: body.word(place), fractionLost: body[place + 4], lost: lost,
            highestSequence: body.word(place + 8), jitter: body.word(place + 12), lastReport: body.word(place + 16),
            delaySinceLastReport: body.word(place + 20))
    }

    /// Chunks of a source and its items, each chunk to a multiple of four bytes (section 6.5); items that are no
    /// canonical name are left out.
    private static func descriptions(_ body: [UInt8], _ count: Int) throws(RTPError) -> [SourceDescription] {
        var found: [SourceDescription] = []
        var place = 0
        for _ in 0..<count {
            guard body.count >= place + 4 else { throw .short(what: "a source's description", bytes: body.count) }
            var chunk = SourceDescription(source: body.word(place), canonicalName: "")
            place += 4
            while true {
                guard place < body.count else { throw .short(what: "a source's description", bytes: body.count) }
                if body[place] == 0 { break }
                guard body.count >= place + 2, body.count >= place + 2 + Int(body[place + 1]) else {
                    throw .short(what: "a source's description", bytes: body.count)
                }
                let end = place + 2 + Int(body[place + 1])
                if body[place] == 1 { chunk.canonicalName = readable(Array(body[(place + 2)..<end])) }
                place = end
            }
            place = (place / 4 + 1) * 4
            found.append(chunk)
        }
        return found
    }

    /// Text of somebody else: what is no text is replaced, and control characters are left out.
    private static func readable(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.filter { $0 >= 0x20 && $0 != 0x7F }, as: UTF8.self)
    }

    // MARK: - Writing

    /// Several packets as one datagram.
    public static func bytes(_ packets: [RTCPPacket]) -> [UInt8] { packets.flatMap(\.bytes) }

    /// One packet; more than ``countLimit`` of anything is left out.
    var bytes: [UInt8] {
        var body: [UInt8] = []
        switch self {
        case .senderReport(let report):
            body.append(word: report.source)
            body.append(word: UInt32(report.time.bits >> 32))
            body.append(word: UInt32(truncatingIfNeeded: report.time.bits))
            for word in [report.timestamp, report.packets, report.bytes] { body.append(word: word) }
            return Self.packet(Kind.sender, Self.append(report.blocks, to: &body), body)
        case .receiverReport(let source, let blocks):
            body.append(word: source)
            return Self.packet(Kind.receiver, Self.append(blocks, to: &body), body)
        case .descriptions(let chunks):
            for chunk in chunks.prefix(Self.countLimit) {
                body.append(word: chunk.source)
                let name = Array(chunk.canonicalName.utf8.prefix(255))
                body += [1, UInt8(name.count)] + name
                // At least one zero ends the items.
                body += [UInt8](repeating: 0, count: 4 - body.count % 4)
            }
            return Self.packet(Kind.description, min(chunks.count, Self.countLimit), body)
        case .bye(let sources, let reason):
            for source in sources.prefix(Self.countLimit) { body.append(word: source) }
            let text = Array(reason.utf8.prefix(255))
            if !text.isEmpty {
                body += [UInt8(text.count)] + text
                body += [UInt8](repeating: 0, count: (4 - body.count % 4) % 4)
            }
            return Self.packet(Kind.bye, min(sources.count, Self.countLimit), body)
        case .other(let type): return Self.packet(type, 0, [])
        }
    }

    private static func append(_ blocks: [ReportBlock], to body: inout [UInt8]) -> Int {
        for block in blocks.prefix(countLimit) {
            body.append(word: block.source)
            body.append(word: UInt32(block.fractionLost) << 24 | UInt32(bitPattern: block.lost) & 0xFF_FFFF)
            for word in [block.highestSequence, block.jitter, block.lastReport, block.delaySinceLastReport] {
                body.append(word: word)
            }
        }
        return min(blocks.count, countLimit)
    }

    private static func packet(_ type: UInt8, _ count: Int, _ body: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [0x80 | UInt8(count), type]
        bytes.append(half: UInt16(body.count / 4))
        return bytes + body
    }
}
