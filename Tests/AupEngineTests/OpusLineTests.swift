import AupSound
import AupSystem
import AupWire
import Foundation
import Testing

@testable import AupEngine

/// A source that gives packets it was made of, one after the other.
@safe final class PacketList: PacketSource {
    enum Entry {
        case packet(Packet)
        case audio(position: Int64, frames: Int, bytes: [UInt8])
    }
    private var entries: ArraySlice<Entry>
    private let space = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    let ending = SessionEnding.done

    init(_ entries: [Entry]) { self.entries = entries[...] }
    deinit { unsafe space.deallocate() }

    func next() -> Packet? {
        switch entries.popFirst() {
        case nil: return nil
        case .packet(let packet)?: return packet
        case .audio(let position, let frames, let bytes)?:
            unsafe space.copyBytes(from: bytes)
            return .audio(
                unsafe AudioPacket(
                    position: position, captureTime: nil, frames: frames,
                    payload: UnsafeRawBufferPointer(rebasing: space[..<bytes.count])))
        }
    }
    func wait() {}
    func stop() {}
    func close() {}
}

/// A sink that keeps a stream so that it can be given again.
final class PacketKeeper: PacketSink {
    private(set) var entries: [PacketList.Entry] = []
    private(set) var times: [(position: Int64, time: Int64?)] = []

    func take(_ packet: Packet) throws(SessionFailure) {
        guard case .audio(let audio) = packet else { return entries.append(.packet(packet)) }
        times.append((audio.position, audio.captureTime))
        entries.append(.audio(position: audio.position, frames: audio.frames, bytes: unsafe Array(audio.payload)))
    }
    func flush() throws(SessionFailure) {}
}

/// Sound becomes packets of Opus at the end of one line, and sound again at the beginning of another.
@Suite struct `Opus in a line` {
    private let events = EventQueue(bell: Doorbell())

    private func description(_ format: SampleFormat, _ rate: Int, _ channels: Int = 1) throws -> StreamDescription {
        StreamDescription(try #require(PCMFormat(format, rate: rate, channels: channels)))
    }

    /// A tone of 440 Hz at half of full scale.
    private func tone(_ frames: Int, rate: Int, channels: Int = 1, from first: Int = 0) -> [UInt8] {
        let step = 2 * Double.pi * 440 / Double(rate)
        var samples: [Float] = []
        for frame in first..<(first + frames) {
            let value = Float(sin(Double(frame) * step) / 2)
            for _ in 0..<channels { samples.append(value) }
        }
        return unsafe samples.withUnsafeBytes { unsafe Array($0) }
    }

    private func floats(_ bytes: [UInt8]) -> [Float] {
        unsafe bytes.withUnsafeBytes { unsafe Array($0.assumingMemoryBound(to: Float.self)) }
    }

    /// How far two runs of samples are from each other, in decibels below the first one.
    private func distance(_ first: [Float], _ second: ArraySlice<Float>) -> Double {
        var (noise, signal) = (0.0, 0.0)
        for (one, other) in zip(first, second) {
            let error = Double(one) - Double(other)
            noise += error * error
            signal += Double(one) * Double(one)
        }
        return 10 * log10(noise / signal)
    }

    /// What comes out of an encoder's line for so many frames, taken in blocks of odd lengths.
    private func encoded(
        _ frames: Int, rate: Int, channels: Int = 1, settings: OpusSettings = OpusSettings()
    ) throws -> PacketKeeper {
        let keeper = PacketKeeper()
        let tail = OpusTail(settings, events: events, sink: keeper)
        try tail.take(.format(description(.f32, rate, channels)))
        var done = 0
        while done < frames {
            let count = min(1023, frames - done)
            try tail.take(
                audio: tone(count, rate: rate, channels: channels, from: done), frames: count, position: Int64(done))
            done += count
        }
        try tail.take(.end(EndPacket(totalFrames: Int64(frames), lostFrames: 0, reason: .normal)))
        return keeper
    }

    /// What a line makes of such packets, at the rate that the sound had.
    private func decoded(_ entries: [PacketList.Entry]) throws -> PacketRecorder {
        let recorder = PacketRecorder()
        let stage = RateStage(to: .original, next: recorder)
        let source = OpusDecodingSource(PacketList(entries), events: events)
        while let packet = source.next() { try stage.take(packet) }
        return recorder
    }

    @Test(arguments: [8000, 11_025, 16_000, 44_100, 48_000, 96_000, 192_000, 768_000], [0, 1, 959, 960, 961, 30_001])
    func `comes back at the length and rate that went in`(rate: Int, frames: Int) throws {
        let back = try decoded(encoded(frames, rate: rate).entries)
        #expect(back.totalFrames == Int64(frames))
        #expect(back.formats.last?.rate == rate)
        #expect(Bool(back.audioPositions == Array(0..<Int64(frames))))
    }

    @Test(arguments: [8000, 44_100, 48_000, 96_000]) func `comes back in time, and sounds alike`(rate: Int) throws {
        let back = floats(try decoded(encoded(rate, rate: rate).entries).bytes)
        let sent = floats(tone(rate, rate: rate))
        // Without the first and the last moments, which the codec and the resampler fade.
        let middle = rate / 10..<rate * 9 / 10
        #expect(distance(Array(sent[middle]), back[middle]) < -30)
    }

    /// Frames that the packets of a stream stand for.
    private func length(_ entries: [PacketList.Entry]) -> Int64 {
        entries.reduce(0) { sum, entry in
            guard case .audio(_, let frames, _) = entry else { return sum }
            return sum + Int64(frames)
        }
    }

    @Test(arguments: OpusSettings.rates, [11_025, 16_000, 44_100, 48_000, 96_000])
    func `may be encoded at a narrower rate, and is as long as the sound to the frame`(rate: Int, from: Int) throws {
        var settings = OpusSettings()
        settings.codingRate = rate
        settings.complexity = 0
        for frames in [1, 10_007, 10_008, 10_009, 10_010] {
            let entries = try encoded(frames, rate: from, settings: settings).entries
            #expect(length(entries) == Int64((Double(frames) * 48_000 / Double(from)).rounded()), "\(frames) frames")
            let back = try decoded(entries)
            #expect(back.totalFrames == Int64(frames), "\(frames) frames")
            #expect(back.formats.last?.rate == from)
        }
    }

    @Test(arguments: OpusSettings.frameSizes) func `has packets of the length that was asked for`(frameSize: Int) throws
    {
        var settings = OpusSettings()
        settings.frameSize = frameSize
        let keeper = try encoded(20_000, rate: 48_000, channels: 2, settings: settings)
        #expect(keeper.times.map(\.position).last.map { $0 <= 20_000 } == true)
        #expect(try decoded(keeper.entries).totalFrames == 20_000)
    }

    @Test func `fills gaps and silence, and tells the gaps`() throws {
        let keeper = PacketKeeper()
        let tail = OpusTail(OpusSettings(), events: events, sink: keeper)
        try tail.take(.format(description(.s16, 44_100, 2)))
        try tail.take(audio: Array(repeating: 0x11, count: 4000), frames: 1000)
        try tail.take(
            .gap(GapPacket(position: 1000, captureTime: nil, frames: 44_100, cause: .overflow, seenBy: "capture")))
        try tail.take(.silence(SilencePacket(position: 45_100, captureTime: nil, frames: 44_100)))
        try tail.take(.end(EndPacket(totalFrames: 0, lostFrames: 0, reason: .normal)))
        let back = try decoded(keeper.entries)
        #expect(back.totalFrames == 1000 + 2 * 44_100)
        #expect(back.gaps.isEmpty)
        #expect(back.events.count == 1)
        #expect(back.events.first?.hasPrefix("gap=44100 frames at 44100 Hz lost (overflow, seen by capture)") == true)
        let told = events.takeAll().compactMap { if case .happened(let event) = $0 { event.name } else { nil } }
        #expect(told == ["gap_filled"])
    }

    @Test func `that was decoded comes back to its rate with silence and gaps of their length, in their places`() throws
    {
        var entries = try encoded(44_100, rate: 44_100).entries
        // Half a second without sound, and half a second that is lost, behind the 10th packet.
        for packet in [
            Packet.silence(SilencePacket(position: 9288, captureTime: nil, frames: 24_000)),
            .gap(GapPacket(position: 33_288, captureTime: nil, frames: 24_000, cause: .network, seenBy: "")),
        ].reversed() { entries.insert(.packet(packet), at: 11) }
        let recorder = PacketRecorder()
        let rate = RateStage(to: .original, next: recorder)
        let head = FillStage(events: events, where: rate.changes, next: rate)
        let source = OpusDecodingSource(PacketList(entries), events: events)
        while let packet = source.next() { try head.take(packet) }
        #expect(recorder.totalFrames == 2 * 44_100)
        let isInOrder = recorder.audioPositions == Array(0..<Int64(2 * 44_100))
        #expect(isInOrder)
        // The tone stops where the silence begins, and goes on behind the gap.
        let sound = floats(recorder.bytes)
        func power(_ seconds: Range<Double>) -> Float {
            let part = sound[Int(seconds.lowerBound * 44_100)..<Int(seconds.upperBound * 44_100)]
            return part.reduce(0) { $0 + $1 * $1 } / Float(part.count)
        }
        #expect(power(0.1..<0.18) > 0.1)
        #expect(power(0.22..<0.68) < 0.001)
        #expect(power(0.9..<1.18) < 0.001)
        #expect(power(1.3..<1.9) > 0.1)
    }

    @Test func `whose rate stays keeps its gaps and its silence as they are`() throws {
        let recorder = PacketRecorder()
        let rate = RateStage(to: .rate(48_000), next: recorder)
        let head = FillStage(events: events, where: rate.changes, next: rate)
        try head.take(.format(description(.s16, 48_000)))
        try head.take(.silence(SilencePacket(position: 0, captureTime: nil, frames: 10)))
        try head.take(.gap(GapPacket(position: 10, captureTime: nil, frames: 10, cause: .overflow, seenBy: "")))
        #expect(recorder.story == ["format", "silence 10", "gap 10"])
        #expect(events.takeAll().isEmpty)
    }

    @Test(arguments: [false, true]) func `keeps what happened at its place in the sound`(looksAhead: Bool) throws {
        var settings = OpusSettings()
        settings.looksAhead = looksAhead
        settings.complexity = 5
        let recorder = PacketRecorder()
        let tail = OpusTail(settings, events: events, sink: recorder)
        try tail.take(.format(description(.f32, 48_000)))
        func note(_ frame: Int64) throws {
            try tail.take(.event(EventPacket(position: frame, captureTime: nil, key: "mark", value: "\(frame)")))
        }
        // A title is there before the first sound.
        try note(0)
        #expect(recorder.story == ["format", "event mark"])
        for block in 0..<300 {
            try tail.take(
                audio: tone(480, rate: 48_000, from: block * 480), frames: 480, position: Int64(block * 480))
            if block == 99 { try note(48_000) }
            if block == 199 { try note(96_000) }
        }
        try note(144_000)
        try tail.take(.end(EndPacket(totalFrames: 144_000, lostFrames: 0, reason: .normal)))
        #expect(recorder.totalFrames == 144_000)
        #expect(recorder.events.count == 4)
        for (index, told) in recorder.events.enumerated() {
            // In front of the packet in which it is.
            let (due, place) = (Int64(index) * 48_000, Int64(told.split(separator: "@").last ?? "") ?? -1)
            #expect(place <= due && place > due - 960, "\(told)")
        }
        #expect(recorder.story.suffix(2) == ["event mark", "end normal"])
    }

    @Test func `that is Opus already follows sound whole, and sound follows it`() throws {
        let entries = try encoded(20_000, rate: 48_000).entries
        let keeper = PacketKeeper()
        let tail = OpusTail(OpusSettings(), events: events, sink: keeper)
        func giveSound() throws {
            try tail.take(.format(description(.f32, 44_100)))
            try tail.take(audio: tone(44_100, rate: 44_100), frames: 44_100)
        }
        try giveSound()
        let source = PacketList(entries)
        while let packet = source.next() {
            if case .end = packet { break }
            try tail.take(packet)
        }
        try giveSound()
        try tail.take(.end(EndPacket(totalFrames: 0, lostFrames: 0, reason: .normal)))
        #expect(length(keeper.entries) == 48_000 + 20_000 + 48_000)
        let back = try decoded(keeper.entries)
        #expect(back.formats.map(\.rate) == [44_100, 48_000, 44_100])
        #expect(back.totalFrames == 44_100 + 20_000 + 44_100)
    }

    @Test func `goes on in another format with a new encoder, and every frame is there`() throws {
        let keeper = PacketKeeper()
        let tail = OpusTail(OpusSettings(), events: events, sink: keeper)
        for (rate, channels, frames) in [(44_100, 2, 5000), (48_000, 1, 7000), (96_000, 2, 3001)] {
            try tail.take(.format(description(.f32, rate, channels)))
            try tail.take(audio: tone(frames, rate: rate, channels: channels), frames: frames)
        }
        try tail.take(.end(EndPacket(totalFrames: 0, lostFrames: 0, reason: .normal)))
        let back = try decoded(keeper.entries)
        #expect(back.formats.map(\.rate) == [44_100, 48_000, 96_000])
        #expect(back.totalFrames == 5000 + 7000 + 3001)
    }

    @Test func `knows when each packet's sound was captured`() throws {
        let keeper = PacketKeeper()
        let tail = OpusTail(OpusSettings(), events: events, sink: keeper)
        var live = try description(.f32, 44_100)
        (live.isLive, live.clock) = (true, .monotonicOfThisBoot)
        try tail.take(.format(live))
        let start: Int64 = 5_000_000_000
        for block in 0..<100 {
            let bytes = tone(441, rate: 44_100, from: block * 441)
            try unsafe bytes.withUnsafeBytes { bytes throws in
                try tail.take(
                    .audio(
                        unsafe AudioPacket(
                            position: Int64(block * 441), captureTime: start + Int64(block) * 10_000_000, frames: 441,
                            payload: bytes)))
            }
        }
        #expect(keeper.times.count > 40)
        for (position, time) in keeper.times {
            let due = start + position * 1_000_000_000 / 48_000
            #expect(abs((time ?? 0) - due) < 100_000)
        }
    }

    @Test func `says what it adds to the way of a frame`() throws {
        var settings = OpusSettings()
        settings.frameSize = 240
        settings.application = .lowdelay
        let tail = OpusTail(settings, events: events, sink: PacketRecorder())
        try tail.take(.format(description(.f32, 48_000)))
        // 5 ms of the packet and 2.5 ms that the codec looks ahead.
        #expect(tail.status.delayNanoseconds == 7_500_000)
        try tail.take(audio: tone(48_000, rate: 48_000), frames: 48_000)
        #expect(tail.status.packets == 200)
        #expect(tail.status.frames == 48_000 - 120)
        #expect(tail.status.bytes > 0)
    }

    @Test(arguments: OpusSettings.frameSizes)
    func `holds back a packet and what the codec looks ahead, and no frame more`(
        frameSize: Int
    ) throws {
        var settings = OpusSettings()
        settings.frameSize = frameSize
        let recorder = PacketRecorder()
        let tail = OpusTail(settings, events: events, sink: recorder)
        try tail.take(.format(description(.f32, 48_000)))
        var most: Int64 = 0
        for block in 0..<400 {
            try tail.take(audio: tone(48, rate: 48_000, from: block * 48), frames: 48, position: Int64(block * 48))
            most = max(most, Int64(block + 1) * 48 - recorder.totalFrames)
        }
        let delay = Int64(frameSize + 312)
        #expect(most <= delay)
        #expect(tail.status.delayNanoseconds == delay * 1_000_000_000 / 48_000)
    }

    // MARK: - What is wrong with a stream

    private func stream(_ change: (inout [PacketList.Entry]) -> Void) throws -> PacketRecorder {
        var entries = try encoded(48_000, rate: 48_000).entries
        change(&entries)
        return try decoded(entries)
    }

    private func told() -> [String] {
        events.takeAll().map { event in
            switch event {
            case .gap(let position, let frames, let cause, _): "gap \(position) \(frames) \(cause.name)"
            case .warning(let text): text
            default: "other"
            }
        }
    }

    @Test func `is guessed where a little of it was lost, and told`() throws {
        let back = try stream { entries in
            // The format is the first entry.
            guard case .audio(let position, let frames, _) = entries[11] else { return }
            entries[11] = .packet(
                .gap(
                    GapPacket(
                        position: position, captureTime: nil, frames: Int64(frames), cause: .network, seenBy: "stream"))
            )
        }
        #expect(back.totalFrames == 48_000)
        #expect(back.gaps.isEmpty)
        #expect(told() == ["gap 9288 960 network"])
    }

    @Test func `is a gap where more was lost than can be guessed`() throws {
        let back = try stream { entries in
            guard case .audio(let position, _, _) = entries[11] else { return }
            entries.removeSubrange(11..<21)
            entries.insert(
                .packet(
                    .gap(GapPacket(position: position, captureTime: nil, frames: 9600, cause: .network, seenBy: ""))),
                at: 11)
        }
        #expect(back.totalFrames == 48_000)
        #expect(back.gaps.map(\.frames) == [9600 - 5760])
        #expect(told() == ["gap 9288 5760 network"])
    }

    @Test func `keeps its length where packets are damaged, and tells the first`() throws {
        let back = try stream { entries in
            for index in [5, 6, 20] {
                guard case .audio(let position, let frames, _) = entries[index] else { continue }
                // A packet with a count of frames, which is 63.
                entries[index] = .audio(position: position, frames: frames, bytes: [0xFF, 0xFF, 0xFF])
            }
        }
        #expect(back.totalFrames == 48_000)
        let words = told()
        #expect(words.count == 1)
        #expect(words.first?.hasPrefix("frame 3528: an Opus packet cannot be decoded") == true)
    }

    @Test func `has silence where a packet holds less than it says`() throws {
        let back = try stream { entries in
            guard case .audio(let position, let frames, let bytes) = entries[30] else { return }
            entries[30] = .audio(position: position, frames: frames + 100, bytes: bytes)
        }
        #expect(back.totalFrames == 48_100)
        #expect(back.story.contains("silence 100"))
    }

    @Test func `refuses sound it cannot take with its reason`() throws {
        var settings = OpusSettings()
        settings.bitsPerSecond = 400
        let tail = OpusTail(settings, events: events, sink: PacketRecorder())
        let failure = #expect(throws: SessionFailure.self) { try tail.take(.format(description(.f32, 48_000, 2))) }
        guard case .before(.failed(let message))? = failure else { return #expect(Bool(false)) }
        #expect(message == "Opus does not take 400 bit/s for 2 channels: it takes 1000 to 512000")
    }
}
