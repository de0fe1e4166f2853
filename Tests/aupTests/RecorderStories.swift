import Foundation
import TestSupport
import Testing

/// Recordings of many files: nothing lost between them, nothing lost to a full disk, a hook or a signal.
@Suite(.realTime, .serialized) struct `A recording in many files` {
    private static let noise = "aup capture -D 'sim:noise?pace=fast&rate=8000&channels=1' -f s16"

    private func capture(
        _ words: String, before: String = ":", during: String = "", seconds: Int = 60
    ) throws -> Pipeline {
        try Pipeline.run(["\(Self.noise) \(words) --json"], before: before, during: during, seconds: seconds)
    }

    private func end(_ run: Pipeline, _ stage: Int = 0) throws -> [String: Any] {
        try #require(try run.events("end", stage: stage).first, "it said: \(run.errors[stage])")
    }

    private func names(_ scratch: Scratch, _ suffix: String = ".wav") throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: scratch.folder.path).filter { $0.hasSuffix(suffix) }
    }

    private func recorded(_ scratch: Scratch) throws -> RecordedFiles { try RecordedFiles(in: scratch.folder.path) }

    /// What the same device gives without any file between.
    private func unsplit(_ frames: Int) throws -> Data {
        try Pipeline.run(["\(Self.noise) -d \(frames)f --as raw"]).output
    }

    /// A line of shell that waits for a file, and then a moment for frames in it.
    private func wait(_ scratch: Scratch, _ name: String) -> String {
        "until [ -e '\(scratch.path(name))' ]; do sleep 0.05; done; sleep 0.3"
    }

    // MARK: - Splitting

    @Test func `a thousand rotations: the files together are the recording, no frame lost or doubled`() throws {
        let scratch = try Scratch()
        let frames = 1_000 * 997 + 1
        let run = try capture("-d \(frames)f -o '\(scratch.path("%F/%H/%i.wav"))' --split 997f", seconds: 120)
        #expect(run.statuses == [0])
        let files = try recorded(scratch).files
        #expect(files.count == 1001)
        #expect(try end(run)["files"] as? Int == 1001)
        #expect(files.map { $0["number"] } == (1...1001).map { $0 })
        #expect(files.map { $0["position"] } == (0...1000).map { $0 * 997 })
        #expect(try recorded(scratch).sound == unsplit(frames))
        #expect(try names(scratch, ".part").isEmpty)
    }

    @Test func `sizes are the files' own, headers included`() throws {
        let scratch = try Scratch()
        let run = try capture("-d 30000f -o '\(scratch.path("a.wav"))' --split 10KB")
        #expect(run.statuses == [0])
        let files = try recorded(scratch).files
        #expect(files.dropLast().allSatisfy { $0["bytes"] == 10_000 })
        #expect(try recorded(scratch).sound == unsplit(30_000))
        #expect(try names(scratch).sorted().prefix(3) == ["a-1.wav", "a-2.wav", "a-3.wav"])
    }

    @Test(arguments: ["flac", "ogg", "opus", "mp3"])
    func `a codec's files stay below the size, and have every frame between them`(container: String) throws {
        let scratch = try Scratch()
        let run = try Pipeline.run([
            "aup capture -D 'sim:noise?pace=fast&channels=1' -f s16 -d 60s -o '\(scratch.path("%i.\(container)"))' "
                + "--split 300KB --json"
        ])
        #expect(run.statuses == [0], "\(run.errors)")
        let files = try recorded(scratch).files
        #expect(files.count > 1)
        #expect(files.allSatisfy { $0["bytes"] ?? .max <= 300_000 })
        // Not split at random either.
        #expect(files.dropLast().allSatisfy { $0["bytes"] ?? 0 > 150_000 })
        #expect(files.reduce(0) { $0 + ($1["frames"] ?? 0) } == 60 * 48_000)
        for (file, next) in zip(files, files.dropFirst()) {
            #expect((file["position"] ?? 0) + (file["frames"] ?? 0) == next["position"])
        }
        guard container == "flac" else { return }
        for file in files {
            let samples = try ToolRun("soxi", ["-s", file.path]).output
            #expect(Int(samples.trimmingCharacters(in: .whitespacesAndNewlines)) == file["frames"])
        }
    }

    @Test func `aligned files begin on the second, and their sidecars say when to the sample`() throws {
        let scratch = try Scratch()
        let run = try capture("-d 5s -o '\(scratch.path("%H%M%S.wav"))' --split 1s --align --utc")
        #expect(run.statuses == [0])
        let files = try recorded(scratch).files
        #expect((5...6).contains(files.count))
        for file in files.dropFirst() {
            let start = try #require(file["start_ns"])
            // To the nearest frame: 125 microseconds.
            let distance = (start + 500_000_000) % 1_000_000_000 - 500_000_000
            #expect(abs(distance) <= 125_000)
        }
        #expect(files.dropFirst().dropLast().allSatisfy { $0["frames"] == 8000 })
        #expect(try recorded(scratch).sound == unsplit(40_000))
    }

    @Test func `SIGUSR1 starts the next file, and nothing is lost between`() throws {
        let scratch = try Scratch()
        let path = scratch.path("%i.wav")
        let run = try Pipeline.run(
            ["aup capture -D 'sim:noise?rate=8000&channels=1' -f s16 -d 3s -o '\(path)' --json"],
            during: "p=$(stage 1); \(wait(scratch, "1.wav.part")); kill -USR1 $p; \(wait(scratch, "2.wav.part")); "
                + "kill -USR1 $p")
        #expect(run.statuses == [0])
        let files = try recorded(scratch).files
        #expect(files.count == 3)
        #expect(try recorded(scratch).sound == unsplit(24_000))
    }

    @Test func `names that are taken are left alone, whoever took them`() throws {
        let scratch = try Scratch()
        let others = ["a.wav", "a-2.wav.part", "a-3.wav.json"]
        for name in others { try Data("other".utf8).write(to: scratch.folder.appending(path: name)) }
        let run = try capture("-d 3000f -o '\(scratch.path("a.wav"))' --split 1000f")
        #expect(run.statuses == [0])
        for name in others {
            #expect(try Data(contentsOf: scratch.folder.appending(path: name)) == Data("other".utf8))
        }
        #expect(try names(scratch).sorted() == ["a-1.wav", "a-4.wav", "a-5.wav", "a.wav"])
    }

    @Test func `a gap is silence in its files, and each file's sidecar has its part of it`() throws {
        let scratch = try Scratch()
        let path = scratch.path("%i.wav")
        let run = try Pipeline.run(
            [
                "aup capture -D 'sim:noise?rate=48000&channels=1&xrun=24000f' -f s16 -d 2s -o '\(path)' --split 3000f --json"
            ])
        #expect(run.statuses == [0])
        let gap = try #require(try run.events("gap", stage: 0).first)
        let files = try recorded(scratch).files
        let parts = files.flatMap { $0.members["gaps"] as? [[String: Any]] ?? [] }
        #expect(parts.first?["position"] as? Int == gap["position"] as? Int)
        #expect(parts.reduce(0) { $0 + ($1["frames"] as? Int ?? 0) } == gap["frames"] as? Int)
        #expect(files.reduce(0) { $0 + ($1["frames"] ?? 0) } == 96_000)
        #expect(try recorded(scratch).sound.count == 192_000)
    }

    @Test(arguments: ["INT", "TERM", "HUP", "QUIT"])
    func `a signal finishes the file, the sidecar and the hook`(signal: String) throws {
        let scratch = try Scratch()
        let log = scratch.path("log")
        let run = try Pipeline.run(
            [
                "aup capture -D 'sim:noise?rate=8000&channels=1' -f s16 -o '\(scratch.path("%i.wav"))' --split 4000f "
                    + "--json --on-file \"sh -c 'sleep 0.2; echo \\$AUP_FILE >> \(log)'\""
            ], during: "p=$(stage 1); \(wait(scratch, "2.wav.part")); kill -\(signal) $p")
        #expect(run.statuses == [0])
        let files = try recorded(scratch).files
        #expect(files.count >= 2)
        #expect(try names(scratch, ".part").isEmpty)
        let frames = try #require(try end(run)["frames"] as? Int)
        #expect(try recorded(scratch).sound == unsplit(frames))
        let hooked = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(hooked == files.map(\.path))
    }

    @Test func `a second signal does not wait for a hook; what was recorded is whole`() throws {
        let scratch = try Scratch()
        let run = try Pipeline.run(
            [
                "aup capture -D 'sim:noise?rate=8000&channels=1' -f s16 -o '\(scratch.path("%i.wav"))' --json "
                    + "--on-file 'sleep 30'"
            ],
            during:
                "p=$(stage 1); \(wait(scratch, "1.wav.part")); kill -INT $p; \(wait(scratch, "1.wav.json")); kill -INT $p"
        )
        #expect(run.statuses == [130])
        let files = try recorded(scratch).files
        #expect(files.count == 1)
        #expect(try recorded(scratch).sound == unsplit(files[0]["frames"] ?? 0))
    }

    @Test func `each sound of a triggered recording is a file, from its pre-roll on`() throws {
        let scratch = try Scratch()
        let device = "aup capture -D 'sim:impulse?pace=fast&level=0&channels=1' -f s16"
        // One impulse a second, on its first frame, and nothing in between.
        let run = try Pipeline.run([
            "\(device) -d 4s --trigger -6dB --pre-roll 100ms --hang 200ms -o '\(scratch.path("%i.wav"))' --bext --json"
        ])
        #expect(run.statuses == [0], "\(run.errors)")
        let files = try recorded(scratch).files
        #expect(files.map { $0["position"] } == [0, 43_200, 91_200, 139_200])
        #expect(files.map { $0["frames"] } == [9601, 14_401, 14_401, 14_401])
        let direct = try Pipeline.run(["\(device) -d 4s --as raw"]).output
        for file in files {
            // With bext the header has 610 bytes more.
            let sound = try Data(contentsOf: URL(filePath: file.path)).dropFirst(RecordedFiles.headerBytes + 610)
            let first = 2 * (file["position"] ?? 0)
            #expect(sound == direct.dropFirst(first).prefix(sound.count))
            #expect(sound.count == 2 * (file["frames"] ?? 0))
        }
        let starts = files.compactMap { $0["start_ns"] }
        // A simulated device at full speed has no time but its frames.
        #expect(starts[2] - starts[1] == 1_000_000_000)
        #expect(try names(scratch, ".part").isEmpty)
        // Under a plain name it is one file in which the rest is silence.
        let path = scratch.path("one.wav")
        let one = try Pipeline.run(["\(device) -d 4s --trigger -6dB --pre-roll 100ms --hang 200ms -o '\(path)'"])
        #expect(one.statuses == [0])
        #expect(try Data(contentsOf: URL(filePath: path)).dropFirst(RecordedFiles.headerBytes) == direct)
    }

    // MARK: - Hooks

    @Test func `a hook is run for every file, in order, without a shell, and knows the file`() throws {
        let scratch = try Scratch()
        let log = scratch.path("log")
        let program = scratch.path("a hook")
        try """
        #!/bin/sh
        echo "$1 $AUP_NUMBER $AUP_FRAMES $AUP_POSITION $AUP_RATE $AUP_GAPS $AUP_LOST $AUP_XRUNS $AUP_SHA256" >> '\(log)'
        sha256sum "$AUP_FILE" | cut -d' ' -f1 >> '\(log).sums'
        """.write(toFile: program, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        let run = try capture(
            "-d 5500f -o '\(scratch.path("%i.wav"))' --split 1000f --on-file '\"\(program)\" $HOME;x'")
        #expect(run.statuses == [0])
        #expect(try end(run)["hooks"] as? Int == 6)
        #expect(try end(run)["failed_hooks"] as? Int == 0)
        let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 6)
        for (index, line) in lines.enumerated() {
            let frames = index == 5 ? 500 : 1000
            #expect(line.hasPrefix("$HOME;x \(index + 1) \(frames) \(index * 1000) 8000 0 0 0 "))
        }
        let said = lines.map { String($0.split(separator: " ").last ?? "") }
        let sums = try String(contentsOfFile: log + ".sums", encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(said == sums)
        #expect(try recorded(scratch).files.map { $0.members["sha256"] as? String } == sums)
    }

    @Test func `a hook that hangs is ended with all it started, and nothing is lost`() throws {
        let scratch = try Scratch()
        let run = try capture(
            "-d 5000f -o '\(scratch.path("%i.wav"))' --split 1000f --hook-timeout 200ms "
                + "--on-file \"sh -c 'sleep 300.25 & sleep 300.25'\"")
        #expect(run.statuses == [0])
        #expect(try end(run)["failed_hooks"] as? Int == 5)
        #expect(run.errors[0].contains("--hook-timeout"))
        #expect(try recorded(scratch).sound == unsplit(5000))
        #expect(try ToolRun("pgrep", ["-f", "sleep 300[.]25"]).status == 1)
    }

    @Test func `a hook that fails is told with its words, counted, and harms nobody`() throws {
        let scratch = try Scratch()
        let run = try capture(
            "-d 3000f -o '\(scratch.path("%i.wav"))' --split 1000f --on-file \"sh -c 'echo no such bucket; exit 7'\"")
        #expect(run.statuses == [0])
        #expect(try end(run)["failed_hooks"] as? Int == 3)
        #expect(run.errors[0].contains("failed with 7"))
        #expect(run.errors[0].contains("no such bucket"))
        #expect(try recorded(scratch).sound == unsplit(3000))
    }

    @Test func `a hook that is no program is told and counted`() throws {
        let scratch = try Scratch()
        let run = try capture("-d 1000f -o '\(scratch.path("%i.wav"))' --on-file /nonexistent/hook")
        #expect(run.statuses == [0])
        #expect(try end(run)["failed_hooks"] as? Int == 1)
        #expect(run.errors[0].contains("/nonexistent/hook"))
    }

    @Test func `a hook that floods its output ends, and the log stays small`() throws {
        let scratch = try Scratch()
        let run = try capture(
            "-d 3000f -o '\(scratch.path("%i.wav"))' --split 1000f "
                + "--on-file \"sh -c 'yes \"\(String(repeating: "x", count: 100))\" | head -c 3000000; exit 1'\"")
        #expect(run.statuses == [0])
        #expect(try end(run)["failed_hooks"] as? Int == 3)
        #expect(run.errors[0].utf8.count < 10_000)
        #expect(try recorded(scratch).sound == unsplit(3000))
    }

    @Test func `more files than hooks can follow: files that go without are counted, every file is kept`() throws {
        let scratch = try Scratch()
        let run = try capture(
            "-d 100000f -o '\(scratch.path("%i.wav"))' --split 1000f --hook-timeout 20s "
                + "--on-file \"sh -c 'while [ ! -e \(scratch.path("go")) ]; do sleep 0.1; done'\"",
            during: "sleep 4; touch \(scratch.path("go"))")
        #expect(run.statuses == [0])
        let end = try end(run)
        // One runs, 64 wait.
        #expect(end["hooks"] as? Int == 65)
        #expect(end["failed_hooks"] as? Int == 35)
        let files = try recorded(scratch).files
        #expect(files.count == 100)
        #expect(try recorded(scratch).sound == unsplit(100_000))
    }
}
