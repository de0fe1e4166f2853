import Foundation
import TestSupport
import Testing

/// `aup process --check`: every misdeed is found, by the check that looks for it.
@Suite struct `A plugin that is examined` {
    struct Misdeed: Sendable, CustomStringConvertible {
        let name: String
        let check: String
        let words: String
        var interfaces = Misdeeds.interfaces
        var description: String { name }

        init(_ name: String, _ check: String, _ words: String, _ interfaces: [Misdeeds.Interface] = Misdeeds.interfaces)
        {
            self.name = name
            self.check = check
            self.words = words
            self.interfaces = interfaces
        }
    }

    private static let misdeeds: [Misdeed] = [
        Misdeed("CRASH_WHEN_LOADED", "loading", "it crashed in loading (SIGSEGV)"),
        Misdeed("EXIT_WHEN_LOADED", "loading", "it called exit() in loading"),
        Misdeed("REFUSE", "creating", "plugin 'misdeed' cannot be created"),
        Misdeed("SEGFAULT", "running", "it crashed in process at frame 512 (SIGSEGV)"),
        Misdeed("ABORT", "running", "it crashed in process at frame 0 (SIGABRT)"),
        Misdeed("STACK_OVERFLOW", "running", "it crashed in process at frame 0 (SIGSEGV)"),
        Misdeed("EXIT", "running", "it called exit() in process at frame 0"),
        Misdeed("HARD_EXIT", "running", "it called _exit() in process at frame 0"),
        Misdeed("FAIL", "running", "it gives up: an error inside it", [.native]),
        Misdeed("LOOP", "running", "it does not come back from process at frame 512", [.native]),
        Misdeed("INPUT", "running", "it wrote into input 1 in process at frame 0"),
        Misdeed("CRASH_IN_DESTRUCTOR", "ending", "it crashed in destroy (SIGSEGV)"),
        Misdeed("BEHIND", "buffers", "it wrote right behind the end of output 1 in process at frame 0"),
        Misdeed("BEFORE", "buffers", "it wrote 8 bytes before the beginning of output 1 in process at frame 0"),
        Misdeed("READ_BEHIND", "buffers", "it read 4 bytes behind the end of input 1 in process at frame 0"),
        Misdeed("READINGS", "buffers", "it wrote right behind the end of the readings", [.native]),
        Misdeed("MALLOC", "allocation", "malloc in process, 108 such calls in 24000 frames"),
        Misdeed("LOCK", "locks", "pthread_mutex_lock in process, 54 such calls"),
        Misdeed("SLEEP", "system calls", "usleep in process, 54 such calls"),
        Misdeed("FILE", "system calls", "fopen in process, 108 such calls"),
        Misdeed("CLOSE", "descriptors", "it closes descriptor 100"),
        Misdeed("LEAK", "descriptors", "open: descriptor"),
        Misdeed("SIGNAL", "signals", "it changes what happens at SIGTERM"),
        Misdeed("LOCALE", "locale", "it changes the locale to C.UTF-8"),
        Misdeed("DIRECTORY", "directory", "it changes the working directory to /"),
        Misdeed("FLOATS", "floating point", "it leaves process with other settings"),
        Misdeed("THREAD", "threads", "still there after the end"),
        Misdeed("PRINT", "standard output", "bytes: 'look at me'"),
        Misdeed("PRINT_IN_RUN", "standard output", "13 bytes: 'at frame 0.5'"),
        Misdeed("SILENT", "unwritten output", "48000 of 96000 samples are never written"),
        Misdeed("NAN", "output", "94 of 96000 samples are NaN"),
        Misdeed("INFINITE", "output", "94 of 96000 samples are infinite"),
        Misdeed("HUGE", "output", "samples of 1e+30"),
        Misdeed("DENORMAL", "output", "94 of 96000 samples are denormal"),
        Misdeed("EXTREME", "extreme values", "samples are NaN with amount=1.0"),
        Misdeed("IN_PLACE NOT_IN_PLACE", "in place", "the sound differs by", [.native]),
        Misdeed("RANDOM", "determinism", "two fresh instances with one seed differ by", [.native]),
        Misdeed("NO_RESET", "reset", "from a fresh instance", [.native]),
        Misdeed("SHARED", "two instances", "from one alone"),
        Misdeed("SCRATCH", "two instances", "from one alone when both run at the same time"),
        Misdeed("SECOND_CRASHES", "two instances", "it crashed in create (SIGSEGV)"),
        Misdeed("BLOCKS", "block sizes", "and it promises otherwise", [.native]),
    ]

    private func examine(_ path: String) throws -> (run: Pipeline, lines: [[String: Any]]) {
        let run = try Pipeline.run(["aup process --check '\(path)' --json"])
        let lines = try String(decoding: run.output, as: UTF8.self).split(separator: "\n").compactMap {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
        return (run, lines)
    }

    @Test(arguments: misdeeds) func `is found out`(misdeed: Misdeed) throws {
        for interface in misdeed.interfaces {
            let (run, lines) = try examine(
                Misdeeds.guest(misdeed.name.split(separator: " ").map(String.init), interface))
            #expect(run.statuses == [1])
            let line = try #require(lines.first { $0["check"] as? String == misdeed.check })
            let seen = line["seen"] as? String ?? ""
            #expect(line["result"] as? String == "failed", "\(interface): \(seen)")
            #expect(seen.contains(misdeed.words), "\(interface): \(seen)")
            #expect(lines.last?["good"] as? Bool == false)
        }
    }

    @Test(arguments: Misdeeds.interfaces) func `passes when nothing is wrong with it`(
        interface: Misdeeds.Interface
    ) throws {
        let (run, lines) = try examine(Misdeeds.guest(["NONE"], interface))
        #expect(run.statuses == [0])
        let failed = lines.filter { $0["result"] as? String == "failed" }.count
        #expect(failed == 0)
        #expect(lines.last?["good"] as? Bool == true)
        #expect(lines.last?["ok"] as? Int == 23)
        #expect(run.errors == [""])
    }

    @Test func `may allocate when it says so, and may be a source of noise when its interface allows it`() throws {
        let (run, lines) = try examine(Misdeeds.guest(["MALLOC", "ALLOWED"], .native))
        #expect(run.statuses == [0])
        let seen = lines.first { $0["check"] as? String == "allocation" }?["seen"] as? String
        #expect(seen?.hasSuffix("it says that it may") == true)
        guard Misdeeds.hasLADSPA else { return }
        let noise = try examine(Misdeeds.guest(["RANDOM"], .ladspa))
        #expect(noise.run.statuses == [0])
        let skipped = noise.lines.filter { $0["result"] as? String == "skipped" }.compactMap { $0["check"] as? String }
        #expect(skipped == ["in place", "determinism", "reset", "two instances", "block sizes"])
    }

    @Test func `is reported in lines that people read`() throws {
        let run = try Pipeline.run(["aup process --check '\(Misdeeds.guest(["NAN"], .native))' amount=0.25"])
        let lines = String(decoding: run.output, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(lines.first == "loading          ok       native, 1 to 1, 2 parameters")
        #expect(lines.contains("output           FAILED   94 of 96000 samples are NaN"))
        #expect(lines.last?.hasSuffix("native_nan.so: FAILED: 20 ok, 3 failed, 1 skipped") == true)
    }

    @Test func `has to be there, and alone`() throws {
        let nowhere = try Pipeline.run(["aup process --check ./nowhere.so"])
        #expect(nowhere.statuses == [1])
        let first = String(decoding: nowhere.output, as: UTF8.self).split(separator: "\n").first
        #expect(first == "loading          FAILED   plugin './nowhere.so': there is no such file")
        let two = try Pipeline.run(["aup process --check gain invert"])
        #expect(two.statuses == [64])
        #expect(two.errors[0] == "aup process: a chain of 2 plugins; at most 1 fit\n")
    }

    @Test(arguments: ["gain", "invert"]) func `passes where it is one of our own`(name: String) throws {
        let (run, lines) = try examine(name)
        #expect(run.statuses == [0])
        let failed = lines.filter { $0["result"] as? String == "failed" }.compactMap { $0["check"] as? String }
        #expect(failed == [])
    }
}
