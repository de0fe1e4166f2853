import Foundation
import TestSupport
import Testing

/// What cannot be had as it was asked for is said, and nothing else comes out in its place.
@Suite(.realTime) struct `An output that is not what was asked for` {
    private func tone(_ scratch: Scratch, _ name: String = "tone.wav", _ options: String = "") throws -> String {
        let path = scratch.path(name)
        let run = try Pipeline.run(["aup capture -q -D 'sim:sine?pace=fast&level=-18' -d 1s \(options) -o '\(path)'"])
        try #require(run.statuses == [0])
        return path
    }

    /// A tone that reaches twice full scale, as floats.
    private func loud(_ scratch: Scratch) throws -> String {
        let path = scratch.path("loud.wav")
        let run = try Pipeline.run([
            "aup process -q -i '\(try tone(scratch, "half.wav", "-f f32"))' -o '\(path)' gain gain=24dB"
        ])
        try #require(run.statuses == [0])
        return path
    }

    @Test(arguments: ["one.flac", "%i.flac --split 250ms", "one.flac -o two.flac"])
    func `counts the samples that a file has no room for`(output: String) throws {
        let scratch = try Scratch()
        let source = try loud(scratch)
        let run = try Pipeline.run([
            "sh -c \"cd '\(scratch.folder.path)'; aup capture --json -D 'sim:\(source)?pace=fast' -d 1s -o \(output)\""
        ])
        #expect(run.statuses == [0])
        let clipped = try #require(run.events("end", stage: 0).first?["clipped_samples"] as? Int)
        // 24 dB above -18 dBFS: a sine is beyond full scale for two thirds of its time.
        let files = output.contains("two") ? 2 : 1
        #expect(abs(clipped - files * 64_000) < files * 6400)
    }

    @Test(arguments: ["-o x.flac", "-o x.wav", "--container flac -o x", "--codec flac -o x.ogg"])
    func `is refused at a pipe, where no sound file can go`(output: String) throws {
        let scratch = try Scratch()
        let path = try tone(scratch)
        let run = try Pipeline.run([
            "sh -c \"cd '\(scratch.folder.path)'; mkfifo x x.flac x.wav x.ogg; aup encode '\(path)' \(output)\""
        ])
        #expect(run.statuses == [64])
        #expect(run.errors[0].contains("is a pipe or a device"))
        #expect(run.errors[0].contains("--as"))
    }

    @Test func `is waited for at a pipe only until a signal`() throws {
        let scratch = try Scratch()
        let run = try Pipeline.run(
            ["aup capture -D sim:sine -o '\(scratch.path("pipe"))'"], before: "mkfifo '\(scratch.path("pipe"))'",
            during: "sleep 0.5; kill -INT $(stage 1)", seconds: 20)
        #expect(run.statuses == [0])
        #expect(!run.errors[0].contains("Interrupted"))
    }

    @Test func `is only sound where sound goes to standard output`() throws {
        let scratch = try Scratch()
        let path = try tone(scratch)
        for (words, stage) in [("", "aup process --json -o -"), ("--json", "aup process --json -o -")] {
            let run = try Pipeline.run(["aup meter --normalize -16 \(words) -o - '\(path)'", stage])
            #expect(run.statuses == [0, 0])
            #expect(try run.events("end", stage: 1).first?["frames"] as? Int == 48_000)
            #expect(run.errors[0].contains("integrated"))
        }
    }

    @Test(arguments: ["meter --csv", "meter", "meter --json"])
    func `is told where numbers could not be written`(command: String) throws {
        let scratch = try Scratch()
        let path = try tone(scratch)
        let full = try Pipeline.run(["sh -c \"aup \(command) '\(path)' > /dev/full\""])
        #expect(full.statuses == [1])
        #expect(full.errors[0].contains("standard output: No space left on device"))
        // Who has read enough has read enough.
        #expect(try Pipeline.run(["aup \(command) '\(path)' '\(path)'", "true"]).statuses == [0, 0])
    }

    @Test func `is refused where channels are asked of a command that keeps them`() throws {
        let scratch = try Scratch()
        let path = try tone(scratch)
        for words in [
            "stream -i '\(path)' -r 8000 -o x.wav", "process -i '\(path)' -c 1 -o x.wav gain",
            "encode '\(path)' -c 1 -o x.flac", "meter '\(path)' --channel-map FL,FR", "meter -i '\(path)' -c 2",
        ] {
            let run = try Pipeline.run(["aup \(words)"])
            #expect(run.statuses == [64])
            #expect(run.errors[0].contains("headerless"), "\(words)")
        }
        let metrics = try Pipeline.run(["aup meter --prometheus x.prom '\(path)'"])
        #expect(metrics.statuses == [64])
    }

    @Test func `has the name that it was given, be it UTF-8 or not`() throws {
        let scratch = try Scratch()
        let path = try tone(scratch)
        let script = """
            cd '\(scratch.folder.path)'; mv '\(path)' $'f\\xfcr.wav'
            aup encode -q $'f\\xfcr.wav' -o '{stem}-1.opus' && aup process -q -i $'f\\xfcr.wav' -o $'\\xfc.aup' || exit
            aup capture -q -D 'sim:sine?pace=fast' -d 1s --split 500ms -o $'\\xfc/%i.wav' || exit
            aup meter -q $'f\\xfcr.wav' $'f\\xfcr-1.opus' > /dev/null || exit
            for name in $'f\\xfcr-1.opus' $'\\xfc.aup' $'\\xfc/1.wav' $'\\xfc/2.wav'; do test -s "$name" || exit; done
            """
        try script.write(toFile: scratch.path("names.sh"), atomically: true, encoding: .utf8)
        let run = try Pipeline.run(["bash '\(scratch.path("names.sh"))'"])
        #expect(run.statuses == [0])
        #expect(run.errors == [""])
    }

    @Test func `may be made of a device that is named without -i`() throws {
        let scratch = try Scratch()
        let run = try Pipeline.run(["aup encode --json 'sim:sine?pace=fast' -d 1s -o '\(scratch.path("a.opus"))'"])
        #expect(run.statuses == [0])
        #expect(try run.events("end", stage: 0).first?["frames"] as? Int == 48_000)
    }
}
