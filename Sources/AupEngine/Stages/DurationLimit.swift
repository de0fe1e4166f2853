import AupSound
import AupWire

/// Lets a length of time through, to the frame, and then is satisfied.
///
/// - Thread: transport.
final class DurationLimit: PacketSink {
    private let next: any PacketSink
    private let duration: TimeSpan
    private var remaining: Int64 = 0
    private(set) var isReached = false
    /// Frames of the whole duration; `nil` before the format is known. - Thread: any.
    var limitFrames: Int64? { limit.read { $0 } }
    private let limit = Guarded<Int64?>(nil)
    /// Frames that will still be let through; `nil` before the format is known.
    var framesWanted: Int64? { rate.map { _ in remaining } }
    private var rate: Int?

    init(_ duration: TimeSpan, next: any PacketSink) {
        self.duration = duration
        self.next = next
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        if case .format(let description) = packet {
            if let rate, rate != description.rate, case .nanoseconds = duration {
                remaining = TimeSpan.nanoseconds(TimeSpan.frames(remaining).nanoseconds(rate: rate)).frames(
                    rate: description.rate)
            }
            if rate == nil {
                remaining = duration.frames(rate: description.rate)
                let frames = remaining
                limit.write { $0 = frames }
            }
            rate = description.rate
            try next.take(packet)
            isReached = remaining == 0
            return
        }
        guard let span = packet.span, let rate else {
            try next.take(packet)
            return
        }
        let frames = min(span.frames, remaining)
        guard frames > 0 else { return }
        try next.take(packet.part(first: 0, count: frames, rate: rate, position: span.position))
        remaining -= frames
        isReached = remaining == 0
    }

    /// What was let through last was thrown away further on.
    func giveBack(nanoseconds: Int64) {
        guard let rate else { return }
        remaining += TimeSpan.nanoseconds(nanoseconds).frames(rate: rate)
        isReached = remaining == 0
    }

    func flush() throws(SessionFailure) { try next.flush() }
}
