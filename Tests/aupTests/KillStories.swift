import Foundation
import TestSupport
import Testing

/// kill -9 in the middle of a recording: what is on the disk opens everywhere and is short by a second at most.
@Suite(.realTime, .serialized) struct `A recording that is killed` {
    /// Ten kills in an ordinary run, a hundred where AUP_SOAK is set.
    private static let rounds = ProcessInfo.processInfo.environment["AUP_SOAK"] == nil ? 10 : 100
    private static let kinds = ["wav", "rf64", "flac", "ogg", "opus"]

    /// Kills a recording after `delay` seconds of sound or a little more.
    ///
    /// - Returns: how many frames the recording had counted when it was killed.
    private func kill(
        after delay: Double, _ path: String, _ more: String, _ environment: [String: String], level: Int = -12
    ) throws -> Int {
        let run = try Pipeline.run(
            ["aup capture -D 'sim:noise?level=\(level)' --json --stats=0.05 -o \(path) \(more)"],
            during: "stage 1 > /dev/null; while [ ! -s \(path).part ]; do sleep 0.01; done; sleep \(delay); "
                + "kill -9 $(stage 1)", environment: environment)
        #expect(run.statuses == [137])
        let whole = run.errors[0].prefix { _ in true }.split(separator: "\n").filter { $0.hasSuffix("}") }
        let last = try #require(whole.last { $0.contains("\"status\"") })
        let json = try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any]
        return try #require(json?["frames"] as? Int)
    }

    /// The frames that sox and ffmpeg decode, the fewer of both, after all three have opened the file.
    private func openedEverywhere(_ part: String, _ container: String) throws -> Int {
        let scratch = try Scratch()
        var kept = Int.max
        if ToolRun.find("sndfile-info") != nil, container != "mp3" {
            let info = try ToolRun("sndfile-info", [part])
            #expect(info.status == 0 && !info.output.contains("Error"), "\(info.output)")
        }
        // Sox reads neither here, unless packages are there that nobody else needs.
        if ToolRun.find("sox") != nil, container != "opus", container != "mp3" {
            let raw = scratch.path("sox.raw")
            let sox = try ToolRun("sox", ["-t", container, part, "-b", "16", "-e", "signed", "-c", "1", raw])
            #expect(sox.status == 0, "\(sox.errors)")
            kept = try Data(contentsOf: URL(filePath: raw)).count / 2
        }
        let probe = try ToolRun("ffprobe", ["-v", "error", "-show_entries", "format=format_name", part])
        #expect(probe.status == 0, "\(probe.errors)")
        let raw = scratch.path("ffmpeg.raw")
        let run = try ToolRun("ffmpeg", ["-v", "fatal", "-i", part, "-f", "s16le", "-ac", "1", raw])
        #expect(run.status == 0, "\(run.errors)")
        return min(kept, try Data(contentsOf: URL(filePath: raw)).count / 2)
    }

    private func story(_ kind: String, delay: Double, level: Int = -12) throws {
        let scratch = try Scratch()
        let container = kind == "rf64" ? "wav" : kind
        let path = scratch.path("take.\(container)")
        // RF64 after the first third of a second, so that kills fall on both sides of the change.
        let environment = kind == "rf64" ? ["AUP_TEST_RF64_BYTES": "60000"] : [:]
        let counted = try kill(after: delay, path, "", environment, level: level)
        #expect(!FileManager.default.fileExists(atPath: path))
        let kept = try openedEverywhere(path + ".part", container)
        #expect(counted - kept <= 48_000, "\(kind) killed after \(delay) s: \(kept) of \(counted) frames")
        #expect(kept > 0)
        if kind == "rf64" {
            let head = try FileHandle(forReadingFrom: URL(filePath: path + ".part")).read(upToCount: 4)
            #expect(head == Data("RF64".utf8))
        }
    }

    @Test(
        .enabled(if: ToolRun.find("ffmpeg") != nil, "ffmpeg is not installed"), arguments: 0..<rounds)
    func `at a random time, in WAV, RF64, FLAC, Ogg Vorbis or Ogg Opus`(round: Int) throws {
        // From a second on: before that nobody promises a first page of Ogg.
        try story(Self.kinds[round % Self.kinds.count], delay: Double.random(in: 1.0...2.6))
    }

    @Test(
        .enabled(if: ToolRun.find("ffmpeg") != nil, "ffmpeg is not installed"),
        arguments: ["w64", "caf", "aiff", "mp3"])
    func `in the other containers`(container: String) throws {
        try story(container, delay: Double.random(in: 1.0...2.6))
    }

    /// A page of which would be many seconds if nothing but its size ended it.
    @Test(.enabled(if: ToolRun.find("ffmpeg") != nil, "ffmpeg is not installed"), arguments: ["ogg", "opus", "flac"])
    func `of a sound that codecs make almost nothing of`(container: String) throws {
        try story(container, delay: Double.random(in: 2.0...3.0), level: -110)
    }

    @Test func `what is left of a WAV is mended to the last frame and gets its name`() throws {
        let scratch = try Scratch()
        let path = scratch.path("take.wav")
        _ = try kill(after: 1.3, path, "--bext", [:])
        // A kill may fall just behind a header: sound that came after it, with a torn frame, is what mending is for.
        let part = try FileHandle(forWritingTo: URL(filePath: path + ".part"))
        try part.seekToEnd()
        try part.write(contentsOf: Data(repeating: 1, count: 4001))
        try part.close()
        let left = try Data(contentsOf: URL(filePath: path + ".part"))
        let run = try Pipeline.run(["aup capture --repair \(path).part"])
        #expect(run.statuses == [0], "\(run.errors)")
        let text = String(decoding: run.output, as: UTF8.self)
        #expect(text.contains("mended"))
        // RIFF 12, ds64's room 36, fmt 24, bext 610 and the head of data 8 bytes; stereo of 16 bits.
        let sound = (left.count - 690) / 4 * 4
        let mended = try Data(contentsOf: URL(filePath: path))
        #expect(mended.count == 690 + sound)
        let stated = mended[686..<690].reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(stated == sound)
        #expect(mended[690...] == left[690..<690 + sound])
        #expect(FileManager.default.fileExists(atPath: path + ".part.orig"))
    }
}
