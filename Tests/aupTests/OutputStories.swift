import Foundation
import TestSupport
import Testing

/// One capture to several outputs: none is held up or taken along by another.
@Suite(.realTime, .serialized) struct `A recording to several outputs` {
    private static let noise = "aup capture -D 'sim:noise?pace=fast&rate=1000&channels=1' -f s16"
    private static let headerBytes = RecordedFiles.headerBytes

    private func capture(_ words: String) throws -> Pipeline { try Pipeline.run(["\(Self.noise) \(words) --json"]) }

    @Test func `two files and a pipe: each has every frame`() throws {
        let scratch = try Scratch()
        let run = try capture(
            "-d 5000f -o '\(scratch.path("a.wav"))' -o '\(scratch.path("b.aup"))' -o - --as raw")
        #expect(run.statuses == [0])
        let direct = try capture("-d 5000f --as raw").output
        #expect(run.output == direct)
        let file = try Data(contentsOf: URL(filePath: scratch.path("a.wav")))
        #expect(file.dropFirst(Self.headerBytes) == direct)
        #expect(try Pipeline.run(["aup process -i \(scratch.path("b.aup")) --as raw"]).output == direct)
    }

    @Test(arguments: ["/nonexistent/b.wav", "/dev/full"])
    func `one output fails: the others are whole, and the exit says so`(bad: String) throws {
        let scratch = try Scratch()
        let run = try capture("-d 50s -o '\(bad)' -o '\(scratch.path("a.wav"))' -o - --as raw")
        #expect(run.statuses == [1])
        #expect(run.errors[0].contains("the others go on"))
        #expect(run.errors[0].contains(bad))
        #expect(run.output.count == 100_000)
        let file = try Data(contentsOf: URL(filePath: scratch.path("a.wav")))
        #expect(file.dropFirst(Self.headerBytes) == run.output)
    }

    @Test func `a reader that goes away is no failure: the file goes on to its end`() throws {
        let scratch = try Scratch()
        let run = try Pipeline.run(
            ["\(Self.noise) -d 500s -o '\(scratch.path("a.wav"))' -o - --as raw --json", "head -c 10"])
        #expect(run.statuses == [0, 0])
        let file = try Data(contentsOf: URL(filePath: scratch.path("a.wav")))
        #expect(file.count == Self.headerBytes + 1_000_000)
    }

    @Test func `a reader that takes nothing is left behind, and the file has every frame`() throws {
        let scratch = try Scratch()
        let run = try Pipeline.run(
            [
                "aup capture -D 'sim:noise?rate=8000&channels=1' -f s16 -d 6s -o '\(scratch.path("a.wav"))' -o - --json",
                "sleep 8",
            ])
        #expect(run.statuses[0] == 1)
        #expect(run.errors[0].contains("takes nothing"))
        #expect(run.errors[0].contains("the others go on"))
        let end = try #require(try run.events("end", stage: 0).first)
        #expect(end["lost_frames"] as? Int == 0)
        let file = try Data(contentsOf: URL(filePath: scratch.path("a.wav")))
        #expect(file.count == Self.headerBytes + 6 * 8000 * 2)
    }
}
