import AupSound
import AupSystem
import AupWire
import Testing

@testable import AupEngine

@Suite struct Stages {
    private let stereo = PCMFormat(.s16, rate: 48_000, channels: 2)!

    private func bytes(_ samples: [Int16]) -> [UInt8] {
        samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    }

    @Test func `a duration cuts sound, silence and gaps to the frame`() throws {
        let recorder = PacketRecorder()
        let limit = DurationLimit(.frames(10), next: recorder)
        try limit.take(.format(StreamDescription(stereo)))
        try limit.take(audio: bytes(Array(1...8)), frames: 4)
        try limit.take(.gap(GapPacket(position: 4, captureTime: nil, frames: 3, cause: .xrun, seenBy: "")))
        #expect(!limit.isReached)
        try limit.take(.silence(SilencePacket(position: 7, captureTime: nil, frames: 100)))
        #expect(limit.isReached)
        try limit.take(audio: bytes(Array(1...8)), frames: 4)
        #expect(recorder.story == ["format", "audio 4", "gap 3", "silence 3"])
    }

    @Test func `a duration of nothing lets only the format through`() throws {
        let recorder = PacketRecorder()
        let limit = DurationLimit(.frames(0), next: recorder)
        try limit.take(.format(StreamDescription(stereo)))
        #expect(limit.isReached)
        #expect(recorder.story == ["format"])
    }

    @Test func `a conversion says its format and keeps every sample`() throws {
        let recorder = PacketRecorder()
        let stage = ConversionStage(to: .s32, next: recorder)
        try stage.take(.format(StreamDescription(stereo)))
        try stage.take(audio: bytes([1, -1, 32767, -32768]), frames: 2)
        #expect(recorder.formats.map(\.sampleFormat) == [.s32])
        #expect(recorder.bytes == [0, 0, 1, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0x7F, 0, 0, 0, 0x80])
        #expect(stage.clippedSamples == 0)
    }

    @Test func `clipped samples are counted where they clip`() throws {
        let recorder = PacketRecorder()
        let stage = ConversionStage(to: .s16, next: recorder)
        try stage.take(.format(StreamDescription(PCMFormat(.f32, rate: 48_000, channels: 1)!)))
        // 1.5 as a float, little endian.
        let loud: [UInt8] = [0, 0, 0xC0, 0x3F]
        try stage.take(audio: loud + loud, frames: 2)
        #expect(stage.clippedSamples == 2)
        #expect(recorder.bytes == [0xFF, 0x7F, 0xFF, 0x7F])
    }

    @Test func `levels are seen and nothing is touched`() throws {
        let recorder = PacketRecorder()
        let tap = LevelTap(next: recorder)
        #expect(tap.peakDecibels == nil)
        try tap.take(.format(StreamDescription(stereo)))
        try tap.take(audio: bytes([0, 0, -16384, 100]), frames: 2)
        #expect(abs((tap.peakDecibels ?? 0) + 6.0206) < 0.001)
        #expect(recorder.bytes == bytes([0, 0, -16384, 100]))
    }

    @Test func `an endpoint is what it looks like, and an unknown scheme is named`() throws {
        #expect(try Endpoint("-") == .standardStream)
        #expect(try Endpoint("alsa:hw:0,0") == .device("hw:0,0"))
        #expect(try Endpoint("sim:sine?freq=3") == .device("sim:sine?freq=3"))
        #expect(try Endpoint("a:b.wav") == .file("a:b.wav"))
        #expect(try Endpoint("tcp:host:1") == .network("tcp:host:1"))
        #expect(throws: Endpoint.UnknownScheme.self) { try Endpoint("icecast:") }
        #expect(throws: Endpoint.UnknownScheme.self) { try Endpoint("alsa:") }
        #expect(Endpoint.UnknownScheme(word: "unix:").message == "endpoint 'unix:': a path is missing behind it")
    }
}
