import AupSound
import AupWire

/// Streams that come one after the other as one: its places go on, and what was missed between two of them is a gap.
///
/// ```
///   one:  0 … 4800 ╳            other:  9600 …  (the same stream, joined again) ─▶ 0 … 4800 │ gap 4800 │ 9600 …
///   one:  0 … 4800 ╳ 2 s        other:  0 …     (another one, after a loss)     ─▶ 0 … 4800 │ gap of 2 s │ …
///   one:  0 … 4800 end          other:  0 …     (another one, after an end)     ─▶ 0 … 4800 │ 4800 …
/// ```
///
/// - Thread: one at a time; the time is told.
struct StreamSplice {
    /// What lies between a stream and the one before it.
    enum Joint: Equatable {
        /// Nothing: that one was over.
        case seamless
        /// What the count of the source says, because it is the same stream.
        case counted
        /// As many frames as time passed.
        case elapsed
    }

    enum Result {
        case nothing
        case packet(Packet)
        /// A gap goes first.
        case gap(GapPacket, before: Packet)
        /// It would go past the last frame that a stream can have.
        case tooLong
    }

    /// Why a source whose packet is ``Result/tooLong`` is not heard any further.
    static let tooLongReason = "it goes past the last frame that a stream can have, 2^53"

    /// Frames of the whole so far, and those of them in gaps.
    private(set) var position: Int64 = 0
    private(set) var lostFrames: Int64 = 0
    private(set) var description: StreamDescription?
    /// How far the source's count is from ours; `nil` before the first.
    private var offset: Int64?
    private var joint: Joint?
    private var hasBegunAnew = false
    /// When the frame after the last one was due.
    private var lastMoment: Int64 = 0

    /// The next packets are another connection's. Before the first sound nothing can be missed.
    mutating func begin(_ joint: Joint) {
        // A joint that no sound has passed stands: the count is not that of the sound before it.
        let joint = joint == .counted ? self.joint ?? joint : joint
        hasBegunAnew = hasBegunAnew || joint != .counted
        self.joint = position > 0 ? joint : nil
        if position == 0 { offset = nil }
    }

    /// Whether sound of the stream that was begun last has not come yet.
    var isAtJoint: Bool { joint != nil }

    /// An end is the caller's to judge.
    mutating func take(_ packet: Packet, now: Int64) -> Result {
        switch packet {
        case .format(let format):
            // A codec's decoder begins anew with each stream, whatever it was before.
            let isSame = description == format && (format.pcm != nil || !hasBegunAnew)
            (description, hasBegunAnew) = (format, false)
            return isSame ? .nothing : .packet(packet)
        case .audio, .silence, .gap: return sound(packet, now)
        case .event(let event):
            return .packet(
                .event(
                    EventPacket(
                        position: position, captureTime: event.captureTime, key: event.key, value: event.value)))
        case .end: return .nothing
        }
    }

    private mutating func sound(_ packet: Packet, _ now: Int64) -> Result {
        guard let span = packet.span, let rate = description?.rate else { return .nothing }
        let missed = missed(at: span.position, rate: rate, now)
        guard missed <= WireLimits.position - position, span.frames <= WireLimits.position - position - missed else {
            return .tooLong
        }
        if offset == nil || joint != nil { offset = span.position - position - missed }
        joint = nil
        lastMoment = now
        let part = packet.part(first: 0, count: span.frames, rate: rate, position: position + missed)
        if case .gap = packet { lostFrames += span.frames }
        defer {
            position += missed + span.frames
            lostFrames += missed
        }
        guard missed > 0 else { return .packet(part) }
        return .gap(
            GapPacket(position: position, captureTime: nil, frames: missed, cause: .network, seenBy: "stream"),
            before: part)
    }

    /// Frames that were given to nobody here while there was no connection.
    private func missed(at theirs: Int64, rate: Int, _ now: Int64) -> Int64 {
        switch joint {
        case nil, .seamless: return 0
        case .counted:
            if let offset, theirs - offset >= position { return theirs - offset - position }
            fallthrough
        case .elapsed: return TimeSpan.nanoseconds(max(0, now - lastMoment)).frames(rate: rate)
        }
    }
}
