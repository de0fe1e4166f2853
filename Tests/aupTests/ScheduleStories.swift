import Foundation
import TestSupport
import Testing

/// Windows of time, locks, a look ahead, and recordings that sound begins.
@Suite(.realTime, .serialized) struct `A recorder that keeps to its time` {
    private func end(_ run: Pipeline, _ stage: Int = 0) throws -> [String: Any] {
        try #require(try run.events("end", stage: stage).first, "stage \(stage) said: \(run.errors[stage])")
    }

    @Test func `a window has the frames of its length`() throws {
        let run = try Pipeline.run([
            "aup capture -D sim:noise --at +1s --until +2s --json", "aup process --as raw --json",
        ])
        #expect(run.statuses == [0, 0], "\(run.errors)")
        let frames = try #require(try end(run)["frames"] as? Int)
        // Both ends are moments of the wall clock, which the device's clock meets to within its own error.
        #expect(abs(frames - 96_000) <= 480)
        #expect(run.output.count == frames * 4)
    }

    @Test func `a duration after a start is exact`() throws {
        let run = try Pipeline.run(["aup capture -D sim:noise --at +1s -d 1s --json", "aup process --as raw"])
        #expect(run.statuses == [0, 0], "\(run.errors)")
        #expect(run.output.count == 48_000 * 4)
    }

    @Test func `a window that has begun is joined and ends on time`() throws {
        let format = DateFormatter()
        format.dateFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'"
        format.timeZone = TimeZone(identifier: "UTC")
        let start = format.string(from: Date(timeIntervalSinceNow: -60))
        let until = format.string(from: Date(timeIntervalSinceNow: 3))
        let run = try Pipeline.run(["aup capture -D sim:noise --at \(start) --until \(until) --json", "cat"])
        #expect(run.statuses == [0, 0], "\(run.errors)")
        #expect(try end(run)["frames"] as? Int ?? 0 > 0)
        #expect(try end(run)["frames"] as? Int ?? 0 < 3 * 48_000 + 480)
    }

    @Test func `a signal ends the wait for a window, and no file is made`() throws {
        let scratch = try Scratch()
        let run = try Pipeline.run(
            ["aup capture -D sim:noise --at +1h -o \(scratch.path("never.wav"))"],
            during: "stage 1 > /dev/null; sleep 0.5; kill -INT $(stage 1)")
        #expect(run.statuses == [0], "\(run.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path).isEmpty)
    }

    @Test func `a window that is past is refused`() throws {
        for (words, expected) in [
            ("--at 2020-01-01", "past"), ("--until 2020-01-01", "past"), ("--at soon", "soon"),
            ("--until 2030-01-01 --at 2030-01-02", "--at"), ("--pre-roll 1s", "--trigger"), ("--exit-on fire", "fire"),
        ] {
            let run = try Pipeline.run(["aup capture -D sim:sine \(words)"])
            #expect(run.statuses == [64], "\(words): \(run.errors[0])")
            #expect(run.errors[0].contains(expected), "\(words): \(run.errors[0])")
        }
    }

    @Test func `two recorders do not hold one lock, and the second says who does`() throws {
        let scratch = try Scratch()
        let lock = scratch.path("lock")
        let run = try Pipeline.run(
            ["aup capture -D sim:sine -d 3s --lock \(lock)", "cat"],
            during:
                "stage 1 > /dev/null; sleep 1; aup capture -D sim:sine -d 1s --lock \(lock) -o second.wav 2> second; "
                + "echo $? >> second; aup capture -D sim:sine --check --lock \(lock) >> second; "
                + "ls second.wav >> second 2>&1; cp second \(scratch.path("second"))")
        #expect(run.statuses == [0, 0], "\(run.errors)")
        let second = try String(contentsOfFile: scratch.path("second"), encoding: .utf8)
        #expect(second.contains("is held by aup capture, process"))
        #expect(second.contains("\n1\n"))
        #expect(second.contains("lock      \(lock): held by aup capture"))
        #expect(second.contains("No such file"))
        // It is free again, whoever held it last.
        let after = try Pipeline.run(["aup capture -D 'sim:sine?pace=fast' -d 1s --lock \(lock)", "cat"])
        #expect(after.statuses == [0, 0])
    }

    @Test func `a check prints the plan and makes no file`() throws {
        let scratch = try Scratch()
        let folder = scratch.folder.path
        let words =
            "aup capture -D sim:sine --check --at 2090-06-01T02:30 --until 2090-06-01T03:30 -o \(folder)/a.wav --lock \(folder)/lock"
        let run = try Pipeline.run([words], environment: ["TZ": "Europe/Berlin"])
        #expect(run.statuses == [0], "\(run.errors)")
        let text = String(decoding: run.output, as: UTF8.self)
        for word in ["sim:sine", "s16 48000 Hz 2 ch", "02:30:00", "00:30:00 UTC", "\(folder)/a.wav", "lock: free"] {
            #expect(text.contains(word), "\(word) is missing in \(text)")
        }
        let json = try Pipeline.run([words + " --json"])
        let object = try #require(
            try JSONSerialization.jsonObject(with: json.output) as? [String: Any])
        #expect(object["rate"] as? Int == 48_000)
        #expect((object["start_utc"] as? String)?.hasSuffix("UTC") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        let missing = try Pipeline.run(["aup capture -D hw:CARD=Nothing --check"])
        #expect(missing.statuses == [2])
    }

    @Test func `a check names the first file of a recording, and says what is in its way`() throws {
        let scratch = try Scratch()
        let folder = scratch.folder.path
        let taken = scratch.path("taken.wav")
        try Data().write(to: URL(filePath: taken))
        let words = "aup capture -D sim:sine --check --utc --at 2090-06-01T02:30Z"
        let run = try Pipeline.run(["\(words) -o '\(folder)/%F/%H%M.flac' -o \(folder)/one.wav --split 1h --align"])
        #expect(run.statuses == [0], "\(run.errors)")
        let text = String(decoding: run.output, as: UTF8.self)
        #expect(text.contains("first     \(folder)/2090-06-01/0230.flac\n"), "\(text)")
        for (output, problem) in [(taken, "is there already"), ("\(folder)/none/a.wav", "there is no folder")] {
            let refused = try Pipeline.run(["\(words) -o \(output)"])
            #expect(refused.statuses == [1])
            #expect(String(decoding: refused.output, as: UTF8.self).contains(problem))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["taken.wav"])
        let wrong = try Pipeline.run(["\(words) --keep 1d"])
        #expect(wrong.statuses == [64])
    }

    @Test func `sound begins a recording, and the rest is silence of the same length`() throws {
        // One impulse a second, and nothing in between.
        let run = try Pipeline.run([
            "aup capture -D 'sim:impulse?pace=fast&level=0' -d 4s --trigger -6dB --pre-roll 100ms --hang 200ms --json",
            "aup process --as raw",
        ])
        #expect(run.statuses == [0, 0], "\(run.errors)")
        #expect(run.output.count == 4 * 48_000 * 4)
        let begins = try run.events("trigger-on", stage: 0).compactMap { $0["position"] as? Double }
        #expect(begins.count >= 3)
        let direct = try Pipeline.run(["aup capture -D 'sim:impulse?pace=fast&level=0' -d 4s --as raw"])
        #expect(direct.output == run.output)
    }
}
