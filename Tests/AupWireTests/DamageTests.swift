import AupSound
import AupWire
import Testing

@Suite("Streams that arrive in pieces, cut or damaged")
struct DamageTests {
    /// Every good vector, with checks on its audio.
    static let checked: [WirePage.Vector] = WirePage.shared.good.compactMap { vector in
        guard let bytes = try? reencoded(vector.bytes, checksAudio: true) else { return nil }
        return WirePage.Vector(name: vector.name, bytes: bytes, outcome: vector.outcome)
    }

    @Test(arguments: WirePage.shared.vectors)
    func `the sizes of the pieces change nothing`(_ vector: WirePage.Vector) {
        let whole = Reading(vector.bytes)
        var dice = Dice(seed: 1)
        for largest in [1, 2, 7, 31, 33, 100] {
            let pieces = Reading(vector.bytes, readBytes: 4096) { Int.random(in: 1...largest, using: &dice) }
            #expect(pieces == whole)
        }
    }

    @Test(arguments: WirePage.shared.good)
    func `a stream cut at any byte is told from a whole one`(_ vector: WirePage.Vector) {
        let whole = Reading(vector.bytes)
        let ends = Self.packetEnds(vector.bytes)
        let streamEnds = Self.streamEnds(vector.bytes)
        for cut in 0..<vector.bytes.count {
            let reading = Reading(Array(vector.bytes[..<cut]))
            let packets = ends.count { $0 <= cut }
            #expect(reading.seen == Array(whole.seen[..<packets]))
            if streamEnds.contains(cut) {
                #expect(reading.error == nil)
                continue
            }
            let rule: WireRule = cut == 0 ? .empty : ends.contains(cut) ? .noEnd : .cutInPacket
            #expect(reading.error?.rule == rule)
            #expect(reading.error?.offset == UInt64(cut))
            #expect(reading.error?.isTruncation == true)
        }
    }

    @Test(arguments: checked)
    func `a damaged byte is found in its packet, and nothing of that packet is believed`(_ vector: WirePage.Vector) {
        let whole = Reading(vector.bytes)
        let ends = Self.packetEnds(vector.bytes)
        var dice = Dice(seed: 2)
        for index in vector.bytes.indices {
            let packetsBefore = ends.count { $0 <= index }
            let packetStart = packetsBefore == 0 ? 0 : ends[packetsBefore - 1]
            let differences = [UInt8(1) << UInt8(index % 8), 0xFF, UInt8.random(in: 1...255, using: &dice)]
            for difference in differences {
                var damaged = vector.bytes
                damaged[index] ^= difference
                let reading = Reading(damaged)
                // Not #expect: some ten thousand of them would take seconds.
                if reading.seen != Array(whole.seen[..<packetsBefore]) {
                    Issue.record("byte \(index) changed by \(difference): \(reading.seen)")
                }
                guard let error = reading.error else {
                    Issue.record("byte \(index) changed by \(difference) was not noticed")
                    continue
                }
                if !(packetStart..<ends[packetsBefore]).contains(Int(error.offset)) {
                    Issue.record("byte \(index) changed by \(difference): \(error.message)")
                }
            }
        }
    }

    @Test func `two damaged neighbours are found as well`() throws {
        let vector = try #require(Self.checked.first)
        let whole = Reading(vector.bytes)
        let ends = Self.packetEnds(vector.bytes)
        for index in 0..<vector.bytes.count - 1 {
            var damaged = vector.bytes
            damaged[index] ^= 0x80
            damaged[index + 1] ^= 0x01
            let reading = Reading(damaged)
            #expect(reading.error != nil)
            #expect(reading.seen == Array(whole.seen[..<ends.count { $0 <= index }]))
        }
    }

    @Test func `random bytes are refused and never trap`() {
        var dice = Dice(seed: 3)
        for round in 0..<2000 {
            var bytes = (0..<Int.random(in: 1...200, using: &dice)).map { _ in UInt8.random(in: 0...255, using: &dice) }
            if round % 2 == 0 { bytes.replaceSubrange(0..<min(4, bytes.count), with: [0x61, 0x75, 0x70, 1]) }
            #expect(Reading(bytes).error != nil)
        }
    }

    @Test func `an error stays`() throws {
        let vector = try #require(WirePage.shared.vectors.last)
        var decoder = PacketDecoder()
        _ = unsafe vector.bytes.withUnsafeBytes { unsafe decoder.feed($0) }
        var first: WireError?
        do throws(WireError) { while try decoder.next() != nil {} } catch { first = error }
        let error = try #require(first)
        #expect(throws: error) { _ = try decoder.next() }
        #expect(throws: error) { try decoder.finish() }
    }

    /// The byte behind each packet that is seen, from the lengths in the headers.
    private static func packetEnds(_ bytes: [UInt8]) -> [Int] {
        var ends: [Int] = []
        var offset = 0
        while offset < bytes.count {
            let length = (0..<4).reduce(0) { $0 | Int(bytes[offset + 8 + $1]) << (8 * $1) }
            let check = bytes[offset + 5] & 2 == 0 ? 0 : 4
            offset += 32 + (length + check + 7) / 8 * 8
            ends.append(offset)
        }
        return ends
    }

    private static func streamEnds(_ bytes: [UInt8]) -> [Int] {
        let ends = packetEnds(bytes)
        return zip([0] + ends, ends).compactMap { start, end in bytes[start + 4] == 6 ? end : nil }
    }
}
