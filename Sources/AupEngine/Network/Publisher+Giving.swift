import AupSound
import AupSystem
import AupWire
import Synchronization

/// What the transport gives by itself, because waking the thread first costs a packet more time than giving it.
///
/// ```
///   transport ─▶ append ─▶ few, nobody's turn? ─yes─▶ a send to each that has everything ─▶ anything left? ─no─▶ done
///                                   └───────────no────────────▶ bell ◀──────────────────────yes──┘
/// ```
///
/// - Thread: transport.
extension Publisher {
    /// So many are given a packet by the transport, because writing to eight who wait for it takes it less than 0.1 ms, a
    /// fiftieth of a packet of 5 ms; more are the thread's, so that the next packet is never late for their sake.
    static let fewSubscribers = 8

    /// Something was put into the backlog: gives it at once if that is cheap, and leaves to the thread what is left.
    ///
    /// Neither waits for the thread nor for a subscriber.
    func give() {
        if turn.withLockIfAvailable({ _ in giveAtOnce() }) != true { bell.ring() }
    }

    /// - Returns: whether nothing is left to do.
    private func giveAtOnce() -> Bool {
        let began = monotonicNanoseconds()
        // Where packets are gathered, there is much to do and each alone would be more.
        let isGathering = pace.gatherNanoseconds > 0 || began < giveAt
        guard subscribers.count <= Self.fewSubscribers, !isGathering else { return false }
        let extent = backlog.extent
        var isDone = true
        // Who takes no more is waited for by the thread already.
        for subscriber in subscribers where subscriber.state == .streaming && !subscriber.wantsToWrite {
            serve(subscriber, extent, gives: true)
            if subscriber.wantsToWrite || subscriber.isOver { isDone = false }
        }
        adapt(began: began, ended: monotonicNanoseconds())
        guard isDone else { return false }
        meter.rounds += 1
        meter.roundsAtOnce += 1
        return true
    }
}
