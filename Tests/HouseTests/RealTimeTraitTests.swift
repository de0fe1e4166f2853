import Foundation
import Synchronization
import Testing

@testable import TestSupport

/// What is done about a machine that stands still, by itself.
@Suite struct RealTimeTraitTests {
    /// How often a test was run that goes wrong so many times, and how many failures that made.
    private func outcome(_ trait: RealTimeTrait, failing failures: Int) async throws -> [Int] {
        let runs = Atomic(0)
        let told = Atomic(0)
        let test = try #require(Test.current)
        let ear = IssueHandlingTrait.filterIssues { issue in
            if issue.isFailure { told.add(1, ordering: .relaxed) }
            return false
        }
        try await ear.provideScope(for: test, testCase: Test.Case.current) {
            try await trait.provideScope(for: test, testCase: Test.Case.current) {
                if runs.add(1, ordering: .relaxed).newValue <= failures { Issue.record("went wrong") }
            }
        }
        return [runs.load(ordering: .relaxed), told.load(ordering: .relaxed)]
    }

    @Test func `what goes wrong on a machine that runs is a failure at once`() async throws {
        #expect(try await outcome(RealTimeTrait { _ in true }, failing: 9) == [1, 1])
    }

    @Test func `what goes wrong while it stands still is run again`() async throws {
        #expect(try await outcome(RealTimeTrait { _ in false }, failing: 0) == [1, 0])
        #expect(try await outcome(RealTimeTrait { _ in false }, failing: 2) == [3, 0])
    }

    /// Shorter than a device waits, so that nothing beside this test minds.
    @Test func `a processor that is kept by somebody is missed`() throws {
        let standstill = Standstill()
        Thread.sleep(forTimeInterval: 0.05)
        let done = DispatchSemaphore(value: 0)
        let mayKeep = Atomic(false)
        Thread.detachNewThread {
            mayKeep.store(Standstill.takePriority(on: Standstill.processors[0]), ordering: .relaxed)
            let end = ContinuousClock.now + .milliseconds(20)
            while ContinuousClock.now < end {}
            done.signal()
        }
        done.wait()
        Thread.sleep(forTimeInterval: 0.05)
        guard mayKeep.load(ordering: .relaxed) else { try Test.cancel("no thread of real time is allowed here") }
        #expect(!standstill.isBearable, "\(standstill.description)")
    }
}
