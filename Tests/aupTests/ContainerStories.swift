import Foundation
import TestSupport
import Testing

/// Recordings in every container, as a user makes them and other programs read them.
@Suite(.realTime) struct `Recordings in containers` {
    static let containers = ["wav", "w64", "caf", "aiff", "flac", "ogg", "opus", "mp3"]

    /// Frames as a program counts them; `nil` where the program does not read such files here.
    static func frames(_ path: String, _ program: String) throws -> Int? {
        guard ToolRun.find(program) != nil else { return nil }
        switch program {
        case "soxi":
            let run = try ToolRun("soxi", ["-s", path])
            return run.status == 0 ? Int(run.output.trimmingCharacters(in: .whitespacesAndNewlines)) : nil
        case "sndfile-info":
            let run = try ToolRun("sndfile-info", [path])
            let line = run.output.split(separator: "\n").first { $0.hasPrefix("Frames") }
            return line?.split(separator: ":").last.flatMap { Int($0.trimmingCharacters(in: .whitespaces)) }
        default:
            let fields = ["-show_entries", "format=duration", "-of", "csv=p=0"]
            let run = try ToolRun("ffprobe", ["-v", "error"] + fields + [path])
            let seconds = Double(run.output.trimmingCharacters(in: .whitespacesAndNewlines))
            return seconds.map { Int(($0 * 48_000).rounded()) }
        }
    }

    @Test(arguments: containers, ["s16", "f32"])
    func `a recording has exactly its length`(container: String, format: String) throws {
        let scratch = try Scratch()
        let path = scratch.path("take.\(container)")
        let run = try Pipeline.run(["aup capture -D 'sim:sine?pace=fast' -f \(format) -d 120001f -o \(path)"])
        #expect(run.statuses == [0], "\(run.errors)")
        for program in ["sndfile-info", "soxi", "ffprobe"] {
            guard let frames = try Self.frames(path, program) else { continue }
            // ffprobe adds an encoder's delay, and sox, where it reads MP3 at all, counts whole frames of it.
            let isRounded =
                program == "ffprobe"
                ? ["opus", "mp3", "ogg"].contains(container)
                : program == "soxi" && container == "mp3"
            // It tells microseconds.
            #expect(isRounded ? abs(frames - 120_001) < 2500 : abs(frames - 120_001) <= 1, "\(program): \(frames)")
            if program != "ffprobe", !isRounded { #expect(frames == 120_001, "\(program)") }
        }
        #expect(!FileManager.default.fileExists(atPath: path + ".part"))
    }

    @Test(arguments: containers)
    func `what was recorded is read again from a file and from a pipe, to the frame`(container: String) throws {
        let scratch = try Scratch()
        let path = scratch.path("take.\(container)")
        let run = try Pipeline.run(["aup capture -D 'sim:sine?pace=fast' -f s16 -d 96001f -o \(path)"])
        #expect(run.statuses == [0], "\(run.errors)")
        for words in ["aup process -i \(path)", "aup process < \(path)", "cat \(path) | aup process"] {
            let back = try Pipeline.run(["bash -o pipefail -c '\(words) --as raw -f s16'"])
            #expect(back.statuses == [0], "\(words): \(back.errors)")
            #expect(back.output.count == 96_001 * 4, "\(words)")
        }
    }

    @Test func `--container goes before the name, and a pipe ends in a file as well`() throws {
        let scratch = try Scratch()
        let path = scratch.path("take.bin")
        let run = try Pipeline.run([
            "aup capture -D 'sim:noise?pace=fast' -f s24 -d 1s", "aup process -o \(path) --container flac",
        ])
        #expect(run.statuses == [0, 0], "\(run.errors)")
        let probe = try ToolRun(
            "ffprobe",
            ["-v", "error", "-show_entries", "stream=codec_name,bits_per_raw_sample", "-of", "csv=p=0", path])
        #expect(probe.output.trimmingCharacters(in: .whitespacesAndNewlines) == "flac,24")
    }

    @Test func `what FLAC holds comes back bit by bit`() throws {
        let scratch = try Scratch()
        let device = "'sim:noise?pace=fast&seed=3'"
        let flac = scratch.path("a.flac")
        let run = try Pipeline.run([
            "aup capture -D \(device) -f s16 -d 1s -o \(flac) && ffmpeg -v error -i \(flac) -f s16le -"
        ])
        let raw = try Pipeline.run(["aup capture -D \(device) -f s16 -d 1s --as raw"])
        #expect(raw.output.count == 192_000)
        let decoded = try Pipeline.run(["ffmpeg -v error -i \(flac) -f s16le -"])
        #expect(run.statuses == [0] && decoded.output == raw.output)
    }

    @Test func `a gap is silence of its length`() throws {
        let scratch = try Scratch()
        for container in ["flac", "caf"] {
            let path = scratch.path("gap.\(container)")
            let run = try Pipeline.run([
                "aup capture -D 'sim:sine?xrun=48000f' -d 2s --json -o \(path)"
            ])
            #expect(run.statuses == [0])
            #expect(try run.events("gap", stage: 0).count == 1)
            #expect(try Self.frames(path, "sndfile-info") ?? 96_000 == 96_000)
        }
    }

    @Test func `the broadcast chunk says when the first sample was taken`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.wav")
        let before = Date()
        let run = try Pipeline.run(["aup capture -D sim:sine -d 1s --description 'A test' -o \(path)"])
        #expect(run.statuses == [0])
        let probe = try ToolRun("ffprobe", ["-v", "error", "-show_entries", "format_tags", "-of", "json", path])
        let json = try #require(try JSONSerialization.jsonObject(with: Data(probe.output.utf8)) as? [String: Any])
        let tags = try #require((json["format"] as? [String: Any])?["tags"] as? [String: String])
        #expect(tags["encoded_by"] == "aup" && tags["comment"] == "A test")
        let reference = try #require(tags["time_reference"].flatMap { Int64($0) })
        let date = try #require(tags["date"])
        let midnight = try Date("\(date)T00:00:00Z", strategy: .iso8601)
        let start = midnight.addingTimeInterval(Double(reference) / 48_000)
        // A second of sound lies between the start and the end of the run, whatever the machine is doing.
        #expect(start >= before && start.addingTimeInterval(0.99) <= Date())
    }

    @Test(arguments: ["never", "finish", "1"])
    func `every fsync policy records`(policy: String) throws {
        let scratch = try Scratch()
        let path = scratch.path("a.flac")
        let run = try Pipeline.run(["aup capture -D 'sim:sine?pace=fast' -d 5s --fsync \(policy) -o \(path)"])
        #expect(run.statuses == [0])
        #expect(try Self.frames(path, "sndfile-info") ?? 240_000 == 240_000)
    }

    @Test func `what cannot be is said, with 64 for a mistake and 1 for a container that cannot hold it`() throws {
        let scratch = try Scratch()
        for (words, status, text) in [
            ("-o \(scratch.path("a.xyz"))", 64, "--container"), ("-o \(scratch.path("a")) --container tape", 64, "w64"),
            ("-o \(scratch.path("a.wav")) --fsync often", 64, "never"), ("--container flac", 64, "--as"),
            ("-c 9 -o \(scratch.path("a.flac"))", 1, "FLAC cannot hold"),
            ("-o \(scratch.path("a.flac")) --bext", 64, "a.flac is FLAC, and only a WAV file has a bext chunk"),
            ("-o \(scratch.path("a.opus")) --description Dawn", 64, "a.opus is Ogg Opus, and only a WAV file"),
            ("-o \(scratch.path("a.aup")) --bext", 64, "a.aup is an aup stream, and only a WAV file"),
        ] as [(String, Int, String)] {
            let run = try Pipeline.run(["aup capture -D 'sim:sine?pace=fast' -d 1s \(words) > /dev/null"])
            #expect(
                run.statuses == [status] && run.errors[0].contains(text), "\(words): \(run.statuses) \(run.errors[0])")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path).isEmpty)
    }
}
