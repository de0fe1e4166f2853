import AupSound
import AupSystem
import AupWire
import Foundation
import TestSupport
import Testing

@testable import AupEngine

@Suite struct `The keys of a player` {
    private func commands(_ text: String) -> [PlaybackCommand] {
        var keys = PlaybackKeys()
        return keys.take(Array(text.utf8))
    }

    @Test func `are mpv's`() {
        #expect(commands(" ") == [.togglePause])
        #expect(commands("\u{1B}[C\u{1B}[D\u{1B}[A\u{1B}[B") == [.seek(5), .seek(-5), .seek(60), .seek(-60)])
        #expect(commands("\u{1B}OC\u{1B}[1;2D") == [.seek(5), .seek(-5)])
        #expect(commands("n>\rp<q") == [.nextFile, .nextFile, .nextFile, .previousFile, .previousFile, .quit])
    }

    @Test func `an arrow may come in pieces, and what is no key does nothing`() {
        var keys = PlaybackKeys()
        #expect(keys.take([0x1B]) == [])
        #expect(keys.take([0x5B]) == [])
        #expect(keys.take([0x43]) == [.seek(5)])
        #expect(commands("xyz\u{04}é\u{1B}[3~\u{1B}[200~") == [])
        #expect(commands("\u{1B}q") == [.quit])
    }
}

@Suite struct `The time line of a player` {
    private func item(_ index: Int, rate: Int = 48_000) -> PlaybackTimeline.Item {
        PlaybackTimeline.Item(index: index, file: "\(index)", title: nil, totalFrames: 480_000, rate: rate)
    }

    @Test func `what is heard lies before what is produced, over a border and another rate`() {
        var line = PlaybackTimeline()
        line.mark(item(0), frame: 1000)
        line.produce(frames: 48_000)
        line.mark(item(1, rate: 44_100), frame: 0)
        line.produce(frames: 22_050)
        #expect(line.produced == 1_500_000_000)
        #expect(line.place(unheard: 0) == .init(item: item(1, rate: 44_100), frame: 22_050))
        #expect(line.place(unheard: 250_000_000) == .init(item: item(1, rate: 44_100), frame: 11_025))
        #expect(line.place(unheard: 1_000_000_000) == .init(item: item(0), frame: 25_000))
        // A lead-in is heard before the first frame.
        #expect(line.place(unheard: 9_000_000_000) == .init(item: item(0), frame: 1000))
    }

    @Test func `what was thrown away was never there`() {
        var line = PlaybackTimeline()
        line.mark(item(0), frame: 0)
        line.produce(frames: 48_000)
        line.mark(item(1), frame: 0)
        line.produce(frames: 24_000)
        line.takeBack(nanoseconds: 750_000_000)
        #expect(line.produced == 750_000_000)
        #expect(line.place(unheard: 0) == .init(item: item(0), frame: 36_000))
        line.mark(item(0), frame: 240_000)
        line.produce(frames: 4800)
        #expect(line.produced == 850_000_000)
        // The last of what the device had is heard first.
        #expect(line.place(unheard: 200_000_000) == .init(item: item(0), frame: 31_200))
        #expect(line.place(unheard: 50_000_000) == .init(item: item(0), frame: 242_400))
    }

    @Test func `hours of single frames drift by nothing`() {
        var line = PlaybackTimeline()
        line.mark(item(0, rate: 44_100), frame: 0)
        for _ in 0..<44_100 { line.produce(frames: 7) }
        #expect(line.produced == 7_000_000_000)
    }

    @Test func `a level is shown when it is heard`() {
        var line = PlaybackTimeline()
        line.mark(item(0), frame: 0)
        for step in 1...4 {
            line.produce(frames: 4800)
            line.note(peak: Float(step))
        }
        #expect(line.peak(unheard: 0) == 4)
        #expect(line.peak(unheard: 250_000_000) == 2)
        #expect(line.peak(unheard: 400_000_000) == 1)
    }
}

@Suite struct `A duration` {
    @Test func `stays the same time where the rate changes, and the same frames where frames were meant`() throws {
        for (text, expected) in [("1s", Int64(24_000 + 48_000)), ("40000f", Int64(40_000))] {
            let recorder = PacketRecorder()
            let limit = DurationLimit(try #require(TimeSpan(text)), next: recorder)
            try limit.take(.format(StreamDescription(PCMFormat(.u8, rate: 48_000, channels: 1)!)))
            try limit.take(.silence(SilencePacket(position: 0, captureTime: nil, frames: 24_000)))
            try limit.take(.format(StreamDescription(PCMFormat(.u8, rate: 96_000, channels: 1)!)))
            try limit.take(.silence(SilencePacket(position: 24_000, captureTime: nil, frames: 200_000)))
            #expect(recorder.totalFrames == expected)
            #expect(limit.isReached)
        }
    }
}

@Suite struct `A playing order` {
    /// A WAV file of one channel in which each frame is its own number.
    private func ramp(_ scratch: Scratch, _ name: String, _ frames: Range<Int>, rate: Int = 48_000) throws {
        let count = frames.count * 2
        var bytes = Array("RIFF".utf8) + little(count + 36, 4) + Array("WAVEfmt ".utf8) + little(16, 4)
        bytes += little(1, 2) + little(1, 2) + little(rate, 4) + little(rate * 2, 4) + little(2, 2) + little(16, 2)
        bytes += Array("data".utf8) + little(count, 4)
        for frame in frames { bytes += little(frame, 2) }
        try Data(bytes).write(to: scratch.folder.appending(path: name))
    }

    private func little(_ value: Int, _ width: Int) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private struct Played {
        var recorder = PacketRecorder()
        var ending = SessionEnding.done
        var warnings: [String] = []
        var samples: [Int] {
            stride(from: 0, to: recorder.bytes.count, by: 2).map {
                Int(recorder.bytes[$0]) | Int(recorder.bytes[$0 + 1]) << 8
            }
        }
    }

    private func play(
        _ words: [String], start: String? = nil, passes: Int? = 1,
        jumps: [Int: [PlaybackControls.Jump]] = [:]
    ) throws -> Played {
        var playlist = PlaylistConfiguration(words)
        playlist.start = try start.map { try #require(TimeSpan($0)) }
        playlist.passes = passes
        let events = EventQueue(bell: Doorbell())
        let configuration = SessionConfiguration(command: "play", input: .file("x"), outputs: [.device("sim:null")])
        let source = try PlaylistSource(playlist, configuration, stop: StopRequest(), events: events)
        defer { source.close() }
        var played = Played()
        var packets = 0
        while packets < 10_000 {
            guard let packet = source.next() else {
                source.wait()
                continue
            }
            packets += 1
            try played.recorder.take(packet)
            if case .end = packet { break }
            for jump in jumps[packets] ?? [] { playlist.controls.ask(jump) }
        }
        played.ending = source.ending
        played.warnings = events.takeAll().compactMap { if case .warning(let text) = $0 { text } else { nil } }
        return played
    }

    @Test func `goes over the borders of files without a frame too many or too few`() throws {
        let scratch = try Scratch()
        try ramp(scratch, "a.wav", 0..<10_000)
        try ramp(scratch, "b.wav", 10_000..<10_001)
        try ramp(scratch, "c.wav", 10_001..<30_000)
        let played = try play([scratch.folder.path])
        #expect(played.samples == Array(0..<30_000))
        #expect(played.recorder.audioPositions == (0..<30_000).map(Int64.init))
        #expect(played.recorder.formats.count == 1, "one format, said once")
        #expect(played.ending == .done && played.warnings == [])
        let names = ["a", "b", "c"].map { scratch.path("\($0).wav") }
        #expect(played.recorder.events == ["file=\(names[0])@0", "file=\(names[1])@10000", "file=\(names[2])@10001"])
    }

    @Test func `a file of another rate brings its format, and positions go on`() throws {
        let scratch = try Scratch()
        try ramp(scratch, "a.wav", 0..<100)
        try ramp(scratch, "b.wav", 100..<200, rate: 44_100)
        let played = try play([scratch.path("a.wav"), scratch.path("b.wav")])
        #expect(played.recorder.formats.map(\.rate) == [48_000, 44_100])
        #expect(played.recorder.audioPositions == (0..<200).map(Int64.init))
    }

    @Test func `a start lies anywhere, to the frame, in time or in frames`() throws {
        let scratch = try Scratch()
        for file in 0..<4 { try ramp(scratch, "\(file).wav", file * 4800..<(file + 1) * 4800) }
        #expect(try play([scratch.folder.path], start: "150ms").samples == Array(7200..<19_200))
        #expect(try play([scratch.folder.path], start: "9600f").samples == Array(9600..<19_200))
        #expect(try play([scratch.folder.path], start: "19199f").samples == [19_199])
    }

    @Test func `a start beyond the end is told, with the length there is`() throws {
        let scratch = try Scratch()
        try ramp(scratch, "a.wav", 0..<48_000)
        for start in ["1s", "48000f", "1h"] {
            let played = try play([scratch.path("a.wav")], start: start)
            #expect(played.samples.isEmpty)
            #expect(played.ending.message?.contains("--start") ?? false)
            #expect(played.ending.message?.contains("0:00:01.000") ?? false, "\(played.ending)")
        }
    }

    @Test func `loops begin where the first pass began`() throws {
        let scratch = try Scratch()
        try ramp(scratch, "a.wav", 0..<100)
        try ramp(scratch, "b.wav", 100..<200)
        let played = try play([scratch.path("a.wav"), scratch.path("b.wav")], start: "90f", passes: 3)
        #expect(played.samples == Array(90..<200) + Array(90..<200) + Array(90..<200))
    }

    @Test func `looping over nothing ends`() throws {
        let scratch = try Scratch()
        try ramp(scratch, "empty.wav", 0..<0)
        let played = try play([scratch.path("empty.wav"), scratch.path("missing.wav")], passes: nil)
        #expect(played.samples.isEmpty)
        #expect(played.ending != .done)
    }

    @Test func `what cannot be played is told once, skipped and counted`() throws {
        let scratch = try Scratch()
        try ramp(scratch, "a.wav", 0..<100)
        try ramp(scratch, "c.wav", 100..<200)
        try Data("no sound, only words".utf8).write(to: scratch.folder.appending(path: "b.wav"))
        let played = try play(
            [scratch.path("a.wav"), scratch.path("b.wav"), "/missing", scratch.path("c.wav")], passes: 2)
        #expect(played.samples == Array(0..<200) + Array(0..<200))
        #expect(played.warnings.count == 2)
        #expect(played.warnings[0].contains("b.wav") && played.warnings[1].contains("/missing"))
        #expect(played.ending.message?.hasPrefix("2 of 4 entries") ?? false)
    }

    @Test func `one file that cannot be played says why, and nothing else`() {
        #expect(throws: Never.self) {
            let played = try play(["/missing.wav"])
            #expect(played.warnings == [])
            #expect(played.ending == .failed("cannot open /missing.wav: No such file or directory"))
        }
    }

    @Test func `playlists may name playlists, but not themselves`() throws {
        let scratch = try Scratch()
        try FileManager.default.createDirectory(atPath: scratch.path("in"), withIntermediateDirectories: true)
        try ramp(scratch, "a.wav", 0..<10)
        try ramp(scratch, "in/b.wav", 10..<20)
        try "#EXTINF:1,Bee\nb.wav\n../outer.m3u\n".write(
            toFile: scratch.path("in/inner.m3u8"), atomically: true, encoding: .utf8)
        try "a.wav\nin/inner.m3u8\na.wav\n".write(toFile: scratch.path("outer.m3u"), atomically: true, encoding: .utf8)
        let played = try play([scratch.path("outer.m3u")])
        #expect(played.samples == Array(0..<20) + Array(0..<10))
        #expect(played.recorder.events.contains("title=Bee@10"))
        #expect(played.warnings.count == 1 && played.warnings[0].contains("lists itself"))
    }

    @Test func `an empty folder and an empty list are refused with what to do`() throws {
        let scratch = try Scratch()
        try "# nothing\n".write(toFile: scratch.path("none.m3u"), atomically: true, encoding: .utf8)
        #expect(throws: SessionFailure.self) { try play([scratch.folder.path]) }
        #expect(throws: SessionFailure.self) { try play([scratch.path("none.m3u")]) }
    }

    @Test func `jumps go to the frame, add up, and stay within the order`() throws {
        let scratch = try Scratch()
        try ramp(scratch, "a.wav", 0..<20_000, rate: 1000)
        try ramp(scratch, "b.wav", 20_000..<40_000, rate: 1000)
        let words = [scratch.path("a.wav"), scratch.path("b.wav")]
        // Packet 3 is the first sound, a tenth of a second, all of it heard at once here.
        var played = try play(words, jumps: [3: [.seek(5), .seek(5)]])
        #expect(played.samples == Array(0..<100) + Array(10_100..<40_000))
        played = try play(words, jumps: [3: [.seek(-60)]])
        #expect(played.samples == Array(0..<100) + Array(0..<40_000))
        played = try play(words, jumps: [3: [.seek(60)]])
        #expect(played.samples == Array(0..<100) + Array(20_000..<40_000))
        played = try play(words, jumps: [3: [.file(1)]])
        #expect(played.samples == Array(0..<100) + Array(20_000..<40_000))
        played = try play(words, jumps: [3: [.file(-1)]])
        #expect(played.samples == Array(0..<100) + Array(0..<40_000))
        played = try play(words, jumps: [3: [.file(1), .file(1)]])
        #expect(played.samples == Array(0..<100))
        #expect(played.ending == .done)
    }
}
