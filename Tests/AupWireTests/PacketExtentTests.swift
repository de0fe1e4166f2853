import AupSound
import AupWire
import Testing

@Suite struct `The packets of a run` {
    private func run(_ description: StreamDescription, _ fill: (inout PacketEncoder) -> Void) -> [PacketExtent] {
        var encoder = PacketEncoder(checksAudio: true)
        encoder.encodeFormat(description)
        encoder.output.removeAll()
        fill(&encoder)
        return unsafe PacketExtent.all(in: encoder.output.bytes, of: description)
    }

    @Test func `have their frames and their bytes, whatever they are`() throws {
        let pcm = StreamDescription(try #require(PCMFormat(.s24Packed, rate: 48_000, channels: 3)))
        let found = run(pcm) { encoder in
            unsafe [UInt8](repeating: 1, count: 9 * 7).withUnsafeBytes {
                unsafe encoder.encodeAudio(captureTime: nil, payload: $0)
            }
            encoder.encodeSilence(frames: 1 << 40)
            encoder.encodeGap(frames: 5, cause: .network, seenBy: "a test")
            encoder.encodeEvent(key: "x", value: "y")
        }
        #expect(found.map(\.frames) == [7, 1 << 40, 5, 0])
        #expect(found.map(\.isGap) == [false, false, true, false])
        #expect(found.map(\.bytes) == [104, 48, 64, 40])
        let coding = try #require(OpusConfiguration(channels: 1, preSkipFrames: 0, frameSize: 960))
        let opus = run(StreamDescription(coding: .opus(coding))) { encoder in
            unsafe [0xFC, 1, 2].withUnsafeBytes { unsafe encoder.encodeOpus(captureTime: nil, frames: 648, packet: $0) }
        }
        #expect(opus.map(\.frames) == [648])
    }

    @Test func `end where the last whole one does`() throws {
        let pcm = StreamDescription(try #require(PCMFormat(.s16, rate: 8000, channels: 1)))
        var encoder = PacketEncoder(checksAudio: true)
        encoder.encodeFormat(pcm)
        encoder.output.removeAll()
        for _ in 0..<3 { encoder.encodeSilence(frames: 9) }
        let bytes = unsafe Array(encoder.output.bytes)
        for count in 0...bytes.count {
            let found = unsafe bytes[..<count].withUnsafeBytes { unsafe PacketExtent.all(in: $0, of: pcm) }
            #expect(found.count == count / 48)
        }
    }
}
