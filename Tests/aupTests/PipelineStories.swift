import Foundation
import TestSupport
import Testing

/// Whole pipelines of the built binary on simulated devices: what a user types first.
@Suite(.realTime) struct `Pipelines on simulated devices` {
    @Test func `capture, process and play carry every frame`() throws {
        let run = try Pipeline.run([
            "aup capture -D 'sim:sine?level=-20' -d 1s --json", "aup process gain gain=-6 --levels --json",
            "aup play -D sim:null --json",
        ])
        #expect(run.statuses == [0, 0, 0])
        for stage in 0..<3 {
            let end = try #require(try run.events("end", stage: stage).first)
            #expect(end["frames"] as? Int == 48000)
            #expect(end["lost_frames"] as? Int == 0)
        }
        let process = try #require(try run.events("end", stage: 1).first)
        #expect(abs((process["input_peak_dbfs"] as? Double ?? 0) + 20) < 0.01)
        #expect(abs((process["output_peak_dbfs"] as? Double ?? 0) + 26) < 0.01)
    }

    @Test(arguments: ["u8", "s16", "s24", "s24_3", "s32", "f32", "f64", "alaw", "mulaw"])
    func `every sample format passes a stage without plugins bit by bit`(format: String) throws {
        let direct = try Pipeline.run(["aup capture -D 'sim:noise?pace=fast' -f \(format) -d 4800f --as raw"])
        let staged = try Pipeline.run([
            "aup capture -D 'sim:noise?pace=fast' -f \(format) -d 4800f", "aup process", "aup process --as raw",
        ])
        #expect(direct.statuses == [0])
        #expect(staged.statuses == [0, 0, 0])
        #expect(direct.output == staged.output)
        #expect(!direct.output.isEmpty)
    }

    @Test(arguments: ["s16", "s24", "s24_3", "s32", "f32"])
    func `zero decibels change no bit, through the plugin and back`(format: String) throws {
        let direct = try Pipeline.run(["aup capture -D 'sim:noise?pace=fast&level=0' -f \(format) -d 9600f --as raw"])
        let gained = try Pipeline.run([
            "aup capture -D 'sim:noise?pace=fast&level=0' -f \(format) -d 9600f", "aup process gain gain=0",
            "aup process -f \(format) --as raw",
        ])
        #expect(gained.statuses == [0, 0, 0])
        #expect(direct.output == gained.output)
    }

    @Test func `a captured file has its name, its length and no part left`() throws {
        let scratch = try Scratch()
        let path = scratch.path("sine.wav")
        let run = try Pipeline.run(["aup capture -D 'sim:sine?pace=fast' -d 10s -o \(path)"])
        #expect(run.statuses == [0])
        #expect(FileManager.default.fileExists(atPath: path))
        #expect(!FileManager.default.fileExists(atPath: path + ".part"))
        let probe = try Pipeline.run(["aup process -i \(path) --as raw"])
        #expect(probe.output.count == 480_000 * 4)
    }

    @Test func `an existing file is not replaced without a word`() throws {
        let scratch = try Scratch()
        let path = scratch.path("keep.wav")
        try Data("precious".utf8).write(to: URL(filePath: path))
        let refused = try Pipeline.run(["aup capture -D 'sim:sine?pace=fast' -d 1s -o \(path)"])
        #expect(refused.statuses == [1])
        #expect(refused.errors[0].contains("--overwrite"))
        #expect(try Data(contentsOf: URL(filePath: path)) == Data("precious".utf8))
        let replaced = try Pipeline.run(["aup capture -D 'sim:sine?pace=fast' -d 1s -o \(path) --overwrite"])
        #expect(replaced.statuses == [0])
        #expect(try Data(contentsOf: URL(filePath: path)).count > 48000)
    }

    @Test(arguments: ["wav", "au"])
    func `a foreign stream goes out and comes in again`(container: String) throws {
        let raw = try Pipeline.run(["aup capture -D 'sim:noise?pace=fast' -d 4800f --as raw"])
        let there = try Pipeline.run([
            "aup capture -D 'sim:noise?pace=fast' -d 4800f --as \(container)", "aup process --as raw",
        ])
        #expect(there.statuses == [0, 0])
        #expect(there.output == raw.output)
    }

    @Test func `sox reads what aup writes as an endless WAV`() throws {
        let run = try Pipeline.run(["aup capture -D 'sim:sine?pace=fast' -d 1s --as wav", "sox -V1 -t wav - -t raw -"])
        #expect(run.statuses == [0, 0])
        #expect(run.output.count == 48000 * 4)
    }

    @Test func `a file of packets is a stream too`() throws {
        let scratch = try Scratch()
        let path = scratch.path("noise.aup")
        let raw = try Pipeline.run(["aup capture -D 'sim:noise?pace=fast' -d 4800f --as raw"])
        let written = try Pipeline.run(["aup capture -D 'sim:noise?pace=fast' -d 4800f -o \(path)"])
        #expect(written.statuses == [0])
        let read = try Pipeline.run(["aup process -i \(path) --as raw"])
        #expect(read.output == raw.output)
    }

    @Test func `two streams one after the other are one sound`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.aup")
        _ = try Pipeline.run(["aup capture -D 'sim:noise?pace=fast' -d 4800f -o \(path)"])
        let run = try Pipeline.run(["cat \(path) \(path)", "aup process --as raw"])
        #expect(run.statuses == [0, 0])
        #expect(run.output.count == 2 * 4800 * 4)
    }

    @Test func `headerless samples are read when all three facts are given`() throws {
        let run = try Pipeline.run([
            "aup capture -D 'sim:noise?pace=fast' -d 4800f --as raw",
            "aup process --raw -f s16 -r 48000 -c 2 --as wav", "aup process --json --as raw",
        ])
        #expect(run.statuses == [0, 0, 0])
        #expect(run.output.count == 4800 * 4)
    }

    @Test func `a duration is exact to the frame at every stage`() throws {
        let run = try Pipeline.run([
            "aup capture -D 'sim:noise?pace=fast' -d 5000f", "aup process -d 4321f", "aup process --as raw",
        ])
        #expect(run.output.count == 4321 * 4)
        #expect(run.statuses == [0, 0, 0])
    }

    @Test func `volume and lead-in reach the device`() throws {
        let run = try Pipeline.run([
            "aup capture -D 'sim:sine?pace=fast' -d 4800f",
            "aup play -D 'sim:null?pace=fast' --volume -6dB --lead-in 100ms --json",
        ])
        #expect(run.statuses == [0, 0])
        let end = try #require(try run.events("end", stage: 1).first)
        #expect(end["played_frames"] as? Int == 4800 + 4800)
    }

    @Test func `a plugin in Swift and one in C make a chain`() throws {
        let direct = try Pipeline.run(["aup capture -D 'sim:noise?pace=fast' -f f32 -d 4800f --as raw"])
        let twice = try Pipeline.run([
            "aup capture -D 'sim:noise?pace=fast' -f f32 -d 4800f", "aup process invert gain gain=0 invert --as raw",
        ])
        #expect(twice.statuses == [0, 0])
        #expect(twice.output == direct.output)
    }

    @Test func `more than four gibibytes pass`() throws {
        // s32 in eight channels: 32 bytes a frame, so 140 million frames are 4.48 GB.
        let run = try Pipeline.run(
            ["aup capture -D 'sim:silence?pace=fast' -f s32 -c 8 -d 140000000f", "aup process --json", "wc -c"],
            seconds: 300)
        #expect(run.statuses == [0, 0, 0])
        #expect(try run.events("end", stage: 1).first?["frames"] as? Int == 140_000_000)
        let bytes = Int(String(decoding: run.output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
        #expect((bytes ?? 0) > 4_480_000_000)
    }
}
