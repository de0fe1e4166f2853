import AupSound
import AupWire
import Testing

@Suite("Bounds of encoder and decoder")
struct BufferTests {
    private static func description(channels: Int = 2, clock: ClockIdentity = .none) throws -> StreamDescription {
        StreamDescription(try #require(PCMFormat(.s16, rate: 48_000, channels: channels)), clock: clock)
    }

    @Test func `audio larger than a packet is split at whole frames and its time goes on`() throws {
        let utc = ClockIdentity(kind: .utc, boot: Array(repeating: 0, count: 16))
        var encoder = PacketEncoder(checksAudio: false)
        encoder.encodeFormat(try Self.description(channels: 3, clock: utc))
        #expect(encoder.maximumFrames == 174_762)
        let sound = [UInt8](repeating: 1, count: 400_000 * 6)
        unsafe sound.withUnsafeBytes { unsafe encoder.encodeAudio(captureTime: 1_000_000_000, payload: $0) }
        encoder.encodeEnd(.normal)
        var audio: [(position: Int64, frames: Int, time: Int64?)] = []
        var decoder = PacketDecoder()
        var offset = 0
        let count = encoder.output.count
        while offset < count {
            offset += unsafe decoder.feed(UnsafeRawBufferPointer(rebasing: encoder.output.bytes[offset...]))
            while let packet = try decoder.next() {
                if case .audio(let sound) = packet { audio.append((sound.position, sound.frames, sound.captureTime)) }
            }
        }
        try decoder.finish()
        #expect(audio.map(\.position) == [0, 174_762, 349_524])
        #expect(audio.map(\.frames) == [174_762, 174_762, 50_476])
        #expect(audio.map(\.time) == [1_000_000_000, 4_640_875_000, 8_281_750_000])
    }

    @Test func `a payload lies at eight bytes wherever the pieces ended`() throws {
        var encoder = PacketEncoder(checksAudio: true)
        encoder.encodeFormat(try Self.description())
        for count in 1...200 {
            unsafe [UInt8](repeating: 0, count: 4 * count).withUnsafeBytes {
                unsafe encoder.encodeAudio(captureTime: nil, payload: $0)
            }
        }
        var dice = Dice(seed: 9)
        var decoder = PacketDecoder(readBytes: 4096)
        var packets = 0
        while !encoder.output.isEmpty {
            let size = min(Int.random(in: 1...3000, using: &dice), encoder.output.count)
            let fed = unsafe decoder.feed(UnsafeRawBufferPointer(rebasing: encoder.output.bytes[..<size]))
            encoder.output.consume(fed)
            while let packet = try decoder.next() {
                guard case .audio(let audio) = packet else { continue }
                packets += 1
                #expect(unsafe Int(bitPattern: audio.payload.baseAddress) % 8 == 0)
            }
        }
        #expect(packets == 200)
    }

    @Test func `a decoder that is not emptied takes no more than its buffer`() throws {
        var encoder = PacketEncoder(checksAudio: false)
        encoder.encodeFormat(try Self.description())
        for _ in 0..<10_000 { encoder.encodeSilence(frames: 1) }
        var decoder = PacketDecoder(readBytes: 4096)
        #expect(unsafe decoder.feed(encoder.output.bytes) == 4096)
        #expect(unsafe decoder.feed(UnsafeRawBufferPointer(rebasing: encoder.output.bytes[4096...])) == 0)
        #expect(decoder.bufferedBytes == 4096)
    }

    @Test func `a length that is refused takes no memory`() throws {
        let vectors = WirePage.shared.vectors.filter {
            if case .refused("W-08", _) = $0.outcome { true } else { false }
        }
        #expect(vectors.count == 2)
        for vector in vectors {
            var decoder = PacketDecoder(readBytes: 4096)
            _ = unsafe vector.bytes.withUnsafeBytes { unsafe decoder.feed($0) }
            #expect(throws: WireError.self) { while try decoder.next() != nil {} }
            let room = unsafe decoder.withFreeSpace { room in room.count }
            #expect(room <= 4096)
        }
    }

    @Test func `reading straight into the buffer is the same as feeding`() throws {
        let vector = try #require(WirePage.shared.good.first)
        var decoder = PacketDecoder()
        let count = unsafe decoder.withFreeSpace(atLeast: 100) { room in
            unsafe room.copyBytes(from: vector.bytes)
            return vector.bytes.count
        }
        decoder.commit(count: count)
        var packets = 0
        while try decoder.next() != nil { packets += 1 }
        try decoder.finish()
        #expect(packets == Reading(vector.bytes).seen.count)
    }

    @Test func `nothing to say makes no packet`() throws {
        var encoder = PacketEncoder(checksAudio: true)
        encoder.encodeFormat(try Self.description())
        let count = encoder.output.count
        encoder.encodeSilence(frames: 0)
        encoder.encodeGap(frames: 0, cause: .xrun)
        unsafe encoder.encodeAudio(captureTime: nil, payload: UnsafeRawBufferPointer(start: nil, count: 0))
        unsafe encoder.encodeAudio(captureTime: nil, frames: 100) { _ in 0 }
        #expect(encoder.output.count == count)
        #expect(encoder.sequence == 1)
    }

    @Test func `text from outside is made fit for the wire`() throws {
        let long = String(repeating: "ü", count: 3000)
        var encoder = PacketEncoder(checksAudio: true)
        encoder.encodeFormat(StreamDescription(try #require(Self.description().pcm), source: "a\u{1B}[2J\nb"))
        encoder.encodeEvent(key: "title", value: long)
        encoder.encodeGap(frames: 1, cause: .xrun, seenBy: long)
        encoder.encodeEnd(.error, code: 1, message: "no\u{0}thing\u{9B}")
        let reading = unsafe Reading(Array(encoder.output.bytes))
        #expect(reading.error == nil)
        #expect(reading.seen[0].fields["source"] == .text("a [2J b"))
        #expect(reading.seen[1].fields["value"] == .text(String(repeating: "ü", count: 2045)))
        #expect(reading.seen[2].fields["seen_by"] == .text(String(repeating: "ü", count: 2048)))
        #expect(reading.seen[3].fields["message"] == .text("no thing "))
    }

    @Test func `counts past the last position are refused by the reader and trap nobody`() throws {
        var encoder = PacketEncoder(checksAudio: true)
        encoder.encodeFormat(try Self.description())
        encoder.encodeGap(frames: .max, cause: .unknown)
        encoder.encodeGap(frames: .max, cause: .unknown)
        encoder.encodeEnd(.normal)
        #expect(unsafe Reading(Array(encoder.output.bytes)).error?.rule == .positionLimit)
    }

    @Test func `what was written partly keeps its place`() throws {
        var encoder = PacketEncoder(checksAudio: true, output: PacketBuffer(capacity: 0))
        encoder.encodeFormat(try Self.description())
        var written: [UInt8] = []
        var dice = Dice(seed: 4)
        for frame in 0..<300 {
            encoder.encodeEvent(key: "mark", value: String(repeating: "x", count: frame))
            let count = Int.random(in: 0...encoder.output.count, using: &dice)
            written += unsafe Array(encoder.output.bytes[..<count])
            encoder.output.consume(count)
        }
        encoder.encodeEnd(.stopped)
        written += unsafe Array(encoder.output.bytes)
        let reading = Reading(written)
        #expect(reading.error == nil)
        #expect(reading.seen.count == 302)
    }
}
