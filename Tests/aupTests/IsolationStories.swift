import Foundation
import TestSupport
import Testing

/// Plugins in processes of their own: they sound the same, and those that end take no frame with them.
@Suite(.realTime) struct `A plugin in a process of its own` {
    private static let source = "aup capture -D 'sim:noise?pace=fast&seed=3' -c 1 -f f32 -d 48000f"

    private func sound(_ run: Pipeline) -> [Float] {
        unsafe run.output.withUnsafeBytes { unsafe Array($0.bindMemory(to: Float.self)) }
    }

    private func dry() throws -> [Float] { sound(try Pipeline.run([Self.source, "aup process --as raw"])) }

    // MARK: - Crashes

    private static let ends: [(String, String)] = [
        ("SEGFAULT", "plugin 'misdeed' crashed in process at frame 4096 (SIGSEGV)"),
        ("ABORT", "plugin 'misdeed' crashed in process at frame 0 (SIGABRT)"),
        ("STACK_OVERFLOW", "plugin 'misdeed' crashed in process at frame 0 (SIGSEGV)"),
        ("EXIT", "plugin 'misdeed' called exit() in process at frame 0"),
        ("HARD_EXIT", "plugin 'misdeed' called _exit() in process at frame 0"),
        ("LOOP", "plugin 'misdeed' does not come back from process at frame 4096 within 700 ms"),
    ]

    @Test(arguments: ends.map(\.0)) func `is passed by when it ends, and no frame is lost`(name: String) throws {
        let words = try #require(Self.ends.first { $0.0 == name }).1
        let dry = try dry()
        for interface in Misdeeds.interfaces where name != "LOOP" || interface == .native {
            let run = try Pipeline.run([
                Self.source,
                "aup process --on-crash bypass --max-time 700ms --json '\(Misdeeds.guest([name], interface))'",
                "aup process --as raw",
            ])
            #expect(run.statuses == [0, 0, 0], "\(interface): \(run.errors)")
            let crashed = try run.events("plugin_crashed", stage: 1)
            #expect(crashed.count == 1)
            let text = try #require(crashed.first?["text"] as? String ?? crashed.first?["message"] as? String)
            #expect(text == words + "; the sound goes by it")
            let end = try #require(try run.events("end", stage: 1).first)
            #expect(end["plugin_crashes"] as? Int == 1)
            let heard = sound(run)
            #expect(heard.count == dry.count)
            let wet = heard.indices.first { heard[$0] != dry[$0] * 0.5 } ?? heard.count
            let place = words.contains("frame 4096") ? 4096 : 0
            #expect(wet == place)
            let goesOn = heard[place...] == dry[place...]
            #expect(goesOn)
        }
    }

    @Test(arguments: ["wav", "flac", "opus"])
    func `leaves a recording whole that goes on behind it`(ending: String) throws {
        let guest = try Misdeeds.guest(["SEGFAULT"], .native)
        let scratch = try Scratch()
        let run = try Pipeline.run([
            "aup capture -D 'sim:sine?pace=fast&level=-6' -c 1 -f f32 -d 2s",
            "aup process --on-crash bypass '\(guest)'",
            "aup encode -o \(scratch.path("rec.\(ending)"))",
        ])
        #expect(run.statuses == [0, 0, 0], "\(run.errors)")
        let heard = sound(
            try Pipeline.run(["aup process -i \(scratch.path("rec.\(ending)")) -f f32 --as raw"]))
        #expect(heard.count == 96_000)
        // Half as loud before the crash, as it came after it.
        let levels = [heard[1000..<4000], heard[90_000..<95_000]].map { $0.map(abs).max() ?? 0 }
        #expect(abs(levels[0] - 0.25) < 0.02 && abs(levels[1] - 0.5) < 0.02, "\(levels)")
    }

    @Test func `ends the command where nothing else was asked for`() throws {
        let guest = try Misdeeds.guest(["SEGFAULT"], .native)
        let run = try Pipeline.run([Self.source, "aup process --isolate '\(guest)'", "aup process --as raw"])
        #expect(run.statuses == [0, 1, 3])
        #expect(run.errors[1].contains("plugin 'misdeed' crashed in process at frame 4096 (SIGSEGV); run without it"))
        #expect(run.errors[1].split(separator: "\n").count == 1)
        #expect(run.output.count == 4096 * 4)
    }

    @Test(arguments: ["CRASH_WHEN_LOADED", "EXIT_WHEN_LOADED", "REFUSE"])
    func `says why it cannot be had, as others do`(name: String) throws {
        let guest = try Misdeeds.guest([name], .native)
        let plain = try Pipeline.run([Self.source, "aup process '\(guest)' --as raw"])
        let apart = try Pipeline.run([Self.source, "aup process --isolate '\(guest)' --as raw"])
        #expect(apart.statuses[1] == 1)
        // What a signal handler says does not know which command it is in.
        #expect(
            apart.errors[1].replacing("aup process: ", with: "aup: ")
                == plain.errors[1].replacing("aup process: ", with: "aup: "))
    }

    @Test func `is started again, and what it crashed at goes by it`() throws {
        let guest = try Misdeeds.guest(["CRASH_AT_LOUD"], .native)
        let scratch = try Scratch()
        var input = [Float](repeating: 0.25, count: 96_000)
        input[40_000] = 1
        try unsafe input.withUnsafeBytes { unsafe Data($0) }.write(to: URL(filePath: scratch.path("in.raw")))
        let run = try Pipeline.run(
            [
                "aup process --raw -f f32 -r 48000 -c 1 --on-crash restart --json '\(guest)'", "aup process --as raw",
            ], input: scratch.path("in.raw"))
        #expect(run.statuses == [0, 0], "\(run.errors)")
        #expect(try run.events("plugin_crashed", stage: 0).count == 1)
        #expect(try run.events("reloaded", stage: 0).count == 1)
        let heard = sound(run)
        #expect(heard.count == input.count)
        #expect(heard.first == 0.125)
        #expect(heard[40_000] == 1)
        #expect(heard.last == 0.125)
        let isBetween = heard.indices.allSatisfy { $0 == 40_000 || (0.125...0.25).contains(heard[$0]) }
        #expect(isBetween)
    }

    @Test func `is not started again for ever`() throws {
        let guest = try Misdeeds.guest(["SEGFAULT"], .native)
        let run = try Pipeline.run([
            Self.source, "aup process --on-crash restart --json '\(guest)'", "aup process --as raw",
        ])
        #expect(run.statuses == [0, 0, 0], "\(run.errors)")
        #expect(run.output.count == 48_000 * 4)
        #expect(try run.events("plugin_crashed", stage: 1).count == 6)
        #expect(run.errors[1].contains("is not started again"))
    }

    @Test func `that lies between others is all that is missing`() throws {
        let guest = try Misdeeds.guest(["SEGFAULT"], .native)
        let run = try Pipeline.run([
            Self.source, "aup process --on-crash bypass gain gain=-90 '\(guest)' gain gain=0 --as raw -f f32",
        ])
        let without = try Pipeline.run([Self.source, "aup process gain gain=-90 gain gain=0 --as raw -f f32"])
        #expect(run.statuses == [0, 0], "\(run.errors)")
        let (heard, plain) = (sound(run), sound(without))
        #expect(heard.count == plain.count)
        let goesOn = heard[4096...] == plain[4096...]
        #expect(goesOn)
    }

    @Test func `that is killed from outside is missed at once, and one whose host is killed ends`() throws {
        let scratch = try Scratch()
        // When sound has come through, the child of stage 2 is the worker.
        let wait = "for n in $(seq 200); do test -s \(scratch.path("sound")) && break; sleep 0.1; done"
        let run = try Pipeline.run(
            [
                "aup capture -D 'sim:sine' -c 1 -f f32 -d 6s", "aup process --on-crash bypass --json gain gain=0",
                "tee \(scratch.path("sound"))", "aup process --as raw",
            ], during: "\(wait); pkill -KILL -P $(stage 2)")
        #expect(run.statuses == [0, 0, 0, 0], "\(run.errors)")
        #expect(run.output.count == 6 * 48_000 * 4)
        #expect(run.errors[1].contains("plugin 'gain' lost its process at frame"))
        #expect(run.errors[1].contains("(status 137)"))

        try FileManager.default.removeItem(atPath: scratch.path("sound"))
        let killed = try Pipeline.run(
            [
                "aup capture -D 'sim:sine' -c 1 -f f32 -d 60s", "aup process --isolate gain gain=0",
                "tee \(scratch.path("sound"))",
            ],
            during: """
                \(wait)
                worker=$(pgrep -P $(stage 2))
                kill -KILL $(stage 2)
                for n in $(seq 100); do kill -0 $worker || break; sleep 0.1; done
                kill -0 $worker && echo stays > \(scratch.path("stays"))
                echo $worker > \(scratch.path("worker"))
                """)
        #expect(killed.statuses[1] == 137)
        let worker = try String(contentsOfFile: scratch.path("worker"), encoding: .utf8)
        #expect((Int32(worker.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0) > 1)
        #expect(!FileManager.default.fileExists(atPath: scratch.path("stays")))
    }

    // MARK: - The same sound

    @Test(arguments: [
        "gain gain=-6dB", "invert gain gain=3dB invert", "limiter ceiling=-12dB", "reverb --tail 300ms",
        "delay time=20ms", "mix --automate a.txt gain", "--automate a.txt gain", "--bypass gain",
        "--exact-denormals gain gain=-80dB",
    ])
    func `sounds as it does in ours`(words: String) throws {
        func run(_ more: String) throws -> Pipeline {
            try Pipeline.run(
                [
                    "aup capture -D 'sim:noise?pace=fast&seed=3' -c 2 -f f32 -d 24000f", "aup process \(more) \(words)",
                    "aup process --as raw",
                ],
                before: "printf '1000f gain gain -30 5ms\\n2000f gain gain 0 0\\n' > a.txt",
                environment: ["AUP_PLUGIN_PATH": Repository.root.appending(path: "plugins").path])
        }
        let plain = try run("")
        let apart = try run("--isolate")
        #expect(plain.statuses == [0, 0, 0], "\(plain.errors)")
        #expect(apart.statuses == [0, 0, 0], "\(apart.errors)")
        #expect(apart.errors[1] == plain.errors[1])
        #expect(plain.output.count >= 24_000 * 8)
        let isSame = apart.output == plain.output
        #expect(isSame)
    }

    @Test(arguments: [
        "gaim", "./gain.so", "gain gian=3", "gain gain=900", "gain gain=loud", "gain gain=3Hz", "lv2:urn:no:such",
        "/etc/passwd", "gain:other",
    ])
    func `tells mistakes in the same words`(words: String) throws {
        func run(_ more: String) throws -> Pipeline {
            try Pipeline.run(
                [Self.source, "aup process \(more) \(words)", "cat"],
                environment: ["LADSPA_PATH": "/nowhere", "LV2_PATH": "/nowhere", "CLAP_PATH": "/nowhere"])
        }
        let plain = try run("")
        let apart = try run("--isolate")
        #expect(plain.statuses[1] != 0)
        #expect(apart.statuses[1] == plain.statuses[1])
        #expect(apart.errors[1] == plain.errors[1])
    }

    // MARK: - Beside the sound

    @Test func `is changed, read and made anew while it sounds`() throws {
        let scratch = try Scratch()
        let gain = Repository.root.appending(path: "plugins/gain/gain.so").path
        let run = try Pipeline.run(
            [
                "aup capture -D 'sim:sine?level=-6' -c 1 -f f32 -d 4s",
                "aup process --isolate --watch --control unix:\(scratch.path("s")) --json \(scratch.path("gain.so"))",
                "aup process --as raw",
            ], before: "cp \(gain) \(scratch.path("gain.so"))",
            during: """
                for n in $(seq 200); do test -S \(scratch.path("s")) && break; sleep 0.1; done
                for n in $(seq 200); do
                    aup process --connect unix:\(scratch.path("s")) gain=-20 > \(scratch.path("said")) && break
                    sleep 0.1
                done
                cp \(gain) \(scratch.path("new.so")); mv \(scratch.path("new.so")) \(scratch.path("gain.so"))
                """)
        #expect(run.statuses == [0, 0, 0], "\(run.errors)")
        #expect(run.output.count == 4 * 48_000 * 4)
        #expect(try run.events("reloaded", stage: 1).count == 1)
        let heard = sound(run)
        let levels = [heard.prefix(4800), heard.suffix(4800)].map { abs($0.max() ?? 0) }
        #expect(levels[0] > 0.4)
        #expect(abs(levels[1] / levels[0] - 0.1) < 0.0001)
    }
}
