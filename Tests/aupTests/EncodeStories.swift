import Foundation
import TestSupport
import Testing

/// `aup encode` in pipelines: what goes in as sound comes out as sound, to the frame, whatever lies between.
@Suite(.realTime) struct `Encoding` {
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

    /// What libsndfile reads, and what is read without it.
    @Test(arguments: ["a.w64", "a.aiff", "a.caf", "a.au", "a.rf64"])
    func `takes other containers, and gives AIFF of what it made`(name: String) throws {
        let scratch = try Scratch()
        let (file, opus, back) = (scratch.path(name), scratch.path("a.opus"), scratch.path("b.aiff"))
        let rate = Self.tone(rate: 44_100, frames: 44_107)
        switch name {
        case "a.au": try Pipeline.run(["\(rate) --as au"]).output.write(to: URL(filePath: file))
        case "a.rf64":
            let samples = try Pipeline.run(["\(rate) --as raw"]).output
            var bytes = Data("RF64".utf8) + Data(repeating: 255, count: 4) + Data("WAVEds64".utf8)
            func number(_ value: Int, _ count: Int) -> Data { Data((0..<count).map { UInt8(value >> (8 * $0) & 255) }) }
            bytes += number(28, 4) + number(samples.count + 72, 8) + number(samples.count, 8) + number(44_107, 8)
            bytes += number(0, 4) + Data("fmt ".utf8) + number(16, 4) + number(1, 2) + number(2, 2)
            bytes += number(44_100, 4) + number(44_100 * 4, 4) + number(4, 2) + number(16, 2)
            bytes += Data("data".utf8) + Data(repeating: 255, count: 4) + samples
            try bytes.write(to: URL(filePath: file))
        default: #expect(try Pipeline.run(["\(rate) -o '\(file)'"]).statuses == [0])
        }
        #expect(try Pipeline.run(["aup encode '\(file)' -o '\(opus)'"]).statuses == [0])
        #expect(try Pipeline.run(["aup encode '\(opus)' -f s16 -o '\(back)'"]).statuses == [0])
        let facts = try end(try Pipeline.run(["aup process -i '\(back)' -o - --json"]), stage: 0)
        #expect(facts["rate"] as? Int == 44_100)
        #expect(facts["frames"] as? Int == 44_107)
        #expect(facts["channels"] as? Int == 2)
        #expect(try Data(contentsOf: URL(filePath: back)).prefix(4) == Data("FORM".utf8))
    }

    @Test func `leaves silence out of an Ogg file, which is as long as it was`() throws {
        let scratch = try Scratch()
        let (plain, sparse) = (scratch.path("a.opus"), scratch.path("b.opus"))
        let silence = "aup capture -q -D 'sim:silence?pace=fast&channels=1' -f s16 -d 240007f"
        let words = "--application voip --signal voice -b 24k"
        #expect(try Pipeline.run([silence, "aup encode \(words) -o '\(plain)'"]).statuses == [0, 0])
        #expect(try Pipeline.run([silence, "aup encode \(words) --dtx -o '\(sparse)'"]).statuses == [0, 0])
        let (one, other) = (try Data(contentsOf: URL(filePath: plain)), try Data(contentsOf: URL(filePath: sparse)))
        #expect(other.count < one.count * 2 / 3, "\(other.count) of \(one.count)")
        let facts = try end(try Pipeline.run(["aup process -i '\(sparse)' -o - --json"]), stage: 0)
        #expect(facts["frames"] as? Int == 240_007)
        guard ToolRun.find("opusdec") != nil, ToolRun.find("opusinfo") != nil else { return }
        #expect(try ToolRun("opusdec", ["--quiet", "--rate", "48000", sparse, scratch.path("c.raw")]).status == 0)
        #expect(try Data(contentsOf: URL(filePath: scratch.path("c.raw"))).count == 240_007 * 2)
        #expect(!(try ToolRun("opusinfo", [sparse]).output.contains("WARNING")))
    }

    @Test func `writes into the header by how much players change the level`() throws {
        let scratch = try Scratch()
        func bytes(_ words: String, _ name: String) throws -> [UInt8] {
            let run = try Pipeline.run([Self.tone(channels: 1), "aup encode \(words) -o '\(scratch.path(name))'"])
            #expect(run.statuses == [0, 0])
            return [UInt8](try Data(contentsOf: URL(filePath: scratch.path(name))))
        }
        let (plain, quiet) = (try bytes("", "a.opus"), try bytes("--output-gain -6.5dB", "b.opus"))
        // The first packet is behind a page's head of 28 bytes; the gain, in steps of 1/256 dB, at byte 16 of it.
        #expect(plain[44] == 0 && plain[45] == 0)
        #expect(Int16(bitPattern: UInt16(quiet[44]) | UInt16(quiet[45]) << 8) == -1664)
        func peak(_ name: String) throws -> Double {
            let run = try Pipeline.run(["aup meter --json '\(scratch.path(name))'"])
            let words = String(decoding: run.output, as: UTF8.self)
            let found = try #require(words.firstMatch(of: #/"sample_peak_dbfs":\[?(-?[0-9.]+)/#)?.1)
            return try #require(Double(found))
        }
        #expect(abs(try peak("b.opus") - peak("a.opus") + 6.5) < 0.02)
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
        // The last packets, which the end brings out, hold sound that has just come.
        let latencies = try run.events("status", stage: 1).compactMap { $0["latency_ms"] as? Double }
        #expect(latencies.contains { $0 >= 16.5 })
        let words = try Pipeline.run([Self.tone(), "aup encode -v -o -"]).errors[1]
        #expect(words.contains("packets of opus, "))
        #expect(words.contains("codec adds 26.5 ms"))
    }

    /// A foreign pipe does not say whether it is live: what went in comes out, but for one packet and the look-ahead.
    @Test func `holds nothing back of what comes through a pipe`() throws {
        let scratch = try Scratch()
        let (sound, pipe, stream) = (scratch.path("a.wav"), scratch.path("pipe"), scratch.path("b.aup"))
        #expect(try Pipeline.run(["\(Self.tone(frames: 96_000)) -o '\(sound)'"]).statuses == [0])
        let run = try Pipeline.run(
            ["aup encode --cbr -b 96k -i '\(pipe)' -o '\(stream)'"], before: "mkfifo '\(pipe)'",
            during: """
                exec 3<>'\(pipe)'
                head -c 288044 '\(sound)' >&3
                # A second of Opus is some twelve thousand bytes.
                for turn in $(seq 200); do
                    [ -s '\(stream)' ] && [ $(stat -c %s '\(stream)') -gt 10000 ] && touch '\(scratch.path("came"))' && break
                    sleep 0.05
                done
                pid=$(stage 1)
                kill -INT $pid
                for turn in $(seq 200); do kill -0 $pid || break; sleep 0.05; done
                """)
        #expect(run.statuses == [0])
        #expect(FileManager.default.fileExists(atPath: scratch.path("came")))
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

    /// 48000 frames of sound, 480 that are lost and 17 of silence.
    @Test(
        .enabled(if: ToolRun.find("python3") != nil, "python3 is not installed"),
        arguments: [
            ("-r 24000 -o g.opus", 48_497, 48_000), ("-r 96000 -o g.wav", 96_994, 96_000),
            ("-r 24000 -o g.flac", 24_249, 24_000), ("-o g.wav", 48_497, 48_000),
        ])
    func `at another rate has gaps and silence of their length`(words: String, frames: Int, rate: Int) throws {
        let scratch = try Scratch()
        let writer = Repository.root.appending(path: "examples/write_stream.py").path
        let place = words.replacingOccurrences(of: "g.", with: scratch.path("g."))
        let run = try Pipeline.run(["python3 '\(writer)' --demo", "aup encode \(place)"])
        #expect(run.statuses == [0, 0])
        let file = try #require(place.split(separator: " ").last)
        let facts = try end(try Pipeline.run(["aup process -i '\(file)' -o - --json"]), stage: 0)
        #expect(facts["frames"] as? Int == frames)
        #expect(facts["rate"] as? Int == rate)
    }

    @Test(arguments: ["x.aup", "--as wav -o x.bin"]) func `leaves no file behind where there is no input`(
        output: String
    ) throws {
        let scratch = try Scratch()
        let place = output.hasPrefix("-") ? output : "-o \(output)"
        func encode(_ words: String) throws -> Pipeline {
            try Pipeline.run(["sh -c 'cd \"\(scratch.folder.path)\"; exec aup encode \(words) \(place)'"])
        }
        for input in ["gone.wav", "junk"] {
            try Data(repeating: 77, count: 5000).write(to: URL(filePath: scratch.path("junk")))
            #expect(try encode(input).statuses == [1])
            #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path) == ["junk"])
        }
        let name = scratch.path(output == "x.aup" ? "x.aup" : "x.bin")
        #expect(try Pipeline.run(["\(Self.tone()) -o '\(scratch.path("a.wav"))'"]).statuses == [0])
        #expect(try encode("a.wav").statuses == [0])
        let bytes = try Data(contentsOf: URL(filePath: name))
        #expect(bytes.count > 1000)
        // What is there stays where nothing comes in its place, and goes where something does.
        #expect(try encode("--overwrite gone.wav").statuses == [1])
        #expect(try Data(contentsOf: URL(filePath: name)) == bytes)
        #expect(try encode("--overwrite -d 10ms a.wav").statuses == [0])
        #expect(try Data(contentsOf: URL(filePath: name)).count < bytes.count / 2)
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
        ("--output-gain 130dB", 64, "between -128 and 127"),
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
