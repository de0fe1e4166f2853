import Foundation
import TestSupport
import Testing

/// What `aup meter` makes of streams that are not two channels of a tone from beginning to end.
@Suite(.realTime) struct `A meter in a pipeline` {
    private func levels(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func `has its verdict when whoever takes the sound has had enough`() throws {
        let run = try Pipeline.run([
            "aup capture -q -D 'sim:sine?pace=fast&level=-10' -d 1h",
            "aup meter --json --fail-if 'true_peak>-20' --fail-if 'integrated>0'", "head -c 2000000 | wc -c",
        ])
        #expect(run.statuses == [0, 4, 0])
        let end = try #require(try run.events("end", stage: 1).first)
        #expect(abs((end["sample_peak_dbfs"] as? Double ?? 0) + 10) < 0.1)
        #expect(end["frames"] as? Int ?? 0 > 100_000)
        #expect(end["exit"] as? Int == 4)
        let calm = try Pipeline.run([
            "aup capture -q -D 'sim:sine?pace=fast&level=-10' -d 1h", "aup meter --fail-if 'true_peak>-5'",
            "head -c 2000000 | wc -c",
        ])
        #expect(calm.statuses == [0, 0, 0])
        // For people there is a summary too.
        #expect(calm.errors[1].contains("peak -10.0 dBFS"), "\(calm.errors[1])")
    }

    @Test func `has a summary too when its output fails`() throws {
        let scratch = try Scratch()
        let run = try Pipeline.run([
            "aup capture -q -D 'sim:sine?pace=fast&level=-10' -f s16 -d 60s",
            // Blocks of 1 KiB.
            "bash -c \"trap '' XFSZ; ulimit -f 1000; exec aup meter --json -o '\(scratch.path("x.wav"))'\"",
        ])
        #expect(run.statuses.last == 1)
        let end = try #require(try run.events("end", stage: 1).first)
        #expect(abs((end["sample_peak_dbfs"] as? Double ?? 0) + 10) < 0.1)
        #expect(end["frames"] as? Int ?? 0 > 100_000)
    }

    @Test func `measures 64 channels and hands each of them on`() throws {
        let run = try Pipeline.run([
            "aup capture -q -D 'sim:sine?channels=64&pace=fast&level=-26' -d 2s", "aup meter --json --spectrum",
            "aup process --json",
        ])
        #expect(run.statuses == [0, 0, 0])
        let end = try #require(try run.events("end", stage: 1).first)
        let channels = try #require(end["channels"] as? [[String: Any]])
        #expect(channels.map { $0["name"] as? String } == (1...64).map { "\($0)" })
        #expect(channels.allSatisfy { abs(($0["rms_dbfs"] as? Double ?? 0) + 29.01) < 0.02 })
        // 64 of them, none heard from the side: 18.06 dB more than one.
        #expect(abs((end["integrated_lufs"] as? Double ?? 0) - (-29.01 + 18.06)) < 0.1)
        #expect(try run.events("end", stage: 2).first?["frames"] as? Int == 96_000)
    }

    @Test func `shows 64 channels to a browser, and that the sound has ended`() throws {
        let story = try ShellStory()
        let run = try story.run(
            """
            mkfifo in
            aup meter --web 0 <in >/dev/null 2>said &
            meter=$!
            exec 8>in
            aup capture -q -D 'sim:sine?channels=64&pace=fast' -f f32 -d 2s >two
            until_true 'grep -qs http:// said'
            head -c 15000000 two >&8
            url=$(grep -o 'http://[^ ]*' said)
            until_true "curl -sf ${url}api/levels >levels"
            curl -sN ${url}events >events &
            curl=$!
            until_true "grep -qs '^event: levels' events"
            curl -s ${url}metrics >metrics
            tail -c +15000001 two >&8
            exec 8>&-
            wait $meter || echo "failed with $?"
            wait $curl
            tail -n 2 events | grep '^data' | sed 's/^data: //' >last
            """)
        #expect(run.status == 0 && run.text.isEmpty, "\(run.text)")
        func read(_ name: String) throws -> String {
            try String(contentsOfFile: story.scratch.path(name), encoding: .utf8)
        }
        #expect((try levels(try read("levels"))["channels"] as? [Any])?.count == 64)
        #expect(try read("metrics").split(separator: "\n").count { $0.hasPrefix("aup_meter_peak_dbfs{") } == 64)
        let last = try levels(try read("last"))
        #expect(last["ended"] as? Bool == true)
        #expect(last["frames"] as? Int == 96_000)
    }

    @Test(.enabled(if: ToolRun.find("chromium") != nil && ToolRun.find("python3") != nil, "chromium is not installed"))
    func `shows on its page in Chromium what it measures, moves with it, and survives a restart`() throws {
        let script = Repository.root.appending(path: "Tests/Browser/meter.py").path
        let run = try Pipeline.run(
            ["python3 -B '\(script)' '\(Pipeline.aup)' '\(ToolRun.find("chromium") ?? "")'"], seconds: 240)
        let said = String(decoding: run.output, as: UTF8.self)
        #expect(said.hasSuffix("all well\n"), "\(said) \(run.errors[0].suffix(2000))")
    }

    @Test func `counts what is no number, takes it for what it says, and passes it on as it is`() throws {
        let scratch = try Scratch()
        var samples = [Float](repeating: 0.1, count: 48_000)
        for (index, value) in [(100, Float.nan), (200, .signalingNaN), (300, .infinity), (400, -.infinity)] {
            samples[index] = value
        }
        for index in 500..<507 { samples[index] = .leastNonzeroMagnitude }
        let file = scratch.path("odd.raw")
        try unsafe samples.withUnsafeBytes { unsafe try Data($0).write(to: URL(filePath: file)) }
        let run = try Pipeline.run(
            ["aup meter --json --raw -f f32 -r 48000 -c 1 --fail-if 'clips<2'", "aup process --as raw"], input: file)
        #expect(run.statuses == [0, 0])
        let end = try #require(try run.events("end", stage: 0).first)
        #expect(end["not_numbers"] as? Int == 2 && end["infinities"] as? Int == 2 && end["denormals"] as? Int == 7)
        #expect(end["sample_peak_dbfs"] as? Double == 0)
        #expect(end["clips"] as? Int == 2)
        let isSame = run.output == (try Data(contentsOf: URL(filePath: file)))
        #expect(isSame)
    }

    @Test func `goes on when the channels become others in midstream`() throws {
        let scratch = try Scratch()
        let both = scratch.path("both.aup")
        let made = try Pipeline.run([
            "sh -c \"aup capture -q -D 'sim:sine?pace=fast&level=0&channels=2' -f s16 -d 2s; aup capture -q -D 'sim:sine?pace=fast&level=-30&channels=1' -f s16 -d 2s; aup capture -q -D 'sim:sine?pace=fast&level=-30&channels=6' -f s16 -d 2s\" >'\(both)'"
        ])
        #expect(made.statuses == [0])
        let run = try Pipeline.run(
            ["aup meter --json --interval 500ms", "aup process --json -o '\(scratch.path("out.aup"))'"], input: both)
        #expect(run.statuses == [0, 0])
        let end = try #require(try run.events("end", stage: 0).first)
        #expect(end["format_changes"] as? Int == 2)
        #expect(end["frames"] as? Int == 288_000)
        #expect((end["channels"] as? [Any])?.count == 6)
        // What the two channels had is not lost with them.
        #expect(abs((end["sample_peak_dbfs"] as? Double ?? -99)) < 0.01)
        #expect(end["clips"] as? Int ?? 0 > 0)
        let counts = try run.events("levels", stage: 0).map { ($0["channels"] as? [Any])?.count ?? 0 }
        #expect(counts == [2, 2, 2, 2, 1, 1, 1, 1, 6, 6, 6, 6])
    }

    @Test func `rings for silence, has a command run for it, and for no more than it takes`() throws {
        let scratch = try Scratch()
        let (said, hook, sound) = (scratch.path("said"), scratch.path("hook"), scratch.path("sound.aup"))
        try "#!/bin/sh\necho \"$AUP_ALARM $AUP_STATE $AUP_SECONDS\" >>'\(said)'\n".write(
            toFile: hook, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: hook)
        // Three silences of twelve seconds, all within the ten seconds in which only one command may run.
        let tone = "aup capture -q -D 'sim:sine?pace=fast&level=-20' -f s16 -d 2s"
        let silence = "aup capture -q -D 'sim:silence?pace=fast' -f s16 -d 12s"
        let turn = "\(tone); \(silence); "
        #expect(try Pipeline.run(["sh -c \"\(turn)\(turn)\(turn)\(tone)\" >'\(sound)'"]).statuses == [0])
        let run = try Pipeline.run(
            [
                "aup meter --json --alarm 'silence>10s' --on-alarm '\(hook)'",
                "aup process -q -o '\(scratch.path("x.wav"))'",
            ],
            input: sound)
        #expect(run.statuses == [0, 0])
        let begun = try run.events("alarm", stage: 0).compactMap { $0["seconds"] as? Double }
        let over = try run.events("alarm-over", stage: 0).compactMap { $0["seconds"] as? Double }
        // Each is told, to a tenth of a second.
        #expect(begun.count == 3 && over.count == 3)
        #expect(zip(begun, [12.0, 26, 40]).allSatisfy { (0...0.2).contains($0 - $1) }, "\(begun)")
        #expect(zip(over, [14.0, 28, 42]).allSatisfy { (0...0.2).contains($0 - $1) }, "\(over)")
        let calls = try String(contentsOfFile: said, encoding: .utf8).split(separator: "\n")
        #expect((2...4).contains(calls.count), "\(calls)")
        let states = calls.compactMap { $0.split(separator: " ").dropFirst().first }
        #expect(states.indices.allSatisfy { states[$0] == ($0 % 2 == 0 ? "begun" : "over") }, "\(calls)")
        #expect(states.last == "over")
    }

    @Test(.enabled(if: ToolRun.find("python3") != nil, "python3 is not installed"))
    func `keeps no packet back for the next one`() throws {
        let story = try ShellStory()
        // Each packet is given when the one before it has come out, all of it: one that was kept back would be waited for.
        let script = """
            import os, select, struct, subprocess, sys
            data = open('sound.aup', 'rb').read()
            meter = subprocess.Popen(['aup', 'meter', '-q'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
            place = packets = came = 0
            while place < len(data):
                length, flags = struct.unpack_from('<I', data, place + 8)[0], data[place + 5]
                size = 32 + (length + (4 if flags & 2 else 0) + 7) // 8 * 8
                isEnd = data[place + 4] == 6
                os.write(meter.stdin.fileno(), data[place:place + size])
                place += size
                packets += 1
                if isEnd:
                    meter.stdin.close()
                while came < place:
                    if not select.select([meter.stdout], [], [], 20)[0]:
                        sys.exit(f'packet {packets} was kept back')
                    piece = os.read(meter.stdout.fileno(), 65536)
                    if not piece:
                        sys.exit(f'ended at packet {packets}')
                    if piece != data[came:came + len(piece)]:
                        sys.exit(f'packet {packets} is another one')
                    came += len(piece)
            print(packets, meter.wait())
            """
        try Data(script.utf8).write(to: URL(filePath: story.scratch.path("packets.py")))
        // -o would check each payload, which a pipe does not.
        let run = try story.run(
            "aup capture -q -D 'sim:sine?pace=fast' -d 3s --period 10ms | cat >sound.aup; python3 packets.py")
        let words = run.text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        #expect(run.status == 0 && words.count == 2 && words.last == 0, "\(run.text)")
        #expect(words.first ?? 0 > 50)
    }
}
