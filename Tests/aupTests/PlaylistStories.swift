import Foundation
import TestSupport
import Testing

/// Files, folders and playlists, played by the built binary onto a virtual card that writes down what it was given.
@Suite(.realTime, .enabled(if: VirtualCard.isAvailable), .serialized)
struct `Files in a row` {
    /// The sound of `sim:noise`, which is a function of the frame, from a frame on.
    private func noise(_ frames: Range<Int>) throws -> Data {
        let run = try Pipeline.run(["aup capture -D 'sim:noise?pace=fast' -d \(frames.upperBound)f --as raw"])
        return run.output.dropFirst(frames.lowerBound * 4)
    }

    /// Cuts the same sound into files of `frames` frames each.
    private func album(_ scratch: Scratch, frames: Int, of all: Int, container: String) throws {
        let run = try Pipeline.run([
            "aup capture -D 'sim:noise?pace=fast' -d \(all)f -o '\(scratch.path("%i.\(container)"))' --split \(frames)f --no-sidecar"
        ])
        #expect(run.statuses == [0], "\(run.errors)")
    }

    private func card() throws -> VirtualCard {
        let card = try VirtualCard()
        try card.addPCM("out", ["virtual": true, "pfile": card.file("played").path, "formats": "S16_LE"])
        return card
    }

    private func play(_ words: String, _ card: VirtualCard, statuses: [Int] = [0], input: String = "/dev/null") throws
        -> Pipeline
    {
        let run = try Pipeline.run(["aup play -D out \(words)"], input: input, environment: card.environment)
        #expect(run.statuses == statuses, "\(run.errors)")
        return run
    }

    /// Silence of a buffer that was not full may follow.
    private func expectPlayed(_ expected: Data, _ card: VirtualCard) {
        let played = card.bytes("played")
        #expect(played.prefix(expected.count).elementsEqual(expected), "the sound is another")
        #expect(played.dropFirst(expected.count).allSatisfy { $0 == 0 }, "something follows")
    }

    @Test(arguments: ["flac", "wav", "w64", "caf"])
    func `an album cut into pieces plays as the uncut file`(container: String) throws {
        let scratch = try Scratch()
        try album(scratch, frames: 4567, of: 60_000, container: container)
        let card = try card()
        _ = try play(scratch.folder.path, card)
        expectPlayed(try noise(0..<60_000), card)
    }

    @Test func `files of several containers, a stream and standard input follow each other without a frame between`()
        throws
    {
        let scratch = try Scratch()
        try album(scratch, frames: 10_000, of: 20_000, container: "flac")
        let commands = [
            "aup capture -D 'sim:noise?pace=fast' -d 12345f -o \(scratch.path("a.wav"))",
            "aup capture -D 'sim:noise?pace=fast' -d 23456f -o - > \(scratch.path("b.aup"))",
            "aup capture -D 'sim:noise?pace=fast' -d 3456f --as au > \(scratch.path("c.au"))",
        ]
        for command in commands { #expect(try Pipeline.run(["bash -c \"\(command)\""]).statuses == [0]) }
        let card = try card()
        let words = ["2.flac", "a.wav", "b.aup"].map { scratch.path($0) }.joined(separator: " ")
        _ = try play("\(words) - \(scratch.path("1.flac"))", card, input: scratch.path("c.au"))
        let sound = try noise(0..<23_456)
        let half = try noise(10_000..<20_000)
        var expected = half
        expected += sound.prefix(12_345 * 4)
        expected += sound
        expected += sound.prefix(3456 * 4)
        expected += sound.prefix(10_000 * 4)
        expectPlayed(expected, card)
    }

    @Test func `start and duration are cut out of the whole order, to the frame`() throws {
        let scratch = try Scratch()
        try album(scratch, frames: 4800, of: 48_000, container: "flac")
        let card = try card()
        _ = try play("--start 250ms -d 333ms \(scratch.folder.path)", card)
        expectPlayed(try noise(12_000..<27_984), card)
    }

    @Test func `a loop goes on without a gap, from the start on`() throws {
        let scratch = try Scratch()
        try album(scratch, frames: 4800, of: 9600, container: "flac")
        let card = try card()
        _ = try play("--start 1000f --loop 3 \(scratch.folder.path)", card)
        let once = try noise(1000..<9600)
        expectPlayed(once + once + once, card)
    }

    @Test func `a loop for ever ends after its duration`() throws {
        let scratch = try Scratch()
        try album(scratch, frames: 4800, of: 4800, container: "wav")
        let card = try card()
        _ = try play("--loop forever -d 14000f \(scratch.path("1.wav"))", card)
        let once = try noise(0..<4800)
        expectPlayed((once + once + once).prefix(14_000 * 4), card)
    }

    @Test func `a playlist plays what it lists, tells what is missing, and fails at its end`() throws {
        let scratch = try Scratch()
        try album(scratch, frames: 4800, of: 14_400, container: "flac")
        try Data("garbage, and more of it than any header needs".utf8).write(
            to: scratch.folder.appending(path: "bad.flac"))
        let list =
            "#EXTM3U\r\n# mine\r\n#EXTINF:1,The Third\r\n3.flac\r\nnot-there.flac\r\n\r\nbad.flac\r\n\(scratch.path("1.flac"))\r\n"
        try list.write(toFile: scratch.path("list.m3u"), atomically: true, encoding: .utf8)
        let card = try card()
        let run = try play("-v \(scratch.path("list.m3u"))", card, statuses: [1])
        expectPlayed(try noise(9600..<14_400) + noise(0..<4800), card)
        #expect(run.errors[0].contains("title=The Third"))
        #expect(run.errors[0].contains("not-there.flac: No such file or directory; skipped"))
        #expect(run.errors[0].contains("bad.flac: this is no sound"))
        #expect(run.errors[0].contains("2 of 4 entries"))
    }

    @Test func `names that are no UTF-8 are played, from a folder, a playlist and the command line, and can be read`()
        throws
    {
        let scratch = try Scratch()
        try album(scratch, frames: 4800, of: 14_400, container: "flac")
        // Latin-1: f\xFCr; and half of a character.
        let script = """
            cd \(scratch.folder.path) && mkdir $'d\\xf6' || exit
            mv 1.flac $'d\\xf6/f\\xfcr 1.flac'; mv 2.flac $'d\\xf6/f\\xfcr 2.flac'; mv 3.flac $'d\\xf6/z\\xe2\\x82.flac'
            printf 'f\\xfcr 2.flac\\nd.flac\\nfile:///nowhere/%%fc.flac\\nf\\xfcr 1.flac\\n' > $'d\\xf6/list.m3u'
            """
        try script.write(toFile: scratch.path("rename.sh"), atomically: true, encoding: .utf8)
        #expect(try Pipeline.run(["bash \(scratch.path("rename.sh"))"]).statuses == [0])
        let card = try card()
        var run = try play("-v \(scratch.folder.path)", card)
        expectPlayed(try noise(0..<14_400), card)
        #expect(run.errors[0].contains(#"d\xF6/f\xFCr 1.flac"#))
        run = try play("--json $'\(scratch.folder.path)/d\\xf6/list.m3u'", card, statuses: [1])
        expectPlayed(try noise(4800..<9600) + noise(0..<4800), card)
        #expect(run.errors[0].contains(#"d\\xF6/d.flac: No such file or directory; skipped"#))
        #expect(try run.events("end", stage: 0).first?["file"] as? String == scratch.path(#"d\xF6/f\xFCr 1.flac"#))
        run = try play("$'\(scratch.folder.path)/d\\xf6/z\\xe2\\x82.flac' $'no\\xff.wav'", card, statuses: [1])
        expectPlayed(try noise(9600..<14_400), card)
        #expect(run.errors[0].contains(#"cannot open no\xFF.wav: No such file"#))
    }

    @Test func `a file that was cut off plays as far as it goes, and the next one follows`() throws {
        let scratch = try Scratch()
        try album(scratch, frames: 9600, of: 19_200, container: "wav")
        let path = scratch.path("1.wav")
        try Data(contentsOf: URL(filePath: path)).dropLast(4800 * 4).write(to: URL(filePath: path))
        let card = try card()
        let run = try play(scratch.folder.path, card, statuses: [1])
        expectPlayed(try noise(0..<4800) + noise(9600..<19_200), card)
        #expect(run.errors[0].contains("was cut off: it promises 4800 frames more"))
    }

    @Test func `files of other rates and channel counts follow each other at the device's own`() throws {
        let scratch = try Scratch()
        let files = [
            ("a", 48_000, 2, 24_000), ("b", 44_100, 1, 22_050), ("c", 96_000, 2, 48_000), ("d", 48_000, 2, 24_000),
        ]
        for (name, rate, channels, frames) in files {
            let run = try Pipeline.run([
                "aup capture -D 'sim:sine?pace=fast&freq=1000&rate=\(rate)&channels=\(channels)' -d \(frames)f "
                    + "-o \(scratch.path("\(name).wav"))"
            ])
            #expect(run.statuses == [0], "\(run.errors)")
        }
        let card = try VirtualCard()
        try card.addPCM(
            "out",
            [
                "virtual": true, "pfile": card.file("played").path, "formats": "S16_LE", "rate_min": 48_000,
                "rate_max": 48_000, "channels_min": 2, "channels_max": 2,
            ])
        _ = try play("--json \(scratch.folder.path)", card)
        let bytes = card.bytes("played")
        let left = stride(from: 0, to: bytes.count - 3, by: 4).map {
            Int16(truncatingIfNeeded: Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8)
        }
        let end = try #require(left.lastIndex { $0 != 0 })
        #expect(abs(end - 96_000) < 100, "four half seconds are 96000 frames, not \(end)")
        // Between two files of half a second of a sine there is no silence.
        var longest = 0
        var run = 0
        for sample in left[..<end] {
            run = abs(Int(sample)) < 40 ? run + 1 : 0
            longest = max(longest, run)
        }
        #expect(longest < 20, "\(longest) frames of silence")
    }

    @Test func `JSON tells file, title, place and length`() throws {
        let scratch = try Scratch()
        try album(scratch, frames: 4800, of: 9600, container: "wav")
        let card = try card()
        let run = try play("--json \(scratch.folder.path)", card)
        let end = try #require(try run.events("end", stage: 0).first)
        #expect(end["file"] as? String == scratch.path("2.wav"))
        #expect(end["number"] as? Int == 2 && end["count"] as? Int == 2)
        #expect(end["position_seconds"] as? Double == 0.1)
        #expect(end["total_seconds"] as? Double == 0.1)
        #expect(end["frames"] as? Int == 9600)
    }
}

/// What cannot be played is refused in one line.
@Suite(.realTime) struct `Nothing to play` {
    private func refusal(_ words: String, status: Int, input: String = "/dev/null") throws -> String {
        let run = try Pipeline.run(["aup play -D sim:null \(words)"], input: input)
        #expect(run.statuses == [status], "\(run.errors)")
        return run.errors[0]
    }

    @Test func `an empty folder, an empty list, no such file`() throws {
        let scratch = try Scratch()
        try Data().write(to: scratch.folder.appending(path: "none.m3u"))
        #expect(try refusal(scratch.folder.path, status: 1).contains("holds no file that is called like sound"))
        #expect(try refusal(scratch.path("none.m3u"), status: 1).contains("lists nothing"))
        #expect(try refusal(scratch.path("x.wav"), status: 1).contains("cannot open"))
        #expect(try refusal("\(scratch.path("x.wav")) \(scratch.path("y.wav"))", status: 1).contains("2 of 2 entries"))
    }

    @Test func `a list that lists only itself`() throws {
        let scratch = try Scratch()
        try "self.m3u\n".write(toFile: scratch.path("self.m3u"), atomically: true, encoding: .utf8)
        let text = try refusal(scratch.path("self.m3u"), status: 1)
        #expect(text.contains("lists itself") && text.split(separator: "\n").count == 1)
    }

    @Test func `a start beyond the end`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.flac")
        _ = try Pipeline.run(["aup capture -D 'sim:noise?pace=fast' -d 1s -o \(path)"])
        #expect(
            try refusal("--start 1m \(path)", status: 1).contains("beyond the end: all there is to play is 0:00:01.000")
        )
    }

    @Test func `a folder as the device, standard input twice or in a loop, and no number of times`() throws {
        let scratch = try Scratch()
        let folder = try Pipeline.run(["aup play -o \(scratch.folder.path) x.wav"])
        #expect(folder.statuses == [64] && folder.errors[0].contains("is no device"))
        #expect(try refusal("- -", status: 64).contains("twice"))
        #expect(try refusal("--loop 2 -", status: 64).contains("passes once"))
        #expect(try refusal("--loop 0 x.wav", status: 64).contains("--loop"))
        #expect(try refusal("--start x x.wav", status: 64).contains("--start"))
    }
}
