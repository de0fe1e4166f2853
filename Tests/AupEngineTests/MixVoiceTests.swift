import AupSound
import AupSystem
import AupWire
import Testing

@testable import AupEngine

/// One sender's part of a mix, on a clock of its own.
@Suite struct `A voice of a mix` {
    private let target = PCMFormat(.f32, rate: 48_000, channels: 2)!

    private func voice() -> MixVoice {
        let sender = Sender(.standardInput, name: "a test", firstBytes: [], stream: nil, now: 0)
        let inner = StreamSource(.standardInput, name: "a test", firstBytes: [], stop: StopRequest())
        return MixVoice(
            sender, source: OpusDecodingSource(inner, events: EventQueue(bell: Doorbell())), target: target)
    }

    private func format(_ rate: Int = 48_000, _ channels: Int = 2, isLive: Bool = false) throws -> Packet {
        .format(StreamDescription(try #require(PCMFormat(.f32, rate: rate, channels: channels)), isLive: isLive))
    }

    /// Gives it so many frames of a constant.
    private func give(_ voice: MixVoice, _ value: Float, frames: Int, channels: Int = 2, now: Int64 = 0) {
        let samples = [Float](repeating: value, count: frames * channels)
        unsafe samples.withUnsafeBytes {
            voice.take(
                .audio(unsafe AudioPacket(position: 0, captureTime: nil, frames: frames, payload: $0)), now: now)
        }
    }

    private func block(_ voice: MixVoice, due: Int64 = 0) -> (isHeard: Bool, samples: [Float]) {
        var samples = [Float](repeating: 0, count: 960)
        let isHeard = voice.add(to: &samples, frames: 480, due: due)
        return (isHeard, samples)
    }

    @Test func `begins when a cushion has come together, and is not counted silent before`() throws {
        let voice = voice()
        voice.take(try format(), now: 0)
        give(voice, 0.5, frames: 480)
        #expect(!block(voice).isHeard)
        #expect(voice.starvedFrames == 0)
        give(voice, 0.5, frames: 2400)
        let heard = block(voice)
        #expect(heard.isHeard)
        #expect(heard.samples.allSatisfy { $0 == 0.5 })
    }

    @Test func `is added, beyond full scale too`() throws {
        let (one, other) = (voice(), voice())
        for voice in [one, other] {
            voice.take(try format(), now: 0)
            give(voice, 0.75, frames: 4800)
        }
        var sum = [Float](repeating: 0, count: 960)
        #expect(one.add(to: &sum, frames: 480, due: 0))
        #expect(other.add(to: &sum, frames: 480, due: 0))
        #expect(sum.allSatisfy { $0 == 1.5 })
    }

    @Test func `that starves is silence, counted to the frame, and comes back with a cushion`() throws {
        let voice = voice()
        voice.take(try format(), now: 0)
        give(voice, 1, frames: 2880)
        for _ in 0..<6 { #expect(block(voice).isHeard) }
        give(voice, 1, frames: 100)
        let torn = block(voice)
        #expect(torn.samples.count { $0 == 1 } == 200)
        #expect(voice.starvedFrames == 380)
        #expect(!block(voice).isHeard)
        #expect(voice.starvedFrames == 860)
        give(voice, 1, frames: 2880)
        #expect(block(voice).isHeard)
        #expect(voice.starvedFrames == 860)
        #expect(voice.heardFrames == 2880 + 100 + 480)
    }

    @Test func `that ends gives what it has, and starves no more`() throws {
        let voice = voice()
        voice.take(try format(), now: 0)
        give(voice, 1, frames: 500)
        voice.take(.end(EndPacket(totalFrames: 500, lostFrames: 0, reason: .normal)), now: 0)
        #expect(block(voice).samples.allSatisfy { $0 == 1 })
        #expect(block(voice).samples.count { $0 == 1 } == 40)
        #expect(voice.isSpent)
        #expect(voice.starvedFrames == 0)
    }

    @Test func `of another rate and other channels becomes the mix's`() throws {
        let voice = voice()
        voice.take(try format(44_100, 1), now: 0)
        for _ in 0..<10 { give(voice, 0.5, frames: 4410, channels: 1) }
        voice.take(.end(EndPacket(totalFrames: 44_100, lostFrames: 0, reason: .normal)), now: 0)
        #expect(voice.complaint == nil)
        var frames = 0
        var middle = [Float]()
        for turn in 0..<200 where !voice.isSpent {
            let heard = block(voice)
            if turn == 50 { middle = heard.samples }
            frames += 480
        }
        // A second of it is a second of the mix.
        #expect(frames == 48_000)
        #expect(middle.count == 960 && middle.allSatisfy { abs($0 - 0.5) < 0.01 })
    }

    @Test func `that is live and comes in a burst is cut back to its cushion, and counted`() throws {
        let voice = voice()
        voice.take(try format(isLive: true), now: 0)
        for _ in 0..<10 { give(voice, 1, frames: 4800) }
        #expect(voice.queuedFrames <= 24_000)
        #expect(voice.skippedFrames + Int64(voice.queuedFrames) == 48_000)
    }

    @Test func `that is not live is read no further than what may wait`() throws {
        let voice = voice()
        voice.take(try format(), now: 0)
        #expect(voice.hasRoom)
        for _ in 0..<6 { give(voice, 1, frames: 4800) }
        #expect(!voice.hasRoom)
        #expect(voice.skippedFrames == 0)
    }

    @Test func `whose clock is fast is followed, so that nothing of it is left out`() throws {
        let voice = voice()
        voice.take(try format(isLive: true), now: 0)
        // 300 millionths fast: ten milliseconds of it come in 9.997.
        let second: Int64 = 1_000_000_000
        var sent: Int64 = 0
        for turn in 0..<12_000 {
            let due = Int64(turn) * second / 100
            while sent * 9_997_000 <= due + 9_997_000 {
                give(voice, 1, frames: 480, now: sent * 9_997_000)
                sent += 1
            }
            _ = block(voice, due: due)
        }
        #expect(voice.skippedFrames < 480)
        #expect(voice.starvedFrames == 0)
        // Two minutes at 300 millionths are 36 ms; without a resampler they would have come together in the queue.
        #expect(voice.queuedFrames < 4800)
    }

    @Test(arguments: [false, true])
    func `of a packet that holds minutes makes no more than may wait`(isLive: Bool) throws {
        let voice = voice()
        let format = try #require(PCMFormat(.u8, rate: 1000, channels: 1))
        voice.take(.format(StreamDescription(format, isLive: isLive)), now: 0)
        let bytes = [UInt8](repeating: 128, count: 1 << 20)
        unsafe bytes.withUnsafeBytes {
            voice.take(
                .audio(unsafe AudioPacket(position: 0, captureTime: nil, frames: bytes.count, payload: $0)), now: 0)
        }
        // Half a second, and what goes in at once.
        #expect(voice.queuedFrames < 48_000)
        guard !isLive else { return }
        #expect(!voice.hasRoom)
        voice.take(.end(EndPacket(totalFrames: 1 << 20, lostFrames: 0, reason: .normal)), now: 0)
        // All of it is heard in its time.
        for _ in 0..<200_000 where !voice.isSpent { _ = block(voice) }
        #expect(voice.isSpent)
        #expect(abs(voice.heardFrames - Int64(bytes.count) * 48) < 48)
        #expect(voice.starvedFrames == 0)
    }
}
