import Foundation
import TestSupport
import Testing

/// Questions to devices: what they take, what they can, what they do.
@Suite(.realTime, .serialized) struct `A question to a device` {
    private func ask(_ words: String, _ environment: [String: String] = [:]) throws -> Pipeline {
        try Pipeline.run(["aup devices \(words)"], environment: environment)
    }

    private func object(_ run: Pipeline) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: run.output) as? [String: Any])
    }

    private func text(_ run: Pipeline) -> String { String(decoding: run.output, as: UTF8.self) }

    // MARK: - --supports

    @Test(arguments: [
        ("f32/48000/2 -D sim:sine", 0, "sim:sine capture: yes, f32 48000 Hz 2 ch\n"),
        ("//6 -D sim:null", 0, "sim:null playback: yes, s16 48000 Hz 6 ch\n"),
        ("96k -D sim:sine?rate=48000", 1, "sim:sine?rate=48000 capture: no, it has no 96000 Hz; it offers 48000 Hz\n"),
        ("s32 -D sim:sine?format=s16 -q", 1, ""),
    ])
    func `about a format is answered with yes or no`(_ words: String, _ status: Int, _ said: String) throws {
        let run = try ask("--supports \(words)")
        #expect(run.statuses == [status])
        #expect(text(run) == said)
        #expect(run.errors == [""])
    }

    @Test(.enabled(if: VirtualCard.isAvailable))
    func `about a format is answered by each direction of a card`() throws {
        let card = try VirtualCard()
        try card.addPCM("board", ["formats": "S16_LE", "rates": "44100 48000", "channels_max": 2])
        let yes = try ask("--supports s16/48000/2 -D board --json", card.environment)
        #expect(yes.statuses == [0])
        let answer = try object(yes)
        #expect(answer["supported"] as? Bool == true)
        #expect((answer["capture"] as? [String: Any])?["rate"] as? Int == 48_000)
        #expect((answer["playback"] as? [String: Any])?["supported"] as? Bool == true)
        let no = try ask("--supports 96000 -D board --playback", card.environment)
        #expect(no.statuses == [1])
        #expect(text(no) == "board playback: no, it has no 96000 Hz; it offers 44100, 48000 Hz\n")
        #expect(no.errors == [""])
    }

    // MARK: - --probe

    @Test func `about everything is answered by a simulation too`() throws {
        let run = try ask("--probe sim:sine?rate=44100 --json")
        #expect(run.statuses == [0])
        let capture = try #require(try object(run)["capture"] as? [String: Any])
        #expect(capture["rates"] as? [[Int]] == [[44_100, 44_100]])
        #expect((capture["default"] as? [String: Any])?["rate"] as? Int == 44_100)
        #expect(try object(run)["playback"] is NSNull)
        let lines = try ask("--probe sim:null")
        #expect(text(lines).hasPrefix("sim:null playback: simulation (sim)\n"))
        #expect(text(lines).contains("\n  default   s16 48000 Hz 2 ch, period 480, buffer 7680 frames, rw\n"))
    }

    @Test(.enabled(if: VirtualCard.isAvailable))
    func `that somebody holds is answered with who, and disturbs nobody`() throws {
        let card = try VirtualCard()
        try card.addHardware()
        let drawing = try Scratch()
        let status = drawing.folder.appending(path: "asound/Board/pcm0c/sub0")
        try FileManager.default.createDirectory(at: status, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(
            at: drawing.folder.appending(path: "77"), withIntermediateDirectories: true)
        try Data("state: RUNNING\nowner_pid   : 77\n".utf8).write(to: status.appending(path: "status"))
        try Data("Tgid:\t77\n".utf8).write(to: drawing.folder.appending(path: "77/status"))
        try Data("recorder\n".utf8).write(to: drawing.folder.appending(path: "77/comm"))
        let environment = card.environment.merging(["AUP_TEST_PROCFS": drawing.folder.path]) { $1 }
        // The capture of the card is held while both are asked.
        let run = try Pipeline.run(
            ["aup capture -D hw:CARD=Board -r 48000 -c 2 -d 30s --json", "cat > sound"],
            during: """
                while [ ! -s sound ]; do sleep 0.05; done
                "$aup_binary" devices --probe hw:CARD=Board --capture > one 2>&1; echo $? > one.status
                "$aup_binary" devices --probe hw:CARD=Board --json > both; echo $? > both.status
                "$aup_binary" devices --test hw:CARD=Board > test 2>&1; echo $? > test.status
                "$aup_binary" capture -D hw:CARD=Board -d 1s > take 2>&1; echo $? > take.status
                cat one one.status both.status test.status test take take.status both > '\(drawing.path("said"))'
                kill -INT $(stage 1)
                """,
            environment: environment)
        #expect(run.statuses == [0, 0])
        let end = try #require(try run.events("end", stage: 0).first)
        #expect(end["frames"] as? Int ?? 0 > 0)
        let said = try String(contentsOfFile: drawing.path("said"), encoding: .utf8).split(separator: "\n")
        let busy =
            "aup devices: device 'hw:CARD=Board' is busy: recorder (process 77) holds it; stop that one, or use a shared "
            + "device such as 'default'"
        let take = busy.replacing("aup devices:", with: "aup capture:")
        #expect(said.prefix(7).map(String.init) == [busy, "2", "0", "2", busy, take, "2"])
        let both = try #require(
            try JSONSerialization.jsonObject(with: Data((said.last ?? "").utf8)) as? [String: Any])
        let capture = try #require(both["capture"] as? [String: Any])
        #expect(capture["busy"] as? Bool == true)
        #expect((capture["holder"] as? [String: Any])?["pid"] as? Int == 77)
        #expect((both["playback"] as? [String: Any])?["formats"] as? [String] == ["s16"])
    }

    @Test func `that is not there is answered with one line and no chatter`() throws {
        for words in ["--probe nowhere", "--test hw:7", "--supports s16 -D hw:CARD=Nobody", "--probe sim:nothing"] {
            let run = try ask(words)
            #expect(run.statuses == [2])
            #expect(run.errors[0].split(separator: "\n").count == 1)
            #expect(run.errors[0].hasPrefix("aup devices: device '"))
            #expect(run.output.isEmpty)
        }
    }

    @Test(.enabled(if: VirtualCard.isAvailable))
    func `that refuses to be opened says why`() throws {
        let card = try VirtualCard()
        try card.addPCM("locked", ["open_err": 13])
        for words in ["--probe locked", "--test locked", "--supports s16 -D locked"] {
            let run = try ask(words, card.environment)
            #expect(run.statuses == [2])
            #expect(run.errors[0].contains("permission denied"))
            #expect(run.errors[0].split(separator: "\n").count == 1)
        }
    }

    // MARK: - --test

    @Test func `about its clock is answered in ppm`() throws {
        let run = try ask("--test sim:sine?ppm=+150 -d 3s --json")
        #expect(run.statuses == [0])
        let capture = try #require(try object(run)["capture"] as? [String: Any])
        let ppm = try #require(capture["ppm"] as? Double)
        #expect(abs(ppm - 150) < 20)
        #expect(try #require(capture["ppm_uncertainty"] as? Double) < 50)
        #expect(try #require(capture["wake_ups"] as? Int) > 100)
        #expect(capture["clock"] as? Bool == true)
        for key in ["jitter_ms", "wake_up_ms"] {
            let spread = try #require(capture[key] as? [String: Any])
            let (mean, p99, most) = (spread["mean"] as? Double, spread["p99"] as? Double, spread["max"] as? Double)
            #expect(try #require(mean) <= (try #require(p99)))
            #expect(try #require(p99) <= (try #require(most)))
        }
    }

    @Test(.enabled(if: VirtualCard.isAvailable))
    func `runs both directions of a card and plays a soft tone`() throws {
        let card = try VirtualCard()
        try card.addPCM("board", ["formats": "S16_LE", "ppm": 500, "pfile": card.file("played").path])
        let run = try ask("--test board -r 48000 -c 2 -d 2s", card.environment)
        #expect(run.statuses == [0])
        #expect(run.errors == [""])
        let lines = text(run).split(separator: "\n").map(String.init)
        #expect(lines.first == "board capture: s16 48000 Hz 2 ch, period 480 frames (10 ms), buffer 24000 (500 ms)")
        #expect(lines.contains { $0.hasPrefix("board playback: ") })
        let rates = lines.filter { $0.hasPrefix("  rate ") }
        #expect(rates.count == 2)
        let errors = rates.compactMap { $0.firstMatch(of: /([-+][0-9.]+) ppm/).flatMap { Double($0.1) } }
        #expect(errors.count == 2 && errors.allSatisfy { abs($0 - 500) < 50 })
        #expect(lines.last?.hasPrefix("capture against playback: ") == true)
        // -20 dBFS of 16 bits are 3277; two seconds, and what was heard of the buffer at the end.
        let played = card.bytes("played")
        let samples = stride(from: 0, to: played.count - 1, by: 2).map {
            Int(Int16(truncatingIfNeeded: Int(played[$0]) | Int(played[$0 + 1]) << 8))
        }
        #expect(samples.count > 2 * 2 * 48_000)
        #expect((3270...3280).contains(samples.map(abs).max() ?? 0))
        #expect(abs(samples.first ?? 9999) < 10)
        #expect(abs(samples.last ?? 9999) < 400)
    }

    @Test(.enabled(if: VirtualCard.isAvailable))
    func `ends with one line where a device is pulled out, or never gives a frame`() throws {
        let card = try VirtualCard()
        // Two cards: the first stays away once it was pulled out.
        try card.addPCM("loose", ["card": "first", "unplug_at": 24_000])
        try card.addPCM("still", ["card": "second", "stall_at": 1, "stall_ms": 60_000])
        let pulled = try ask("--test loose --capture -d 20s", card.environment)
        #expect(pulled.statuses == [2])
        #expect(pulled.errors[0].hasPrefix("aup devices: device 'loose' is gone: it was unplugged"))
        #expect(pulled.errors[0].split(separator: "\n").count == 1)
        let still = try ask("--test still --capture -d 500ms", card.environment)
        #expect(still.statuses == [2])
        #expect(still.errors[0].contains("gave not one period"))
        #expect(still.output.isEmpty)
    }

    @Test func `ends by itself where no clock paces the device, and by a signal where one does`() throws {
        let fast = try ask("--test sim:null?pace=fast -d 20s")
        #expect(fast.statuses == [0])
        #expect(text(fast).contains("no clock paces it"))
        let ended = try Pipeline.run(
            ["aup devices --test sim:sine -d 60s"], during: "sleep 1; kill -INT $(stage 1)", seconds: 20)
        #expect(ended.statuses == [0])
        #expect(text(ended).contains("  wake-up "))
    }

    @Test(arguments: [
        "--supports nonsense", "--probe sim:sine --test sim:sine", "--probe sim:sine -D sim:sine", "-D sim:sine",
        "--capture", "-d 5s", "--test sim:sine -d 1ms", "--probe sim:sine --level -3",
        "--realtime --probe sim:sine", "--realtime=50 --watch",
    ])
    func `that makes no sense is refused`(_ words: String) throws {
        let run = try ask(words)
        #expect(run.statuses == [64])
        #expect(run.output.isEmpty)
    }
}
