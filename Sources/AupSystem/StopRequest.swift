import Synchronization

/// The wish to end, seen by every loop of a session.
///
/// *Finish* means: take no more in, bring what is there to its end. *Abandon* means: not even that, because
/// whoever should take it does not.
///
/// - Thread: any. Relaxed ordering throughout: the value carries no other data with it.
public final class StopRequest: Sendable {
    private let state = Atomic<Int>(0)
    private let progress = Atomic<Int>(0)

    public init() {}

    public var isRequested: Bool { state.load(ordering: .relaxed) >= 1 }
    public var isAbandoned: Bool { state.load(ordering: .relaxed) >= 2 }

    public func finish() { _ = state.max(1, ordering: .relaxed) }
    public func abandon() { _ = state.max(2, ordering: .relaxed) }

    /// Counts steps of work, so that whoever waits for the end can tell slow from stuck.
    public func noteProgress() { progress.wrappingAdd(1, ordering: .relaxed) }
    public var progressCount: Int { progress.load(ordering: .relaxed) }
}
