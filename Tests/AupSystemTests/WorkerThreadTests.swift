import Testing

@testable import AupSystem

@Suite struct WorkerThreadTests {
    @Test func `whoever hears a thread's bell finds the thread finished`() throws {
        // A bell rung a moment too early is heard too early about once in ten times.
        for _ in 0..<1000 {
            let bell = Doorbell()
            let thread = try WorkerThread(name: "short", bell: bell) {}
            let isHeard = bell.wait(milliseconds: 10_000)
            let isFinished = thread.isFinished
            thread.join()
            try #require(isHeard)
            try #require(isFinished)
        }
    }
}
