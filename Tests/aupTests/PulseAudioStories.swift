import Foundation
import TestSupport
import Testing

/// The built binary through a sound server of its own, as a desktop has one.
@Suite(.enabled(if: PulseAudioServer.isAvailable), .serialized)
struct `Pipelines through PulseAudio` {
    @Test func `a file played to a sink is captured at its monitor`() throws {
        let server = try PulseAudioServer()
        let scratch = try Scratch()
        let path = scratch.path("sine.wav")
        _ = try Pipeline.run(["aup capture -D 'sim:sine?pace=fast&level=-6' -d 3s -o \(path)"])
        let run = try Pipeline.run(
            ["aup capture -D aup_in -d 2s --json", "aup process --levels --json --as raw"],
            during: "stage 2 > /dev/null; aup play -D aup_out \(path)", environment: server.environment)
        #expect(run.statuses == [0, 0], "\(run.errors)")
        let end = try #require(try run.events("end", stage: 1).first)
        #expect(abs((end["input_peak_dbfs"] as? Double ?? 0) + 6) < 0.1)
        #expect(end["frames"] as? Int ?? 0 > 0)
    }

    @Test func `capture and play run together and end by a signal`() throws {
        let server = try PulseAudioServer()
        let run = try Pipeline.run(
            ["aup capture -D aup_mic --json", "aup play -D aup_out --json"],
            during:
                "stage 2 > /dev/null; until grep -q event errors.2; do sleep 0.02; done; sleep 2; kill -INT $(stage 1)",
            environment: server.environment)
        #expect(run.statuses == [0, 0], "\(run.errors)")
        #expect(try run.events("end", stage: 1).first?["played_frames"] as? Int ?? 0 > 40_000)
    }

    @Test func `a server that dies is noticed and the log stays short`() throws {
        let server = try PulseAudioServer()
        let pid = server.pid
        let run = try Pipeline.run(
            ["aup capture -D aup_mic -d 60s --json", "cat"],
            during: "stage 1 > /dev/null; sleep 1; kill -9 \(pid)", environment: server.environment, seconds: 40)
        #expect(run.statuses == [2, 0], "\(run.errors)")
        #expect(run.errors[0].utf8.count < 4000)
    }

    @Test func `no server is a device that cannot be opened`() throws {
        let server = try PulseAudioServer()
        let environment = server.environment
        server.stop()
        let run = try Pipeline.run(["aup capture -D aup_mic -d 1s"], environment: environment)
        #expect(run.statuses == [2])
        #expect(run.errors[0].split(separator: "\n").count == 1)
    }
}
