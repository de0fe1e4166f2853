import Foundation
import TestSupport
import Testing

/// Files that other programs left behind, mended with `capture --repair`.
@Suite(.realTime) struct `Files that are mended` {
    private let device = "'sim:noise?pace=fast'"

    private func frames(_ path: String) throws -> Int? { try `Recordings in containers`.frames(path, "soxi") }

    private func repair(_ words: String) throws -> (status: Int, said: String, errors: String) {
        let run = try Pipeline.run(["aup capture --repair \(words)"])
        return (run.statuses[0], String(decoding: run.output, as: UTF8.self), run.errors[0])
    }

    @Test(
        .enabled(if: ToolRun.find("ffmpeg") != nil && ToolRun.find("sox") != nil, "sox or ffmpeg is not installed"),
        arguments: [
            "sox -t wav - -t wav - | cat > FILE", "ffmpeg -v error -i - -f wav - > FILE",
            "ffmpeg -v error -i - -f wav -rf64 always - > FILE", "sox -t wav - -b 24 -t wav - | cat > FILE",
        ])
    func `what a program wrote into a pipe`(program: String) throws {
        let scratch = try Scratch()
        let path = scratch.path("a.wav")
        let made = try Pipeline.run([
            "aup capture -D \(device) -d 20000f --as wav", "bash -c '\(program.replacing("FILE", with: path))'",
        ])
        #expect(made.statuses == [0, 0], "\(made.errors)")
        let before = try Data(contentsOf: URL(filePath: path))
        let (status, said, errors) = try repair(path)
        #expect(status == 0 && said.contains("mended, 20000 frames"), "\(said)\(errors)")
        #expect(try Data(contentsOf: URL(filePath: path + ".orig")) == before)
        #expect(try frames(path) == 20_000)
        let again = try repair(path)
        #expect(again.status == 0 && again.said.contains("in order, 20000 frames"))
    }

    @Test(.enabled(if: ToolRun.find("sox") != nil, "sox is not installed"))
    func `a recording of sox that was killed`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.wav")
        let made = try Pipeline.run(
            ["aup capture -D sim:noise -d 5s --as wav", "sox -t wav - \(path)"],
            during: "stage 2 > /dev/null; sleep 1.5; kill -9 $(stage 2)")
        #expect(made.statuses == [0, 137])
        let size = try Data(contentsOf: URL(filePath: path)).count
        let (status, said, errors) = try repair(path)
        #expect(status == 0 && said.contains("mended"), "\(said)\(errors)")
        let kept = try #require(try frames(path))
        #expect(kept > 0 && abs(kept * 4 - size) < 100)
    }

    @Test func `without a backup nothing else is left, and with --json it is an object`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.wav")
        _ = try Pipeline.run(["aup capture -D \(device) -d 20000f --as wav > \(path)"])
        let run = try Pipeline.run(["aup capture --repair --no-backup --json \(path)"])
        #expect(run.statuses == [0])
        let json = try #require(try JSONSerialization.jsonObject(with: run.output) as? [String: Any])
        #expect(json["outcome"] as? String == "mended" && json["frames"] as? Int == 20_000)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path) == ["a.wav"])
    }

    @Test func `what is not understood is left as it is, and the others are mended all the same`() throws {
        let scratch = try Scratch()
        let (good, bad) = (scratch.path("good.wav"), scratch.path("bad.wav"))
        _ = try Pipeline.run(["aup capture -D \(device) -d 20000f --as wav > \(good)"])
        _ = try Pipeline.run(["aup capture -D \(device) -d 20000f -o \(scratch.path("a.flac"))"])
        try Data("no sound".utf8).write(to: URL(filePath: bad))
        let (status, said, errors) = try repair("\(bad) \(scratch.path("a.flac")) \(scratch.path("none.wav")) \(good)")
        #expect(status == 1 && said.contains("good.wav: mended"))
        #expect(errors.split(separator: "\n").count == 3, "\(errors)")
        #expect(try String(contentsOfFile: bad, encoding: .utf8) == "no sound")
    }

    @Test func `a recording that goes on is not touched`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.wav")
        let run = try Pipeline.run(
            ["aup capture -D sim:sine -d 2s -o \(path)"],
            before:
                "(while [ ! -s \(path).part ]; do sleep 0.01; done; aup capture --repair \(path).part; echo $?) > said 2>&1 &"
        )
        #expect(run.statuses == [0])
        #expect(try frames(path) ?? 96_000 == 96_000)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path) == ["a.wav"])
    }

    @Test func `words that make no sense are refused with 64`() throws {
        for words in ["--repair", "a.wav", "--no-backup"] {
            #expect(try Pipeline.run(["aup capture \(words)"]).statuses == [64], "\(words)")
        }
    }
}
