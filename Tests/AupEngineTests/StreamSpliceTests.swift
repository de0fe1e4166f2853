import AupSound
import AupWire
import Testing

@testable import AupEngine

/// Streams that become one.
@Suite struct `A splice` {
    private let second: Int64 = 1_000_000_000
    private let bytes = [UInt8](repeating: 1, count: 4 * 4800)

    private func format(_ rate: Int = 48_000, source: String = "a") throws -> Packet {
        .format(
            StreamDescription(try #require(PCMFormat(.s16, rate: rate, channels: 2)), isLive: true, source: source))
    }

    private func silence(_ position: Int64, _ frames: Int64) -> Packet {
        .silence(SilencePacket(position: position, captureTime: nil, frames: frames))
    }

    /// What comes out of it: words with places.
    private func words(_ result: StreamSplice.Result) -> [String] {
        func word(_ packet: Packet) -> String {
            switch packet {
            case .format: "format"
            case .silence(let silence): "\(silence.position)+\(silence.frames)"
            case .gap(let gap): "gap \(gap.position)+\(gap.frames)"
            case .event(let event): "\(event.key)@\(event.position)"
            default: "?"
            }
        }
        switch result {
        case .nothing: return []
        case .packet(let packet): return [word(packet)]
        case .gap(let gap, let packet): return [word(.gap(gap)), word(packet)]
        case .tooLong: return ["too long"]
        }
    }

    @Test func `counts on from wherever a stream was joined`() throws {
        var splice = StreamSplice()
        splice.begin(.elapsed)
        #expect(words(splice.take(try format(), now: 0)) == ["format"])
        #expect(words(splice.take(silence(9600, 480), now: 0)) == ["0+480"])
        #expect(words(splice.take(silence(10_080, 480), now: 0)) == ["480+480"])
        #expect(splice.position == 960)
    }

    @Test func `of one that was joined again misses what its own count says`() throws {
        var splice = StreamSplice()
        _ = splice.take(try format(), now: 0)
        _ = splice.take(silence(1000, 480), now: 0)
        splice.begin(.counted)
        #expect(words(splice.take(try format(), now: second)).isEmpty)
        #expect(words(splice.take(silence(2480, 480), now: second)) == ["gap 480+1000", "1480+480"])
        #expect(words(splice.take(silence(2960, 480), now: second)) == ["1960+480"])
        #expect(splice.lostFrames == 1000)
        // Nothing was missed: there is no gap of nothing.
        splice.begin(.counted)
        #expect(words(splice.take(silence(3440, 10), now: second)) == ["2440+10"])
    }

    @Test func `of another one after a loss misses the time that passed`() throws {
        var splice = StreamSplice()
        _ = splice.take(try format(), now: 0)
        _ = splice.take(silence(0, 480), now: 0)
        splice.begin(.elapsed)
        #expect(words(splice.take(try format(source: "b"), now: second)) == ["format"])
        #expect(words(splice.take(silence(0, 480), now: 2 * second)) == ["gap 480+96000", "96480+480"])
    }

    @Test func `of another one after an end misses nothing, and counts at the new rate`() throws {
        var splice = StreamSplice()
        _ = splice.take(try format(), now: 0)
        _ = splice.take(silence(0, 480), now: 0)
        splice.begin(.seamless)
        #expect(words(splice.take(try format(44_100), now: 100 * second)) == ["format"])
        #expect(words(splice.take(silence(77, 441), now: 100 * second)) == ["480+441"])
        #expect(splice.lostFrames == 0)
        // Behind it a loss is counted at that rate.
        splice.begin(.elapsed)
        #expect(words(splice.take(silence(0, 1), now: 101 * second)) == ["gap 921+44100", "45021+1"])
    }

    @Test func `does not trust the count of a stream that was never heard`() throws {
        var splice = StreamSplice()
        _ = splice.take(try format(), now: 0)
        _ = splice.take(silence(0, 480), now: 0)
        // Another stream, which is lost before its first sound, and joined again.
        splice.begin(.elapsed)
        splice.begin(.counted)
        #expect(words(splice.take(silence(1_000_000, 480), now: second)) == ["gap 480+48000", "48480+480"])
    }

    @Test func `repeats the format of a codec, whose decoder begins anew`() throws {
        let opus = try #require(OpusConfiguration(channels: 2, preSkipFrames: 312, frameSize: 960))
        let packet = Packet.format(StreamDescription(coding: .opus(opus), isLive: true))
        var splice = StreamSplice()
        #expect(words(splice.take(packet, now: 0)) == ["format"])
        _ = splice.take(silence(0, 480), now: 0)
        splice.begin(.seamless)
        #expect(words(splice.take(packet, now: 0)) == ["format"])
        // It was not heard before it was joined again.
        splice.begin(.counted)
        #expect(words(splice.take(packet, now: 0)) == ["format"])
        // The same stream goes on with the decoder that there is.
        _ = splice.take(silence(480, 480), now: 0)
        splice.begin(.counted)
        #expect(words(splice.take(packet, now: 0)).isEmpty)
    }

    @Test func `takes nothing past the last frame that a stream can have`() throws {
        var splice = StreamSplice()
        _ = splice.take(try format(), now: 0)
        _ = splice.take(silence(0, WireLimits.position - 10), now: 0)
        splice.begin(.seamless)
        #expect(words(splice.take(silence(0, 11), now: 0)) == ["too long"])
        #expect(words(splice.take(silence(0, WireLimits.position), now: 0)) == ["too long"])
        // It may still hear what fits.
        #expect(words(splice.take(silence(0, 10), now: 0)) == ["\(WireLimits.position - 10)+10"])
        splice.begin(.elapsed)
        #expect(words(splice.take(silence(0, 1), now: second)) == ["too long"])
        #expect(splice.position == WireLimits.position)
    }

    @Test func `puts events where the sound is`() throws {
        var splice = StreamSplice()
        _ = splice.take(try format(), now: 0)
        _ = splice.take(silence(5000, 480), now: 0)
        let event = EventPacket(position: 5480, captureTime: nil, key: "mark", value: "x")
        #expect(words(splice.take(.event(event), now: 0)) == ["mark@480"])
    }
}

/// Who is told of what at a door, on a clock of its own.
@Suite struct `A door in need` {
    @Test func `says once a minute that no descriptor is left`() {
        var pause = DoorPause()
        #expect(!pause.isOn(0))
        let first = pause.begin(0)
        #expect(first)
        #expect(pause.isOn(DoorPause.nanoseconds - 1))
        #expect(!pause.isOn(DoorPause.nanoseconds))
        let told = [DoorPause.nanoseconds, 59_000_000_000, 60_000_000_000].map { pause.begin($0) }
        #expect(told == [false, false, true])
    }

    @Test func `tells of eight in ten seconds, however many are turned away`() {
        var knocks = KnockBudget()
        let second: Int64 = 1_000_000_000
        let told = (0..<10_000).count { _ in knocks.admits(5 * second) }
        #expect(told == 8)
        let (before, after) = (knocks.admits(14 * second), knocks.admits(15 * second))
        #expect(!before && after)
    }
}
