import Foundation
import TestSupport
import Testing

/// Ogg Opus files as a user records them, opened by the programs of opus-tools and ffmpeg.
@Suite(
    .realTime, .serialized,
    .enabled(if: ToolRun.find("opusinfo") != nil && ToolRun.find("ffprobe") != nil, "no opus-tools"))
struct `Recordings in Ogg Opus` {
    /// Frames at 48 kHz that opusdec gives of a file.
    private func frames(_ path: String, channels: Int = 2) throws -> Int {
        let raw = path + ".raw"
        let run = try ToolRun("opusdec", ["--quiet", "--rate", "48000", path, raw])
        #expect(run.status == 0, "\(run.errors)")
        defer { try? FileManager.default.removeItem(atPath: raw) }
        return try Data(contentsOf: URL(filePath: raw)).count / 2 / channels
    }

    private func warnings(_ path: String) throws -> [String] {
        let run = try ToolRun("opusinfo", [path])
        return (run.output + run.errors).split(separator: "\n").map(String.init)
            .filter { $0.lowercased().contains("warning") || $0.lowercased().contains("error") }
    }

    @Test(arguments: [4000, 8000, 11_025, 44_100, 96_000, 192_000, 768_000])
    func `take every rate, and last as long as the sound`(rate: Int) throws {
        let scratch = try Scratch()
        let path = scratch.path("a.opus")
        let device = "'sim:sine?pace=fast&rate=\(rate)'"
        let run = try Pipeline.run(["aup capture -D \(device) -d \(rate + 7)f -o \(path)"])
        #expect(run.statuses == [0], "\(run.errors)")
        let expected = (Double(rate + 7) * 48_000 / Double(rate)).rounded()
        #expect(abs(try frames(path) - Int(expected)) <= (rate == 48_000 ? 0 : 1))
        #expect(try warnings(path).isEmpty)
    }

    @Test func `split, and the lengths of the files add up to the recording's`() throws {
        let scratch = try Scratch()
        let run = try Pipeline.run([
            "aup capture -D 'sim:noise?pace=fast&rate=44100' -d 154350f -o '\(scratch.path("%i.opus"))' --split 1s"
        ])
        #expect(run.statuses == [0], "\(run.errors)")
        let files = try RecordedFiles(in: scratch.folder.path).files
        #expect(files.map { $0["frames"] } == [44_100, 44_100, 44_100, 22_050])
        for file in files {
            #expect(try frames(file.path) == (file["frames"] ?? 0) / 147 * 160)
            #expect(try warnings(file.path).isEmpty)
        }
    }

    @Test func `hold a gap as silence of its length`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.opus")
        let run = try Pipeline.run(["aup capture -D 'sim:sine?xrun=48000f' -d 2s --json -o \(path)"])
        #expect(run.statuses == [0])
        #expect(try run.events("gap", stage: 0).count == 1)
        #expect(try frames(path) == 96_000)
    }

    /// Kills what writes the file after a while, however it got its sound.
    private func killed(_ stages: [String], _ path: String, rate: Int) throws -> (counted: Int, kept: Int) {
        let delay = Double.random(in: 1.0...2.6)
        let run = try Pipeline.run(
            stages,
            during: "stage \(stages.count) > /dev/null; while [ ! -s \(path).part ]; do sleep 0.01; done; "
                + "sleep \(delay); kill -9 $(stage \(stages.count))")
        #expect(run.statuses.last == 137)
        let said = try #require(run.errors.last).split(separator: "\n").filter { $0.hasSuffix("}") }
        let status = try #require(said.last { $0.contains("\"status\"") })
        let json = try JSONSerialization.jsonObject(with: Data(status.utf8)) as? [String: Any]
        let counted = try #require(json?["frames"] as? Int)
        return (counted * 48_000 / rate, try frames(path + ".part"))
    }

    /// One kill of each kind in an ordinary run, 25 where AUP_SOAK is set.
    private static let kills = (0..<(ProcessInfo.processInfo.environment["AUP_SOAK"] == nil ? 4 : 100)).map {
        ($0 % 2 == 0 ? "capture" : "process", $0 / 2 % 2 == 0 ? 48_000 : 44_100)
    }

    @Test(arguments: kills)
    func `open after a kill, lack less than a second, and are mended to a whole file`(
        command: String, rate: Int
    ) throws {
        let scratch = try Scratch()
        let path = scratch.path("take.opus")
        let device = "-D 'sim:noise?rate=\(rate)'"
        let (counted, kept) = try killed(
            command == "capture"
                ? ["aup capture \(device) --json --stats=0.05 -o \(path)"]
                : ["aup capture \(device)", "aup process --json --stats=0.05 -o \(path)"], path, rate: rate)
        #expect(counted - kept < 48_000 && kept > 0, "\(kept) of \(counted)")
        // Nobody can say beforehand which page will be the last one.
        let complaints = try warnings(path + ".part")
        #expect(complaints.allSatisfy { $0.contains("EOS") }, "\(complaints)")
        #expect(try ToolRun("ffprobe", ["-v", "error", path + ".part"]).status == 0)
        let mended = try Pipeline.run(["aup capture --repair --no-backup \(path).part"])
        #expect(mended.statuses == [0], "\(mended.errors)")
        #expect(String(decoding: mended.output, as: UTF8.self).contains("\(kept) frames"))
        #expect(try warnings(path).isEmpty)
        #expect(try frames(path) == kept)
    }

    @Test(.enabled(if: SmallDisk.isAvailable))
    func `end with a whole page on a full disk, and nothing is wrong with them`() throws {
        let disk = try SmallDisk(megabytes: 1)
        let path = "\(disk.path)/a.opus"
        let run = try Pipeline.run(
            ["aup capture -D 'sim:noise?pace=fast' -d 900s -o '\(path)' --json"], seconds: 120)
        #expect(run.statuses == [1])
        let end = try #require(try run.events("end", stage: 0).first)
        #expect((end["message"] as? String)?.contains("no room left") == true)
        #expect(try warnings(path).isEmpty)
        let scratch = try Scratch()
        let copy = scratch.path("a.opus")
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        #expect(try frames(copy) > 48_000)
    }

    @Test func `have pages as long as was asked for`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.opus")
        let run = try Pipeline.run(["aup capture -D 'sim:noise?pace=fast' -d 3s --page 200ms -o \(path)"])
        #expect(run.statuses == [0], "\(run.errors)")
        let info = try ToolRun("opusinfo", [path]).output
        #expect(info.contains("200.0ms (max)"), "\(info)")
    }
}
