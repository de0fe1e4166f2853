import AupSound
import AupSystem

/// What a thread of a session is promoted to, and what it became.
///
/// - Thread: any.
final class Scheduling: Sendable {
    private let outcome = Guarded<RealtimePromotion.Outcome?>(nil)
    private let priority: Int?

    /// - Parameter priority: of SCHED_FIFO, 1 to 99; `nil` leaves threads as they are.
    init(priority: Int?) {
        self.priority = priority
    }

    /// Called by each thread that keeps time, for itself. The audio thread stands above the transport, since a late
    /// transport costs a ring's fill and a late audio thread costs sound.
    func promoteCurrentThread(isAudio: Bool) {
        guard let priority else { return }
        RealtimePromotion.prefaultStack()
        let result = RealtimePromotion.promoteCurrentThread(priority: isAudio ? priority : max(priority - 10, 1))
        if isAudio || outcome.read({ $0 }) == nil { outcome.write { $0 = result } }
    }

    /// What the audio thread got; `nil` until a thread asked.
    var result: RealtimePromotion.Outcome? { outcome.read { $0 } }
}
