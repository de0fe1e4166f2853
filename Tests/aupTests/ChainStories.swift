import Foundation
import TestSupport
import Testing

/// What the built binary does with a chain of plugins: tails, automation, a control socket, plugins that are rebuilt.
@Suite(.realTime, .serialized) struct `A chain at work` {
    private var gain: String { Repository.root.appending(path: "plugins/gain/gain.so").path }

    private func end(_ run: Pipeline, _ stage: Int = 0) throws -> [String: Any] {
        try #require(try run.events("end", stage: stage).first, "it said: \(run.errors)")
    }

    /// Makes a raw s16 stereo file of noise.
    private func noise(_ scratch: Scratch, seconds: Int) throws -> String {
        let path = scratch.path("noise.wav")
        let run = try Pipeline.run(["aup capture -D 'sim:noise?pace=fast' -c 2 -f s16 -d \(seconds)s -o \(path)"])
        #expect(run.statuses == [0], "\(run.errors)")
        return path
    }

    // MARK: - Tails and automation

    @Test func `the end of a file waits for the echo`() throws {
        let echo = TestGuest.path("echo")
        func frames(_ words: String) throws -> Int {
            let run = try Pipeline.run([
                "aup capture -D 'sim:impulse?pace=fast' -c 1 -f f32 -d 1000f",
                "aup process \(echo) feedback=0.1 time=1000 \(words) --json", "aup process --as raw",
            ])
            #expect(run.statuses == [0, 0, 0], "\(run.errors)")
            let plugin = try #require((try end(run, 1)["plugins"] as? [[String: Any]])?.first)
            #expect((plugin["readings"] as? [String: Any])?["level"] is Double)
            return run.output.count / 4
        }
        #expect(try frames("") == 1000 + 4000)
        #expect(try frames("--tail off") == 1000)
        #expect(try frames("--tail 1s") == 1000 + 48_000)
        #expect(try Pipeline.run(["aup process --tail soon gain"]).statuses == [64])
    }

    @Test func `automation is exact to the frame`() throws {
        let run = try Pipeline.run(
            [
                "aup capture -D 'sim:sine?pace=fast&level=-6' -c 1 -f f32 -d 4000f",
                "aup process --automate a.txt gain",
                "aup process --as raw",
            ], before: "printf '1000f gain gain -90 0\\n2000f gain gain 0 0\\n' > a.txt")
        #expect(run.statuses == [0, 0, 0], "\(run.errors)")
        let plain = try Pipeline.run([
            "aup capture -D 'sim:sine?pace=fast&level=-6' -c 1 -f f32 -d 4000f", "aup process --as raw",
        ])
        let (changed, same) = (run.output, plain.output)
        #expect(changed.count == same.count)
        let differing = (0..<4000).filter { frame in
            changed[frame * 4..<frame * 4 + 4] != same[frame * 4..<frame * 4 + 4]
        }
        // Where the sine is zero nothing can be told.
        #expect(differing.first.map { (1000...1001).contains($0) } ?? false)
        #expect(differing.last.map { (1998...1999).contains($0) } ?? false)
    }

    @Test func `mistakes in an automation are told before the sound, with their place`() throws {
        for (text, place) in [
            ("0 gain gain 99", "line 1, column 13"), ("\\n1s 1 gian 3", "line 2, column 6"), ("x", "line 1, column 1"),
        ] {
            let run = try Pipeline.run(["aup process --automate a.txt gain"], before: "printf '\(text)' > a.txt")
            #expect(run.statuses == [1])
            #expect(run.errors[0].contains(place) && run.errors[0].contains("a.txt"), "\(run.errors)")
        }
        #expect(try Pipeline.run(["aup process --automate nothing.txt gain"]).statuses == [1])
    }

    // MARK: - Control

    private let host = "aup process -i sim:sine -o sim:null --control unix:ctl gain"

    @Test func `words of another shell change and ask for values`() throws {
        let scratch = try Scratch()
        let run = try Pipeline.run(
            ["\(host) --json -d 60s"],
            during: """
                until [ -S ctl ]; do sleep 0.02; done
                until aup process --connect unix:ctl list > list 2> /dev/null; do sleep 0.05; done
                {
                    stat -c %a ctl; cat list
                    aup process --connect unix:ctl gain=-6dB; echo $?
                    aup process --connect unix:ctl --get gain.gain
                    aup process --connect unix:ctl gain=99; echo $?
                    printf 'bypass gain on\\nget\\nfrob\\n' | aup process --connect unix:ctl
                    aup process --connect unix:ctl --json --get gain
                    kill -INT $(stage 1)
                    for i in $(seq 500); do [ -e ctl ] || break; sleep 0.02; done
                    [ -e ctl ] || echo gone
                } > \(scratch.path("said")) 2>&1
                """)
        #expect(run.statuses == [0], "\(run.errors)")
        #expect(try (end(run)["plugins"] as? [[String: Any]])?.first?["bypassed"] as? Bool == true)
        let said = try String(contentsOfFile: scratch.path("said"), encoding: .utf8).split(separator: "\n").map(
            String.init)
        #expect(
            said == [
                "600", "gain.gain=0 dB\t-90 dB to 24 dB\tGain", "0", "gain.gain=-6 dB",
                "aup process: plugin 'gain': gain=99: out of range; gain takes -90 dB to 24 dB", "1", "ok",
                "gain.gain=-6 dB", "ok", "aup process: no command 'frob'; help lists them",
                #"{"ok":true,"values":{"gain.gain":-6.0}}"#, "gone",
            ])
    }

    @Test func `a control socket that is alive is refused, a dead one is replaced, and it is gone at the end`() throws {
        let run = try Pipeline.run(
            [
                "bash -c 'mkdir s; \(host) -d 60s & first=$!; until [ -S ctl ]; do sleep 0.02; done; \(host) -d 1s; echo $?; kill -9 $first; wait $first 2> /dev/null; [ -S ctl ] && echo left; \(host) -d 1s; echo $?; [ -e ctl ] || echo gone'"
            ])
        #expect(String(decoding: run.output, as: UTF8.self) == "1\nleft\n0\ngone\n")
        #expect(run.errors[0].contains("another process listens there"))
    }

    @Test func `what makes no sense about a socket is told`() throws {
        for (words, status, why) in [
            ("--connect unix:nothing list", 1, "nobody listens"), ("--control unix: gain", 64, "control"),
            ("--control unix:ctl", 64, "--control needs plugins"), ("--get gain", 64, "--connect"),
            ("--control unix:/nowhere/at/all gain", 1, "/nowhere/at/all"), ("--watch", 64, "--watch needs plugins"),
            ("--control unix:\(String(repeating: "x", count: 200)) gain", 1, "shorter"),
        ] {
            let run = try Pipeline.run(["aup process \(words)"])
            #expect(run.statuses == [status], "\(words)")
            #expect(run.errors[0].contains(why), "\(run.errors)")
        }
    }

    @Test(.enabled(if: VirtualCard.isAvailable))
    func `a thousand changes a second lose no frame`() throws {
        let card = try VirtualCard()
        try card.addPCM("out", ["formats": "S16_LE"])
        let flood = """
            import sys, time
            begin = time.monotonic()
            for step in range(3000):
                sys.stdout.write("set %d.gain -%d\\n" % (step % 2 + 1, step % 30))
                if step % 10 == 9:
                    sys.stdout.flush()
                    time.sleep(max(0, begin + step / 1000 - time.monotonic()))
            """
        try flood.write(to: card.file("flood.py"), atomically: true, encoding: .utf8)
        let run = try Pipeline.undisturbed {
            try Pipeline.run(
                ["aup process -i sim:sine -o alsa:out --latency 100ms --control unix:ctl gain gain --json"],
                during: """
                    until aup process --connect unix:ctl list > /dev/null 2>&1; do sleep 0.05; done
                    python3 \(card.file("flood.py").path) | aup process --connect unix:ctl > \(card.file("answers").path)
                    kill -INT $(stage 1)
                    """, environment: card.environment)
        }
        let answers = try String(contentsOf: card.file("answers"), encoding: .utf8).split(separator: "\n")
        #expect(answers.count == 3000 && answers.allSatisfy { $0 == "ok" })
        #expect(run.statuses == [0], "\(run.errors)")
        let report = try end(run)
        #expect(report["xruns"] as? Int == 0)
        #expect(report["lost_frames"] as? Int == 0)
        #expect(report["underrun_frames"] as? Int == 0)
        #expect((report["seconds"] as? Double ?? 0) > 2.5)
        let peak = report["plugins"] as? [[String: Any]]
        #expect(peak?.count == 2)
    }

    // MARK: - Rebuilt plugins

    @Test(.enabled(if: VirtualCard.isAvailable))
    func `a hundred reloads during playback lose no frame and are not heard`() throws {
        let scratch = try Scratch()
        let path = try noise(scratch, seconds: 90)
        let card = try VirtualCard()
        try card.addPCM("out", ["pfile": card.file("played").path, "formats": "S16_LE"])
        let run = try Pipeline.run(
            ["aup process -i \(path) -o alsa:out -f s16 --latency 500ms --watch p/gain.so --json"],
            before: "mkdir p; cp \(gain) p/gain.so; cp \(gain) new.so",
            during: """
                host=$(stage 1)
                sleep 1
                for i in $(seq 100); do
                    if [ $((i % 2)) = 0 ]; then cp new.so p/new; mv p/new p/gain.so; else cat new.so > p/gain.so; fi
                    for try in $(seq 200); do
                        sleep 0.05; kill -USR2 $host || break 2
                        sleep 0.02; grep -q "\\"reloads\\":$i," errors.1 && break
                    done
                done
                kill -INT $host
                """, environment: card.environment, seconds: 100)
        #expect(run.statuses == [0], "\(run.errors[0].suffix(500))")
        let report = try end(run)
        #expect(report["reloads"] as? Int == 100)
        for count in ["xruns", "lost_frames", "underrun_frames"] { #expect(report[count] as? Int == 0, "\(count)") }
        let sound = try Pipeline.run(["aup process -i \(path) --as raw"]).output
        // What was still in the card's buffer when the signal came was never played.
        let played = card.bytes("played")
        #expect(played.count > 48_000 * 4 * 5 && played.count <= sound.count)
        // Not one bit is other than what lies in the file.
        let isSame = played.elementsEqual(sound.prefix(played.count))
        #expect(isSame)
    }

    @Test func `a broken build is told with the loader's words and the old one goes on`() throws {
        let run = try Pipeline.run(
            ["aup process -i sim:sine -o sim:null --watch p/gain.so --json -d 60s"],
            before:
                "mkdir p; cp \(gain) p/gain.so; printf 'void nowhere(void); void f(void) { nowhere(); }' > b.c; cc -shared -fPIC b.c -o broken.so",
            during: """
                host=$(stage 1)
                said() { for i in $(seq 500); do sleep 0.02; grep -q "$1" errors.1 && return; done; }
                sleep 1
                mv broken.so p/gain.so; said nowhere
                cp \(gain) p/new; mv p/new p/gain.so; said '"event":"reloaded"'
                rm p/gain.so; kill -HUP $host; said 'no such file'
                kill -INT $host
                """)
        #expect(run.statuses == [0], "\(run.errors)")
        let warnings = try run.events("warning", stage: 0).compactMap { $0["text"] as? String }
        #expect(warnings.contains { $0.contains("undefined symbol: nowhere") || $0.contains("aup_module_v1") })
        #expect(warnings.contains { $0.contains("the plugins stay as they were") && $0.contains("no such file") })
        #expect(try end(run)["reloads"] as? Int == 1)
    }

    @Test func `SIGHUP makes the plugins anew where they are watched, and ends everything else`() throws {
        let watched = try Pipeline.run(
            ["aup process -i sim:sine -o sim:null --watch gain --json -d 60s"],
            during: """
                host=$(stage 1); sleep 1; kill -HUP $host
                for i in $(seq 500); do sleep 0.02; grep -q '"event":"reloaded"' errors.1 && break; done
                kill -TERM $host
                """)
        #expect(watched.statuses == [0], "\(watched.errors)")
        #expect(try end(watched)["reloads"] as? Int == 1)
        let plain = try Pipeline.run(
            ["aup process -i sim:sine -o sim:null gain --json -d 60s"],
            during: "host=$(stage 1); sleep 1; kill -HUP $host")
        #expect(plain.statuses == [0])
        #expect((try end(plain)["seconds"] as? Double ?? 60) < 30)
    }
}
