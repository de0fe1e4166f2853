import AupPlugins
import Foundation
import Testing

/// Each runs in a child process, since what it looks at is how that process ends.
@Suite struct CrashTests {
    /// Runs a guest to its bad end; one literal closure for each suffices because only the path differs.
    private func lastWords(_ way: String) async -> String {
        let path = Guests.rude(way)
        let result = await #expect(processExitsWith: .exitCode(7), observing: [\.standardErrorContent]) {
            [path = path as String] in
            CrashReport.install(exitCode: 7)
            let chain = try PluginChain(specs: [PluginSpec(path)], rate: 48000, maxFrames: 256, channels: 1)
            _ = chain.run([[Float](repeating: 0, count: 1024)], block: 256)
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        return text.split(separator: "\n").filter { $0.hasPrefix("aup: ") }.joined(separator: "|")
    }

    @Test func `a crash in process names plugin, frame and signal and ends with the code asked for`() async {
        #expect(
            await lastWords("SEGFAULT")
                == "aup: plugin 'rude' crashed in process at frame 512 (SIGSEGV); run without it")
    }

    @Test func `so does an abort`() async {
        #expect(
            await lastWords("ABORT") == "aup: plugin 'rude' crashed in process at frame 0 (SIGABRT); run without it")
    }

    @Test func `so does a stack overflow`() async {
        #expect(
            await lastWords("STACK_OVERFLOW")
                == "aup: plugin 'rude' crashed in process at frame 0 (SIGSEGV); run without it")
    }

    @Test func `a guest that calls exit does not end the stage with success`() async {
        #expect(await lastWords("EXIT") == "aup: plugin 'rude' called exit() in process at frame 0; run without it")
        #expect(await lastWords("EXIT_IN_CONSTRUCTOR").hasSuffix("called exit() in loading; run without it"))
    }

    @Test func `a crash while it is loaded or destroyed is told apart`() async {
        #expect(await lastWords("CRASH_IN_CONSTRUCTOR").hasSuffix("crashed in loading (SIGSEGV); run without it"))
        #expect(
            await lastWords("CRASH_IN_DESTROY") == "aup: plugin 'rude' crashed in destroy (SIGSEGV); run without it")
    }

    @Test func `a crash of our own is not blamed on a guest`() async {
        let result = await #expect(processExitsWith: .signal(SIGABRT), observing: [\.standardErrorContent]) {
            CrashReport.install(exitCode: 7)
            abort()
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(!text.contains("aup: plugin"))
    }

    @Test func `a crash after plugins had run says that one of them may have damaged memory`() async {
        let path = Guests.rude(Guests.polite)
        let result = await #expect(processExitsWith: .signal(SIGABRT), observing: [\.standardErrorContent]) {
            [path = path as String] in
            CrashReport.install(exitCode: 7)
            let chain = try PluginChain(specs: [PluginSpec(path)], rate: 48000, maxFrames: 256, channels: 1)
            _ = chain.run([[Float](repeating: 0, count: 256)], block: 256)
            abort()
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("aup: crashed outside any plugin, after plugins had run"))
    }
}
