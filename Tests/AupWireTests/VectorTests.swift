import AupSound
import AupWire
import Testing

@Suite("The vectors of docs/wire.md")
struct VectorTests {
    @Test(arguments: WirePage.shared.vectors)
    func `a vector reads as the page says`(_ vector: WirePage.Vector) {
        let reading = Reading(vector.bytes)
        switch vector.outcome {
        case .read(let lines, _):
            #expect(reading.error == nil)
            #expect(reading.seen == lines)
        case .refused(let rule, let offset):
            #expect(reading.error?.rule.name == rule, "\(reading.error?.message ?? "it was read")")
            #expect(reading.error?.offset == offset, "\(reading.error?.message ?? "it was read")")
        }
    }

    @Test(arguments: WirePage.shared.good)
    func `a good vector is written again byte for byte`(_ vector: WirePage.Vector) throws {
        guard case .read(let lines, _) = vector.outcome else { throw Unexpected() }
        let isChecked = lines.contains { $0.fields["checked"] == .truth(true) }
        #expect(try reencoded(vector.bytes, checksAudio: isChecked) == vector.bytes)
    }

    @Test func `the page and the program have the same rules`() {
        #expect(WirePage.shared.rules == WireRule.allCases.map(\.name))
        #expect(WirePage.shared.good.count >= 7)
    }

    @Test(arguments: WireRule.allCases)
    func `every rule is broken by a vector`(_ rule: WireRule) {
        let isBroken = WirePage.shared.vectors.contains { vector in
            if case .refused(rule.name, _) = vector.outcome { true } else { false }
        }
        #expect(isBroken, "no vector breaks \(rule.name)")
    }

    @Test(arguments: WireRule.allCases)
    func `an error is one line with rule, byte and remedy`(_ rule: WireRule) {
        let message = WireError(rule, at: 4128, "half a line").message
        #expect(message.contains("byte 4128: half a line (\(rule.name)); "))
        #expect(!message.contains("\n"))
    }

    @Test func `the limits of the page are the limits of the program`() throws {
        var decoder = PacketDecoder()
        #expect(Limits.payloadBytes == 1_048_576)
        #expect(Limits.stringBytes == 4096)
        #expect(WireLimits.keyBytes == 64)
        #expect(Limits.channels == 64)
        #expect(Limits.rates == 1000...768_000)
        #expect(WireLimits.position == 9_007_199_254_740_992)
        #expect(WireLimits.opusFrames == 5760)
        let room = unsafe decoder.withFreeSpace { room in room.count }
        #expect(room == 256 << 10)
    }

    @Test func `four bytes tell a stream`() {
        #expect(PacketDecoder.looksLikeStream([0x61, 0x75, 0x70, 1]))
        #expect(PacketDecoder.looksLikeStream([0x61, 0x75, 0x70, 31, 0]))
        #expect(!PacketDecoder.looksLikeStream([0x61, 0x75, 0x70]))
        #expect(!PacketDecoder.looksLikeStream(Array("aups".utf8)))
        #expect(!PacketDecoder.looksLikeStream(Array("RIFF".utf8)))
        #expect(!PacketDecoder.looksLikeStream([]))
    }
}
