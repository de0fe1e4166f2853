import Foundation
import TestSupport
import Testing

/// `aup encode` in pipelines: what goes in as sound comes out as sound, to the frame, whatever lies between.
@Suite struct `Encoding` {
    /// A second and a frame of a tone, odd on purpose.
    private static func tone(rate: Int = 48_000, channels: Int = 2, frames: Int = 48_001, format: String = "s16")
        -> String
    {
        "aup capture -q -D 'sim:sine?pace=fast&rate=\(rate)&channels=\(channels)' -f \(format) -d \(frames)f"
    }

    private func end(_ run: Pipeline, stage: Int) throws -> [String: Any] {
        try #require(try run.events("end", stage: stage).first)
    }

    @Test(arguments: [8000, 44_100, 48_000, 96_000, 192_000])
    func `and decoding give back rate, format and number of frames`(rate: Int) throws {
        let run = try Pipeline.run(
            [
                Self.tone(rate: rate, frames: rate + 1, format: "s24"), "aup encode", "aup encode --codec pcm",
                "aup process --json",
            ])
        #expect(run.statuses == [0, 0, 0, 0])
        let end = try end(run, stage: 3)
        #expect(end["frames"] as? Int == rate + 1)
        #expect(end["rate"] as? Int == rate)
        #expect(end["format"] as? String == "s24")
    }

    @Test func `is understood by every command that takes a stream`() throws {
        let stream = "\(Self.tone()) | aup encode"
        for reader in [
            "aup play -D sim:null", "aup process gain gain=-6dB -o -", "aup encode -o -", "aup process -o - --as raw",
        ] {
            let run = try Pipeline.run([
                "sh -c '\(stream.replacingOccurrences(of: "'", with: "'\\''"))'", "\(reader) --json",
            ])
            #expect(run.statuses == [0, 0], "\(reader)")
            #expect(try end(run, stage: 1)["frames"] as? Int == 48_001, "\(reader)")
        }
    }

    @Test func `keeps an aup file of Opus that plays and seeks to the frame`() throws {
        let scratch = try Scratch()
        let file = scratch.path("a.aup")
        #expect(try Pipeline.run([Self.tone(frames: 480_000), "aup encode -b 64k -o '\(file)'"]).statuses == [0, 0])
        let size = try Data(contentsOf: URL(filePath: file)).count
        #expect(size < 150_000)
        let run = try Pipeline.run(["aup play -D sim:null --json --start 9s '\(file)'"])
        #expect(run.statuses == [0])
        #expect(try end(run, stage: 0)["frames"] as? Int == 48_000)
    }

    @Test(arguments: [("x.flac", "flac"), ("x.wav", "pcm"), ("x.ogg", nil), ("x.w64", "pcm")] as [(String, String?)])
    func `puts sound into other containers too`(name: String, codec: String?) throws {
        let scratch = try Scratch()
        let words = codec.map { "--codec \($0)" } ?? ""
        let run = try Pipeline.run([Self.tone(), "aup encode \(words) -o '\(scratch.path(name))'"])
        #expect(run.statuses == [0, 0])
        let back = try Pipeline.run(["aup process -i '\(scratch.path(name))' -o - --as raw --json"])
        #expect(try end(back, stage: 0)["frames"] as? Int == 48_001)
    }

    @Test(arguments: [8000, 44_100, 96_000]) func `of a file and decoding it give back its rate and length`(rate: Int)
        throws
    {
        let scratch = try Scratch()
        let (file, back) = (scratch.path("a.opus"), scratch.path("b.wav"))
        let run = try Pipeline.run([Self.tone(rate: rate, frames: 2 * rate), "aup encode -o '\(file)'"])
        #expect(run.statuses == [0, 0])
        #expect(try Pipeline.run(["aup encode '\(file)' -o '\(back)'"]).statuses == [0])
        let facts = try end(try Pipeline.run(["aup process -i '\(back)' -o - --json"]), stage: 0)
        #expect(facts["rate"] as? Int == rate)
        #expect(facts["frames"] as? Int == 2 * rate)
    }

    @Test func `changes the rate where that is asked for, and keeps the sample format`() throws {
        let scratch = try Scratch()
        let file = scratch.path("a.wav")
        let run = try Pipeline.run([Self.tone(rate: 44_100, frames: 44_100), "aup encode -r 48000 -o '\(file)'"])
        #expect(run.statuses == [0, 0])
        let back = try Pipeline.run(["aup process -i '\(file)' -o - --json"])
        let facts = try end(back, stage: 0)
        #expect(facts["frames"] as? Int == 48_000)
        #expect(facts["rate"] as? Int == 48_000)
        #expect(facts["format"] as? String == "s16")
    }

    @Test func `tells what it made, and what the codec adds to the way of a frame`() throws {
        let run = try Pipeline.run(
            [
                "aup capture -q -D 'sim:sine?channels=2' -d 1s",
                "aup encode --frame 10ms --cbr -b 64k --json --stats=0.2 -o -",
            ])
        #expect(run.statuses == [0, 0])
        let end = try end(run, stage: 1)
        #expect(end["codec"] as? String == "opus")
        #expect(end["encoded_frames"] as? Int == 48_000)
        #expect(end["packets"] as? Int == 101)
        #expect(end["packet_bytes"] as? Int == 101 * 80)
        // A packet of 10 ms and 6.5 ms of looking ahead.
        #expect(end["codec_delay_ms"] as? Double == 16.5)
        let status = try #require(try run.events("status", stage: 1).last)
        #expect((status["latency_ms"] as? Double).map { $0 >= 16.5 } == true)
        let words = try Pipeline.run([Self.tone(), "aup encode -v -o -"]).errors[1]
        #expect(words.contains("packets of opus, "))
        #expect(words.contains("codec adds 26.5 ms"))
    }

    @Test func `shows at a terminal how far it is`() throws {
        let scratch = try Scratch()
        let file = scratch.path("long.wav")
        #expect(try Pipeline.run(["\(Self.tone(frames: 48_000 * 120)) -o '\(file)'"]).statuses == [0])
        let run = try Pipeline.run(["script -qec 'aup encode \(file) -o x.aup' /dev/null"])
        let text = String(decoding: run.output, as: UTF8.self)
        #expect(text.contains(#/aup encode +\d+ %  0:0\d:\d\d\.\d\d\d  x\d+\.\d  \d+\.\d kbit/s  \d+:\d\d left/#))
        #expect(text.hasSuffix("\r\u{1B}[K"))
    }

    @Test func `fills the gaps of a stream, and tells them`() throws {
        let run = try Pipeline.run([
            "aup capture -D 'sim:sine?level=0&xrun=24000f' -d 1s", "aup encode --json -o -", "aup process --json",
        ])
        let first = try end(run, stage: 1)
        let lost = try #require(first["lost_frames"] as? Int)
        let frames = try #require(first["frames"] as? Int)
        #expect(frames + lost == 48_000)
        #expect(try end(run, stage: 2)["frames"] as? Int == 48_000)
        let told = try run.events("gap_filled", stage: 1)
        #expect(told.count == (lost > 0 ? 1 : 0))
        #expect(lost > 0)
    }

    @Test func `keeps what arrived where the stream before it is cut off`() throws {
        let scratch = try Scratch()
        let stream = scratch.path("a.aup")
        #expect(try Pipeline.run(["\(Self.tone(frames: 96_000)) -o '\(stream)'"]).statuses == [0])
        let bytes = try Data(contentsOf: URL(filePath: stream))
        try bytes.prefix(bytes.count / 2).write(to: URL(filePath: stream))
        let run = try Pipeline.run(["aup encode -i '\(stream)' --json -o -", "aup process --json"])
        #expect(run.statuses == [3, 3])
        let (sent, got) = (try end(run, stage: 0), try end(run, stage: 1))
        #expect((sent["frames"] as? Int).map { $0 > 40_000 } == true)
        #expect(sent["frames"] as? Int == got["frames"] as? Int)
    }

    @Test(arguments: [
        ("--codec flac", 64, "an aup stream, which holds opus"),
        ("--codec opus -o x.wav", 64, "x.wav is WAV, which holds pcm"),
        ("--codec pcm -o x.opus", 64, "x.opus is Ogg Opus, which holds opus"),
        ("--codec opus --as wav", 64, "a wav stream, which holds pcm"),
        ("-b 64k -o x.flac", 64, "no output is Opus"),
        ("-r 44100", 64, "48000, 24000, 16000, 12000 or 8000"),
        ("-b 9", 64, "-b"), ("-b 64q", 64, "-b"), ("--frame 7ms", 64, "--frame"),
        ("--complexity 11", 64, "--complexity"),
        ("--bandwidth 9k", 64, "--bandwidth"), ("--loss 101%", 64, "--loss"), ("--fec", 64, "--loss"),
        ("--vbr --cbr", 64, "--cbr"), ("-b 900k", 1, "it takes 1000 to 512000"), ("-o x.xyz", 64, "which kind of file"),
        ("a.wav b.wav -o c.opus", 64, "2 files cannot all have this name"),
        ("a.wav -i b.wav", 64, "both name the input"),
    ])
    func `refuses what cannot be, and says why`(words: String, status: Int, text: String) throws {
        let run = try Pipeline.run([Self.tone(frames: 100), "aup encode \(words)"])
        #expect(run.statuses[1] == status)
        #expect(run.errors[1].contains(text), "\(run.errors[1])")
        #expect(run.output.isEmpty || status == 1)
    }
}
