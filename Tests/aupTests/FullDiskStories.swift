import Foundation
import TestSupport
import Testing

/// A disk that is full: what was recorded is whole, the exit says so, and old files go for new ones where that was asked.
@Suite(.realTime, .serialized, .enabled(if: SmallDisk.isAvailable)) struct `A recorder whose disk is full` {
    /// 192 kB a second, as fast as it goes.
    private static let loud = "aup capture -D 'sim:noise?pace=fast&rate=48000&channels=2' -f s16"
    private static let rate = 48_000

    private func end(_ run: Pipeline) throws -> [String: Any] {
        try #require(try run.events("end", stage: 0).first, "it said: \(run.errors[0])")
    }

    private func names(_ disk: SmallDisk, _ suffix: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: disk.path).filter { $0.hasSuffix(suffix) }
    }

    /// What the same device gives without any file between.
    private func unsplit(frames: Int) throws -> Data {
        try Pipeline.run(["\(Self.loud) -d \(frames)f --as raw"], seconds: 120).output
    }

    @Test func `without retention the recording ends with 1, and every frame before is in a whole file`() throws {
        let disk = try SmallDisk(megabytes: 64)
        let run = try Pipeline.run(
            ["\(Self.loud) -d 900s -o '\(disk.path)/%04i.wav' --split 8M --json"], seconds: 120)
        #expect(run.statuses == [1])
        #expect((try end(run)["message"] as? String)?.contains("no room left") == true)
        #expect(try names(disk, ".wav.part").isEmpty)
        let files = try names(disk, ".wav").sorted()
        let sound = try files.reduce(into: Data()) {
            $0.append(
                try Data(contentsOf: URL(filePath: "\(disk.path)/\($1)")).dropFirst(RecordedFiles.headerBytes))
        }
        #expect(sound.count > 63 << 20)
        #expect(try sound == unsplit(frames: sound.count / 4))
        // One word about it, not one for each packet.
        #expect(run.errors[0].utf8.count < 10_000)
    }

    @Test(arguments: ["flac", "w64", "ogg", "opus"])
    func `a codec's file is whole too`(container: String) throws {
        let disk = try SmallDisk(megabytes: 4)
        let path = "\(disk.path)/a.\(container)"
        let run = try Pipeline.run(["\(Self.loud) -d 900s -o '\(path)' --json"], seconds: 120)
        #expect(run.statuses == [1])
        #expect((try end(run)["message"] as? String)?.contains("no room left") == true)
        let info = try ToolRun("sndfile-info", [path])
        #expect(info.status == 0 && !info.output.contains("Error"), "\(info.output)")
        let heard = try ToolRun("ffmpeg", ["-v", "fatal", "-i", path, "-f", "s16le", "\(path).raw"])
        #expect(heard.status == 0 || FileManager.default.fileExists(atPath: "\(path).raw"), "\(heard.errors)")
    }

    @Test(arguments: ["wav", "flac", "w64", "ogg", "opus", "mp3"])
    func `a file of which not even the header is there is no file`(container: String) throws {
        let disk = try SmallDisk(megabytes: 1)
        let run = try Pipeline.run(
            ["\(Self.loud) -d 2s -o '\(disk.path)/a.\(container)'"],
            before: "dd if=/dev/zero of='\(disk.path)/full' bs=4k 2> /dev/null")
        #expect(run.statuses == [1])
        #expect(run.errors[0].contains("no room left"), "\(run.errors[0])")
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["full"])
    }

    @Test func `with retention the oldest go, and no frame is lost between the files`() throws {
        let disk = try SmallDisk(megabytes: 64)
        // More than the disk holds, so that keeping to the size alone never frees anything.
        let run = try Pipeline.run(
            ["\(Self.loud) -d 900s -o '\(disk.path)/%04i.wav' --split 4M --keep 1G --json"], seconds: 120)
        #expect(run.statuses == [0], "\(run.errors[0].suffix(500))")
        #expect(try end(run)["removed_files"] as? Int ?? 0 > 20)
        let recorded = try RecordedFiles(in: disk.path)
        let first = try #require(recorded.files.first?["position"])
        let sound = try recorded.sound
        // What is left is the end of the recording, all of it.
        #expect(first + sound.count / 4 == 900 * Self.rate)
        #expect(try sound == unsplit(frames: 900 * Self.rate).suffix(sound.count))
    }

    @Test func `with retention a codec never meets the full disk`() throws {
        let disk = try SmallDisk(megabytes: 24)
        let run = try Pipeline.run(
            ["\(Self.loud) -d 600s -o '\(disk.path)/%04i.flac' --split 10s --keep 1G --json"], seconds: 120)
        #expect(run.statuses == [0], "\(run.errors[0].suffix(500))")
        #expect(!run.errors[0].contains("no room left"))
        let files = try RecordedFiles(in: disk.path).files
        #expect(try end(run)["files"] as? Int == 60)
        #expect(files.last?["number"] == 60)
        for file in files {
            let samples = try ToolRun("soxi", ["-s", file.path]).output
            #expect(Int(samples.trimmingCharacters(in: .whitespacesAndNewlines)) == file["frames"], "\(file.path)")
        }
    }

    @Test func `--min-free keeps that much of the disk for others`() throws {
        let disk = try SmallDisk(megabytes: 48)
        let run = try Pipeline.run(
            ["\(Self.loud) -d 400s -o '\(disk.path)/%04i.wav' --split 1M --min-free 16M --json"], seconds: 120)
        #expect(run.statuses == [0], "\(run.errors[0].suffix(500))")
        #expect(try end(run)["removed_files"] as? Int ?? 0 > 10)
        #expect(disk.freeBytes >= 16 << 20)
        let recorded = try RecordedFiles(in: disk.path)
        #expect(recorded.files.last?["number"] == (try end(run)["files"] as? Int))
        // No more went than had to.
        #expect(disk.freeBytes <= 20 << 20)
    }
}
