import Foundation
import TestSupport
import Testing

/// A guest that misbehaves in a pipeline: the stage says so or goes on, and its neighbours are whole.
@Suite(.realTime) struct `A plugin that misbehaves in a pipeline` {
    private static let ends: [(String, String, [Misdeeds.Interface])] = [
        ("CRASH_WHEN_LOADED", "crashed in loading (SIGSEGV); run without it", Misdeeds.interfaces),
        ("EXIT_WHEN_LOADED", "called exit() in loading; run without it", Misdeeds.interfaces),
        ("REFUSE", "plugin 'misdeed' cannot be created", Misdeeds.interfaces),
        (
            "SEGFAULT", "plugin 'misdeed' crashed in process at frame 4096 (SIGSEGV); run without it",
            Misdeeds.interfaces
        ),
        ("ABORT", "plugin 'misdeed' crashed in process at frame 0 (SIGABRT); run without it", Misdeeds.interfaces),
        ("STACK_OVERFLOW", "plugin 'misdeed' crashed in process at frame 0 (SIGSEGV)", Misdeeds.interfaces),
        ("EXIT", "plugin 'misdeed' called exit() in process at frame 0; run without it", Misdeeds.interfaces),
        ("HARD_EXIT", "plugin 'misdeed' called _exit() in process at frame 0; run without it", Misdeeds.interfaces),
        ("FAIL", "plugin 'misdeed' failed in process: an error inside it", [.native]),
        ("LOOP", "plugin 'misdeed' does not come back from process at frame 4096; run without it", [.native]),
    ]

    private func run(_ name: String, _ interface: Misdeeds.Interface) throws -> Pipeline {
        try Pipeline.run([
            "aup capture -D 'sim:noise?pace=fast' -c 1 -f f32 -d 48000f",
            "aup process '\(Misdeeds.guest([name], interface))'", "aup process --as raw",
        ])
    }

    @Test(arguments: ends.map(\.0)) func `ends with its name and never with success`(name: String) throws {
        let (_, words, interfaces) = try #require(Self.ends.first { $0.0 == name })
        for interface in interfaces {
            let run = try run(name, interface)
            #expect(run.statuses == [0, 1, 3], "\(interface)")
            #expect(run.errors[1].contains(words), "\(interface): \(run.errors[1].prefix(300))")
            let lines = run.errors[1].split(separator: "\n").count
            #expect(lines == 1)
            #expect(run.errors[0] == "")
            let isCut = run.output.count < 48000 * 4
            #expect(isCut)
        }
    }

    @Test(arguments: [
        "NONE", "CRASH_IN_DESTRUCTOR", "INPUT", "MALLOC", "LOCK", "SLEEP", "FILE", "CLOSE", "LEAK", "SIGNAL", "LOCALE",
        "DIRECTORY", "FLOATS", "THREAD", "PRINT", "PRINT_IN_RUN", "SILENT", "NAN", "INFINITE", "DENORMAL", "RANDOM",
    ])
    func `goes on and loses no frame where the sound can be saved`(name: String) throws {
        for interface in Misdeeds.interfaces {
            let run = try run(name, interface)
            #expect(run.statuses == [0, 0, 0], "\(interface): \(run.errors[1].prefix(300))")
            let isWhole = run.output.count == 48000 * 4
            #expect(isWhole, "\(interface): \(run.output.count) bytes")
            let samples = unsafe run.output.withUnsafeBytes { unsafe Array($0.bindMemory(to: Float.self)) }
            let isSound = samples.allSatisfy { $0.isFinite && abs($0) <= 1 }
            #expect(isSound)
        }
    }
}
