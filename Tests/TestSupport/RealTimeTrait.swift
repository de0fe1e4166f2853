import Synchronization
public import Testing

/// For tests that keep time with the clock on the wall: one that goes wrong while the machine stands still
/// (``Standstill``) is run again, and cancelled with the figure when it stood still three times.
///
/// What goes wrong meanwhile is printed as a known issue; what goes wrong on a machine that runs is an issue at once.
public struct RealTimeTrait: TestTrait, SuiteTrait, TestScoping {
    private static let runs = 3

    private let isBearable: @Sendable (Standstill) -> Bool

    /// - Parameter isBearable: what it is told of the machine, to be tested itself.
    init(isBearable: @escaping @Sendable (Standstill) -> Bool = { $0.isBearable }) {
        self.isBearable = isBearable
    }

    public var isRecursive: Bool { true }

    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        var told = ""
        for _ in 0..<Self.runs {
            let standstill = Standstill()
            let wentWrong = Atomic(false)
            try await withKnownIssue("the machine stood still", isIntermittent: true) {
                try await function()
            } matching: { issue in
                guard !isBearable(standstill) else { return false }
                wentWrong.store(true, ordering: .relaxed)
                return true
            }
            guard wentWrong.load(ordering: .relaxed) else { return }
            told = standstill.description
        }
        try Test.cancel("\(told)")
    }
}

extension Trait where Self == RealTimeTrait {
    /// Keeps time with the clock on the wall.
    public static var realTime: RealTimeTrait { RealTimeTrait() }
}
