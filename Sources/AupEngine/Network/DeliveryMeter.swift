/// What a publisher gives its subscribers, measured.
///
/// - Thread: whoever has the publisher's turn.
final class DeliveryMeter {
    private(set) var age = TimeHistogram()
    private(set) var latePackets: Int64 = 0
    /// Rounds in which there was something new, those of them that the transport made whole, and writes to sockets.
    var rounds: Int64 = 0
    var roundsAtOnce: Int64 = 0
    var writes: Int64 = 0
    /// Whether who is given something had everything before; the age of what others are given is their own.
    var isCurrent = true
    private let target: Int64
    /// Of this round, of those who had everything.
    private var oldest: Int64?
    private var furthest: Int64 = 0

    /// - Parameter target: nanoseconds that sound may be old when it is given, besides its own length.
    init(target: Int64) {
        self.target = target
    }

    /// A chunk is on its way to one subscriber.
    func gave(_ chunk: Backlog.Chunk, now: Int64) {
        if let age = chunk.captureTime.flatMap({ AupEngine.age(of: $0, at: now) }) {
            self.age.add(age)
            if age > target, age - target > chunk.nanoseconds { latePackets += Int64(chunk.packets) }
            if isCurrent { oldest = max(oldest ?? age, age) }
        } else if isCurrent {
            oldest = max(oldest ?? 0, now - chunk.arrival)
        }
    }

    /// Somebody has everything, who was so far behind.
    func caughtUp(behind nanoseconds: Int64) { furthest = max(furthest, nanoseconds) }

    func round(began: Int64, ended: Int64) -> DeliveryPace.Round {
        defer { (oldest, furthest) = (nil, 0) }
        return DeliveryPace.Round(began: began, ended: ended, age: oldest, behind: furthest)
    }
}
