import AupSound
import AupWire
import Testing

@Suite("What the encoder writes the decoder reads")
struct RoundTripTests {
    @Test func `every kind of packet comes back as it went in`() throws {
        let format = try #require(PCMFormat(.s16, rate: 48_000, channels: 2, layout: .standard(channels: 2)))
        let clock = ClockIdentity(kind: .monotonic, boot: Array(1...16))
        let description = StreamDescription(format, isLive: true, clock: clock, source: "hw:0")
        var encoder = PacketEncoder(checksAudio: true)
        encoder.encodeFormat(description)
        unsafe [Int16](1...512).withUnsafeBytes { unsafe encoder.encodeAudio(captureTime: 77, payload: $0) }
        encoder.encodeSilence(captureTime: 78, frames: 1000)
        encoder.encodeGap(frames: 24, cause: .overflow, seenBy: "process")
        encoder.encodeEvent(key: "title", value: "Grüße = 1")
        encoder.encodeEnd(.error, code: -3, message: "device 'hw:0' is gone")
        let bytes = unsafe Array(encoder.output.bytes)
        #expect(bytes.count % 8 == 0)
        #expect(PacketDecoder.looksLikeStream(bytes))

        var decoder = PacketDecoder()
        #expect(unsafe bytes.withUnsafeBytes { unsafe decoder.feed($0) } == bytes.count)
        guard case .format(description)? = try decoder.next() else { throw Unexpected() }
        guard case .audio(let audio)? = try decoder.next() else { throw Unexpected() }
        #expect(audio.position == 0 && audio.captureTime == 77 && audio.frames == 256 && audio.isChecked)
        #expect(unsafe Array(audio.payload.bindMemory(to: Int16.self)) == Array(1...512))
        guard case .silence(let silence)? = try decoder.next() else { throw Unexpected() }
        #expect(silence == SilencePacket(position: 256, captureTime: 78, frames: 1000))
        guard case .gap(let gap)? = try decoder.next() else { throw Unexpected() }
        #expect(gap == GapPacket(position: 1256, captureTime: nil, frames: 24, cause: .overflow, seenBy: "process"))
        guard case .event(let event)? = try decoder.next() else { throw Unexpected() }
        #expect(event == EventPacket(position: 1280, captureTime: nil, key: "title", value: "Grüße = 1"))
        guard case .end(let end)? = try decoder.next() else { throw Unexpected() }
        #expect(end.totalFrames == 1280 && end.lostFrames == 24 && end.reason == .error && end.code == -3)
        #expect(end.message == "device 'hw:0' is gone")
        if try decoder.next() != nil { throw Unexpected() }
        try decoder.finish()
    }
}
