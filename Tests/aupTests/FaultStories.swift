import Foundation
import TestSupport
import Testing

/// What happens to a pipeline when something in it is killed, stopped, closed or told to end.
@Suite(.realTime) struct `Faults in a pipeline` {
    private static let source = "aup capture -D sim:sine -d 20s --json"
    private static let middle = "aup process gain gain=-6 --json"
    /// Waits until the source has opened its device, which it says: from then on it hears signals.
    private static let runs = "until grep -q event errors.1; do sleep 0.02; done"
    private static let sink = "aup play -D sim:null --json"

    /// Runs the three stages, lets them run for half a second and then does something to them.
    private func pipeline(_ fault: String, last: String = sink, seconds: Int = 30) throws -> Pipeline {
        try Pipeline.run(
            [Self.source, Self.middle, last], during: "stage 3 > /dev/null; \(Self.runs); sleep 0.7; \(fault)",
            seconds: seconds)
    }

    private func end(_ run: Pipeline, _ stage: Int) throws -> [String: Any] {
        try #require(try run.events("end", stage: stage).first, "stage \(stage) said: \(run.errors[stage])")
    }

    /// Frames that were played, or left out to catch up where this machine was late; all are counted.
    private func heard(_ run: Pipeline, _ stage: Int) throws -> Int {
        let end = try end(run, stage)
        return (end["played_frames"] as? Int ?? 0) + (end["skipped_frames"] as? Int ?? 0)
    }

    @Test func `the source killed: the others keep what came and say that it was cut off`() throws {
        let run = try pipeline("kill -9 $(stage 1)")
        #expect(run.statuses == [137, 3, 3])
        #expect((try end(run, 1)["message"] as? String)?.contains("cut off") == true)
        let processed = try #require(try end(run, 1)["frames"] as? Int)
        #expect(processed > 10_000)
        #expect(try end(run, 2)["frames"] as? Int == processed)
        #expect(try heard(run, 2) == processed)
        // The reason travels: the player names the stage before, and what that stage had seen.
        #expect((try end(run, 2)["message"] as? String)?.contains("upstream failed") == true)
    }

    @Test func `the middle killed: the source is done, the player keeps what came`() throws {
        let run = try pipeline("kill -9 $(stage 2)")
        #expect(run.statuses == [0, 137, 3])
        #expect(try end(run, 0)["frames"] as? Int ?? 0 > 10_000)
        #expect((try end(run, 2)["message"] as? String)?.contains("cut off") == true)
    }

    @Test func `the player killed: everybody before it is done`() throws {
        let run = try pipeline("kill -9 $(stage 3)")
        #expect(run.statuses == [0, 0, 137])
    }

    @Test func `a file at the end of a cut pipeline is whole and named`() throws {
        let scratch = try Scratch()
        let path = scratch.path("kept.wav")
        let run = try pipeline("kill -9 $(stage 1)", last: "aup process -o \(path) --json")
        #expect(run.statuses == [137, 3, 3])
        let frames = try #require(try end(run, 2)["frames"] as? Int)
        let raw = try Pipeline.run(["aup process -i \(path) --as raw"])
        #expect(raw.statuses == [0])
        // f32 in two channels went in, so the file holds that.
        #expect(raw.output.count == frames * 8)
    }

    @Test(arguments: ["INT", "TERM", "HUP", "QUIT"])
    func `a signal ends everything properly`(signal: String) throws {
        let run = try pipeline("kill -\(signal) $(stage 1)")
        #expect(run.statuses == [0, 0, 0])
        let captured = try #require(try end(run, 0)["frames"] as? Int)
        #expect(try end(run, 1)["frames"] as? Int == captured)
        #expect(try heard(run, 2) == captured)
    }

    @Test func `a signal to all at once, as from a terminal, loses nothing that was captured`() throws {
        let scratch = try Scratch()
        let path = scratch.path("all.wav")
        let run = try pipeline(
            "kill -INT $(stage 1) $(stage 2) $(stage 3)", last: "aup process -o \(path) --json")
        #expect(run.statuses == [0, 0, 0])
        #expect(try end(run, 2)["frames"] as? Int == (try end(run, 0)["frames"] as? Int))
    }

    @Test func `signals are heard where the shell ignored them for a background job`() throws {
        let run = try Pipeline.run(
            ["aup capture -D sim:sine -d 20s --json", "cat"], before: "trap '' INT",
            during: "stage 1 > /dev/null; \(Self.runs); sleep 0.5; kill -INT $(stage 1)", seconds: 30)
        #expect(run.statuses == [0, 0])
    }

    @Test(Sanitizer.leavesTheLastWord)
    func `a second signal forces the end`() throws {
        // The reader stands still, so the source cannot hand on what it has.
        let run = try Pipeline.run(
            ["aup capture -D sim:sine -f f64 -d 60s --json", "sh -c 'kill -STOP $$; cat > /dev/null'"],
            during:
                "stage 1 > /dev/null; \(Self.runs); sleep 1; kill -INT $(stage 1); sleep 0.5; kill -INT $(stage 1); sleep 0.5; "
                + "kill -CONT $(stage 2)", seconds: 40)
        #expect(run.statuses[0] == 130)
    }

    @Test func `output that nobody takes is abandoned, and that is a failure`() throws {
        let run = try Pipeline.run(
            ["aup capture -D sim:sine -f f64 -d 60s --json", "sh -c 'kill -STOP $$; cat > /dev/null'"],
            during: "stage 1 > /dev/null; \(Self.runs); sleep 1; kill -INT $(stage 1); sleep 4; kill -CONT $(stage 2)",
            seconds: 40)
        #expect(run.statuses[0] == 1)
        #expect(run.errors[0].contains("not taken"))
    }

    @Test func `a reader that stands still for four seconds costs nothing: the ring holds five`() throws {
        let run = try Pipeline.run(
            ["aup capture -D 'sim:sine?level=0' -d 7s --json", "aup process --as raw --json"],
            during: "stage 2 > /dev/null; \(Self.runs); sleep 1; kill -STOP $(stage 2); sleep 4; kill -CONT $(stage 2)",
            seconds: 40)
        #expect(run.statuses == [0, 0])
        #expect(try end(run, 0)["lost_frames"] as? Int == 0)
        let direct = try Pipeline.run(["aup capture -D 'sim:sine?level=0&pace=fast' -d 7s --as raw"])
        #expect(run.output == direct.output)
    }

    @Test func `a reader that stands still for too long costs frames, and each is in a gap`() throws {
        let run = try Pipeline.run(
            ["aup capture -D 'sim:sine?level=0' -c 8 -f f64 -r 96000 -d 9s --json", "aup process --as raw --json"],
            during: "stage 2 > /dev/null; \(Self.runs); sleep 1; kill -STOP $(stage 2); sleep 5; kill -CONT $(stage 2)",
            seconds: 60)
        #expect(run.statuses == [0, 0])
        let lost = try #require(try end(run, 0)["lost_frames"] as? Int)
        #expect(lost > 0)
        #expect(try end(run, 1)["lost_frames"] as? Int == lost)
        let gap = try #require(try run.events("gap", stage: 1).first)
        #expect(gap["cause"] as? String == "overflow")
        // The rest is where it belongs: the gap, filled with silence, keeps the time.
        let direct = try Pipeline.run(
            ["aup capture -D 'sim:sine?level=0&pace=fast' -c 8 -f f64 -r 96000 -d 9s --as raw"])
        let frameBytes = 64
        let position = try #require(gap["position"] as? Int) * frameBytes
        #expect(run.output.count == direct.output.count)
        #expect(run.output.prefix(position) == direct.output.prefix(position))
        #expect(run.output.suffix(frameBytes * 96_000) == direct.output.suffix(frameBytes * 96_000))
    }

    @Test func `a suspended source says what it lost and goes on in its time`() throws {
        let run = try Pipeline.run(
            ["aup capture -D 'sim:sine?level=0' -d 5s --json", "aup process --as raw --json"],
            during: "stage 2 > /dev/null; \(Self.runs); sleep 1; kill -STOP $(stage 1); sleep 2; kill -CONT $(stage 1)",
            seconds: 40)
        #expect(run.statuses == [0, 0])
        let lost = try #require(try end(run, 0)["lost_frames"] as? Int)
        #expect(lost > 24_000)
        #expect(try end(run, 1)["lost_frames"] as? Int == lost)
        let direct = try Pipeline.run(["aup capture -D 'sim:sine?level=0&pace=fast' -d 5s --as raw"])
        #expect(run.output.count == direct.output.count)
        #expect(run.output.suffix(48_000) == direct.output.suffix(48_000))
    }

    @Test func `a device that is unplugged ends with 2, and the reason reaches the last stage`() throws {
        let run = try Pipeline.run(
            [
                "aup capture -D 'sim:sine?unplug=1s' -d 20s --json", "aup process gain --json",
                "aup play -D sim:null --json",
            ])
        #expect(run.statuses == [2, 3, 3])
        #expect((try end(run, 2)["message"] as? String)?.contains("sim:sine") == true)
        #expect(try heard(run, 2) == (try end(run, 0)["frames"] as? Int))
    }

    @Test func `an xrun of the device is one gap of the right length`() throws {
        let run = try Pipeline.run(
            ["aup capture -D 'sim:sine?level=0&xrun=48000f' -d 3s --json", "aup process --as raw"])
        #expect(run.statuses == [0, 0])
        let gaps = try run.events("gap", stage: 0)
        #expect(gaps.count == 1)
        #expect(gaps.first?["cause"] as? String == "xrun")
        #expect(run.output.count == 3 * 48_000 * 4)
        #expect(try end(run, 0)["xruns"] as? Int == 1)
    }

    @Test func `a fault that lasts does not fill the log`() throws {
        // A hundred xruns in two seconds: the first few are told, then a line now and then.
        let xruns = "xrun=" + (1...100).map { "\($0 * 900)f" }.joined(separator: ",")
        let run = try Pipeline.run(["aup capture -D 'sim:sine?\(xruns)' -d 4s", "cat"])
        #expect(run.statuses == [0, 0])
        let lines = run.errors[0].split(separator: "\n")
        #expect(lines.count < 14)
        // Two that come while the machine stands still are one gap.
        #expect(lines.last?.contains("100 xruns") == true)
    }

    @Test func `standard output on a terminal is refused`() throws {
        let run = try Pipeline.run(["script -qec 'aup capture -D sim:sine -d 1s' /dev/null"])
        #expect(run.statuses == [64])
        #expect(String(decoding: run.output, as: UTF8.self).contains("terminal"))
    }

    @Test func `a status is given when it is asked for`() throws {
        let run = try Pipeline.run(
            ["aup capture -D sim:sine -d 2s --json --stats=0.5", "cat"],
            during: "stage 1 > /dev/null; \(Self.runs); sleep 0.7; kill -USR2 $(stage 1)")
        #expect(run.statuses == [0, 0])
        #expect(try run.events("status", stage: 0).count >= 3)
    }
}
