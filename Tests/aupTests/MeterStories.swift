import Foundation
import TestSupport
import Testing

/// `aup meter`: what passes is untouched, and what is told is right.
@Suite(.realTime) struct `A meter` {
    /// -20 dBFS in both channels, as fast as it goes.
    private static func tone(_ seconds: Int, level: Double = -20, format: String = "s24") -> String {
        "aup capture -q -D 'sim:sine?pace=fast&level=\(level)' -f \(format) -d \(seconds)s"
    }

    private static func wav(_ scratch: Scratch, _ name: String, seconds: Int, level: Double) throws -> String {
        let path = scratch.path(name)
        #expect(try Pipeline.run(["\(tone(seconds, level: level)) -o '\(path)'"]).statuses == [0])
        return path
    }

    @Test(arguments: ["aup process", "aup encode"]) func `hands on every packet as it came`(maker: String) throws {
        let scratch = try Scratch()
        let stream = scratch.path("a.aup")
        #expect(try Pipeline.run([Self.tone(3), "\(maker) -o '\(stream)'"]).statuses == [0, 0])
        let plain = try Pipeline.run(["aup process -i '\(stream)' --as raw"])
        let measured = try Pipeline.run(["aup meter -q -i '\(stream)'", "aup process --as raw"])
        #expect(measured.statuses == [0, 0])
        let isSame = measured.output == plain.output
        #expect(isSame)
        #expect(plain.output.count > 100_000)
    }

    @Test func `passes packets of Opus on and measures what they sound like`() throws {
        let run = try Pipeline.run([Self.tone(3), "aup encode", "aup meter --json", "aup process --json"])
        #expect(run.statuses == [0, 0, 0, 0])
        let end = try #require(try run.events("end", stage: 2).first)
        #expect(abs((end["integrated_lufs"] as? Double ?? 0) + 20) < 0.3)
        #expect(end["frames"] as? Int == 144_000)
    }

    @Test func `tells a program a line for each interval of the sound, whatever its packets`() throws {
        let run = try Pipeline.run([Self.tone(3), "aup meter --json --interval 250ms"])
        #expect(run.statuses == [0, 0])
        let levels = try run.events("levels", stage: 1)
        #expect(levels.compactMap { $0["seconds"] as? Double } == (1...12).map { Double($0) / 4 })
        #expect(levels.allSatisfy { abs(($0["true_peak_dbtp"] as? Double ?? 0) + 20) < 0.1 })
        let end = try #require(try run.events("end", stage: 1).first)
        #expect(abs((end["max_momentary_lufs"] as? Double ?? 0) + 20) < 0.1)
        #expect(abs((end["rms_dbfs"] as? Double ?? 0) + 23.01) < 0.02)
        #expect((end["channels"] as? [[String: Any]])?.count == 2)
        #expect(end["lost_frames"] as? Int == 0)
    }

    @Test func `loses no line of a file that is read faster than its lines are`() throws {
        let run = try Pipeline.run([Self.tone(60), "aup meter --csv --interval 10ms"])
        #expect(run.statuses == [0, 0])
        let lines = run.errors[1].split(separator: "\n")
        #expect(lines.count == 6001)
        #expect(lines.first?.hasPrefix("seconds,momentary_lufs") ?? false)
        let cells = lines.first?.split(separator: ",").count ?? 0
        #expect(
            lines.dropFirst().allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == cells })
    }

    @Test func `measures files one by one and as one`() throws {
        let scratch = try Scratch()
        let loud = try Self.wav(scratch, "loud.wav", seconds: 10, level: -10)
        let soft = try Self.wav(scratch, "soft.wav", seconds: 10, level: -16)
        let run = try Pipeline.run(["aup meter --json '\(loud)' '\(soft)'"])
        #expect(run.statuses == [0])
        let objects = try run.output.split(separator: UInt8(ascii: "\n")).map {
            try #require(try JSONSerialization.jsonObject(with: $0) as? [String: Any])
        }
        #expect(objects.map { $0["event"] as? String } == ["file", "file", "all"])
        let loudness = objects.compactMap { $0["integrated_lufs"] as? Double }
        #expect(zip(loudness, [-10, -16, -12.0]).allSatisfy { abs($0 - $1) < 0.1 }, "\(loudness)")
        #expect(objects.last?["seconds"] as? Double == 20)
    }

    @Test func `says what it could not read and measures the rest`() throws {
        let scratch = try Scratch()
        let good = try Self.wav(scratch, "good.wav", seconds: 1, level: -20)
        let bad = scratch.path("bad.wav")
        try Data("not a sound".utf8).write(to: URL(filePath: bad))
        let run = try Pipeline.run(["aup meter '\(bad)' '\(good)' '\(scratch.path("none.wav"))'"])
        #expect(run.statuses == [1])
        #expect(run.errors[0].contains("bad.wav"))
        #expect(run.errors[0].contains("none.wav"))
        #expect(String(decoding: run.output, as: UTF8.self).contains("good.wav"))
    }

    @Test(arguments: [("true_peak>-21", 4), ("true_peak>-19", 0), ("integrated<-30", 0), ("clips>0", 0)])
    func `fails if the whole is what it must not be`(condition: String, status: Int) throws {
        let scratch = try Scratch()
        let file = try Self.wav(scratch, "a.wav", seconds: 2, level: -20)
        #expect(try Pipeline.run(["aup meter --fail-if '\(condition)' '\(file)'"]).statuses == [status])
        let passed = try Pipeline.run([Self.tone(2), "aup meter --fail-if '\(condition)'", "aup process --json"])
        #expect(passed.statuses == [0, status, 0])
        // What is too loud is still whole.
        #expect(try passed.events("end", stage: 2).first?["frames"] as? Int == 96_000)
    }

    @Test func `rings while it lasts, and has a command run`() throws {
        let scratch = try Scratch()
        let (said, hook) = (scratch.path("said"), scratch.path("hook"))
        try "#!/bin/sh\necho $AUP_ALARM $AUP_STATE >>'\(said)'\n".write(toFile: hook, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: hook)
        let run = try Pipeline.run([
            Self.tone(2), "aup meter --json --alarm 'momentary>-30 for 1s' --on-alarm '\(hook)'",
        ])
        #expect(run.statuses == [0, 0])
        let alarm = try #require(try run.events("alarm", stage: 1).first)
        let seconds = try #require(alarm["seconds"] as? Double)
        #expect((1...1.7).contains(seconds), "\(seconds)")
        #expect(try String(contentsOfFile: said, encoding: .utf8) == "momentary>-30 for 1s begun\n")
    }

    @Test(arguments: [
        ("--fail-if 'loudness>1' x.wav", "there is no measure 'loudness'"), ("--alarm 'silence'", "compares nothing"),
        ("--on-alarm true", "--alarm"), ("--interval 1ms", "between 10ms and 1h"),
        ("--csv --json x.wav", "one of them"), ("--silence-level 3", "between -160 and 0"),
        ("--tag r128 -d 1s x.opus", "leave -d out"), ("--tag r128 --raw -f s16 -r 48000 -c 1 x", "leave --raw out"),
        ("--tag r128 -", "standard input is no file"), ("--normalize -16 -o x.wav -", "standard input is no file"),
        ("--spectrum --bands 5", "1, 3, 6, 12 or 24"), ("--bands 6", "belongs to --spectrum"),
        ("--spectrum x.wav", "--plot draws that"),
    ])
    func `says what it does not understand`(words: String, says: String) throws {
        let run = try Pipeline.run(["aup meter \(words)"])
        #expect(run.statuses == [64])
        #expect(run.errors[0].contains(says), "\(run.errors[0])")
    }

    @Test func `tells and applies the gain that reaches a loudness`() throws {
        let scratch = try Scratch()
        let file = try Self.wav(scratch, "a.wav", seconds: 4, level: -20)
        let told = try Pipeline.run(["aup meter --json --normalize -16 '\(file)'"])
        let object = try JSONSerialization.jsonObject(with: told.output) as? [String: Any]
        #expect(abs((object?["gain_db"] as? Double ?? 0) - 4) < 0.1)
        let target = scratch.path("a-16.wav")
        #expect(try Pipeline.run(["aup meter -q --normalize -16 -o '\(target)' '\(file)'"]).statuses == [0])
        let measured = try Pipeline.run(["aup meter --json '\(target)'"])
        let after = try #require(try JSONSerialization.jsonObject(with: measured.output) as? [String: Any])
        #expect(abs((after["integrated_lufs"] as? Double ?? 0) + 16) < 0.05)
        #expect(after["frames"] as? Int == 192_000)
        #expect(after["format"] as? String == "s24_3")
    }

    @Test func `makes nothing louder than its true peak may be`() throws {
        let scratch = try Scratch()
        let file = try Self.wav(scratch, "a.wav", seconds: 4, level: -20)
        let target = scratch.path("loud.wav")
        let run = try Pipeline.run(["aup meter --normalize 0 --peak -3 -o '\(target)' '\(file)'"])
        #expect(run.statuses == [0])
        #expect(String(decoding: run.output, as: UTF8.self).contains("as much as the true peak allows"))
        #expect(try Pipeline.run(["aup meter --fail-if 'true_peak>-2.9' '\(target)'"]).statuses == [0])
        #expect(try Pipeline.run(["aup meter --fail-if 'true_peak<-3.1' '\(target)'"]).statuses == [0])
    }

    @Test func `writes into files how loud they are, and touches no sound`() throws {
        let scratch = try Scratch()
        let source = try Self.wav(scratch, "a.wav", seconds: 4, level: -20)
        let (opus, flac) = (scratch.path("a.opus"), scratch.path("a.flac"))
        #expect(try Pipeline.run(["aup encode -q '\(source)' -o '\(opus)'"]).statuses == [0])
        #expect(try Pipeline.run(["aup encode -q '\(source)' -o '\(flac)'"]).statuses == [0])
        let before = try Pipeline.run(["aup process -q -i '\(opus)' --as raw"]).output
        #expect(try Pipeline.run(["aup meter --tag r128 '\(opus)' '\(flac)'"]).statuses == [0])
        let isSame = try Pipeline.run(["aup process -q -i '\(opus)' --as raw"]).output == before
        #expect(isSame)
        let tags = String(decoding: try Pipeline.run(["opusinfo '\(opus)'"]).output, as: UTF8.self)
        // 3 dB below -20 in 256ths of a dB, and a little for what the codec does to a tone.
        let gain = try #require(tags.firstMatch(of: /R128_TRACK_GAIN=(-?[0-9]+)/).flatMap { Int($0.1) })
        #expect(abs(gain + 3 * 256) < 80)
        let comments = String(
            decoding: try Pipeline.run(["metaflac --export-tags-to=- '\(flac)'"]).output, as: UTF8.self)
        let level = try #require(
            comments.firstMatch(of: /REPLAYGAIN_TRACK_GAIN=([-+0-9.]+) dB/).flatMap { Double($0.1) })
        #expect(abs(level - 2) < 0.1)
    }

    @Test func `draws what it has measured`() throws {
        let scratch = try Scratch()
        let file = try Self.wav(scratch, "a.wav", seconds: 4, level: -20)
        let (svg, png) = (scratch.path("a.svg"), scratch.path("a.png"))
        for picture in [svg, png] {
            #expect(try Pipeline.run(["aup meter -q --plot '\(picture)' '\(file)'"]).statuses == [0])
        }
        #expect(try String(contentsOfFile: svg, encoding: .utf8).contains("integrated -20.0 LUFS"))
        #expect(try Data(contentsOf: URL(filePath: png)).starts(with: [0x89, 0x50, 0x4E, 0x47]))
        let again = try Pipeline.run(["aup meter --plot '\(png)' '\(file)'"])
        #expect(again.statuses == [1])
        #expect(again.errors[0].contains("--overwrite"))
    }

    @Test func `serves its readings while the sound passes`() throws {
        let scratch = try Scratch()
        let said = scratch.path("said")
        let script = """
            aup capture -q -D sim:sine -d 4s | aup meter --web 0 2>'\(said)' | aup process -q -o '\(scratch.path("x.wav"))' &
            for _ in $(seq 100); do
                url=$(grep -o 'http://[^ ]*' '\(said)') && break
                sleep 0.1
            done
            sleep 1
            curl -s "${url}api/levels" && echo && curl -s "${url}metrics" && curl -s "$url" | grep -c '<canvas'
            wait
            """
        let file = scratch.path("script")
        try script.write(toFile: file, atomically: true, encoding: .utf8)
        let run = try Pipeline.run(["sh '\(file)'"])
        let lines = run.output.split(separator: UInt8(ascii: "\n"))
        let first = try #require(lines.first)
        let levels = try #require(try JSONSerialization.jsonObject(with: first) as? [String: Any])
        #expect(abs((levels["momentary_lufs"] as? Double ?? 0) + 20) < 0.1)
        #expect((levels["channels"] as? [Any])?.count == 2)
        let text = String(decoding: run.output, as: UTF8.self)
        #expect(text.contains("aup_meter_true_peak_dbtp{channel=\"FL\"} -20"))
        #expect(
            try Pipeline.run(["aup process --json -i '\(scratch.path("x.wav"))' -o '\(scratch.path("y.wav"))'"])
                .events("end", stage: 0).first?["frames"] as? Int == 192_000)
    }

    @Test func `gives the terminal back as it was`() throws {
        let run = try Pipeline.run([
            "script -qec 'stty rows 24 cols 80; aup capture -q -D sim:sine -d 1s | env TERM=xterm LC_ALL=C.UTF-8 aup meter' /dev/null"
        ])
        #expect(run.statuses == [0])
        let text = String(decoding: run.output, as: UTF8.self)
        #expect(text.contains("LUFS"))
        #expect(text.contains("\u{1B}[?25l"))
        // The cursor is seen again and the whole screen scrolls, before the last words.
        let hidden = try #require(text.ranges(of: "\u{1B}[?25l").last)
        let shown = try #require(text.ranges(of: "\u{1B}[?25h").last)
        let scrolling = try #require(text.ranges(of: "\u{1B}[r").last)
        #expect(hidden.lowerBound < shown.lowerBound)
        #expect(scrolling.lowerBound < shown.lowerBound)
        #expect(text[shown.upperBound...].contains("integrated -20.0 LUFS"))
    }
}
