import Foundation
import TestSupport
import Testing

/// The built binary through a sound server of its own, as a desktop has one.
@Suite(.realTime, .enabled(if: PulseAudioServer.isAvailable), .serialized)
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

    /// `date`, CPU ticks and bytes of stderr, written down at one moment.
    private struct Note {
        let seconds: Double
        let ticks: Double
        let errorBytes: Double

        init(_ line: Substring) {
            let numbers = line.split(separator: " ").compactMap { Double($0) }
            seconds = numbers[0]
            ticks = numbers[1] + numbers[2]
            errorBytes = numbers[3]
        }
    }

    @Test func `a server that dies is noticed, waiting for it costs next to nothing, and it is found again`() throws {
        let server = try PulseAudioServer()
        let notes = server.file("notes").path
        let run = try Pipeline.run(
            ["aup capture -D aup_mic -d 20s --reconnect=40s --json", "cat"],
            during: """
                aup=$(stage 1)
                wait_for() { for try in $(seq 500); do grep -q "$1" errors.1 && break; sleep 0.02; done; }
                note() { echo $(date +%s.%N; cut -d' ' -f14,15 /proc/$aup/stat; wc -c < errors.1) >> \(notes); }
                wait_for '"device"'; sleep 2
                note; kill -9 \(server.pid)
                wait_for device-lost; note; sleep 10; note
                \(server.startWords) & server=$!
                while kill -0 $aup; do sleep 0.1; done
                kill $server
                """, environment: server.environment)
        #expect(run.statuses == [0, 0], "\(run.errors)")
        let seen = try String(contentsOfFile: notes, encoding: .utf8).split(separator: "\n").map(Note.init)
        try #require(seen.count == 3)
        #expect(seen[1].seconds - seen[0].seconds < 2)
        let away = seen[2].seconds - seen[1].seconds
        #expect((seen[2].errorBytes - seen[1].errorBytes) * 3600 / away < 10_000)
        let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        #expect((seen[2].ticks - seen[1].ticks) / ticksPerSecond / away < 0.02)

        #expect(try run.events("device-lost", stage: 0).count == 1)
        #expect(try run.events("device-back", stage: 0).count == 1)
        let gap = try #require(try run.events("gap", stage: 0).last?["frames"] as? Int)
        #expect(gap > 10 * 48_000)
        let end = try #require(try run.events("end", stage: 0).first)
        #expect(end["frames"] as? Int == 20 * 48_000 - (end["lost_frames"] as? Int ?? 0))
        #expect(end["frames"] as? Int ?? 0 > 3 * 48_000)
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
