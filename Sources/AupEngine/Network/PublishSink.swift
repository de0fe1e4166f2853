import AupSound
import AupSystem
import AupWire

/// A stream for whoever asks for it. The source is never waited for by a subscriber, nor the other way round.
///
/// A stream that is not live is given at the pace at which it sounds, a little ahead.
///
/// - Thread: transport, but for ``status``.
final class PublishSink: PacketSink {
    let publisher: Publisher
    private let stop: StopRequest
    private var encoder = PacketEncoder(checksAudio: true)
    /// What waits in the encoder: the number of its first packet, its place, frames lost in it.
    private var firstSequence: UInt32 = 0
    private var firstPosition: Int64 = 0
    private var firstLost: Int64 = 0
    /// Nobody rings: a wait that a kick ends.
    private let clock = Doorbell()
    private var pace: (start: Int64, position: Int64, rate: Int)?

    /// How far a stream that is not live may be ahead of its time.
    private static let leadNanoseconds: Int64 = 100_000_000

    init(_ plan: PublishingPlan, stop: StopRequest, events: EventQueue) throws(SessionFailure) {
        self.stop = stop
        publisher = try Publisher(plan, events: events)
        try publisher.start()
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(var description):
            try flush()
            pace = description.isLive ? nil : (monotonicNanoseconds(), encoder.position, description.rate)
            description.isLive = true
            description.original = nil
            encoder.encodeFormat(description)
            // Each subscriber has a format packet of its own.
            encoder.output.removeAll()
            mark()
            publisher.backlog.append(
                .format(description), position: encoder.position, sequence: encoder.sequence)
            publisher.ring()
            return
        case .audio(let audio):
            if encoder.description?.pcm != nil {
                unsafe encoder.encodeAudio(captureTime: audio.captureTime, payload: audio.payload)
            } else {
                unsafe encoder.encodeOpus(captureTime: audio.captureTime, frames: audio.frames, packet: audio.payload)
            }
        case .silence(let silence):
            encoder.encodeSilence(captureTime: silence.captureTime, frames: silence.frames)
        case .gap(let gap):
            encoder.encodeGap(
                captureTime: gap.captureTime, frames: gap.frames, cause: gap.cause, seenBy: gap.seenBy)
        case .event(let event):
            encoder.encodeEvent(captureTime: event.captureTime, key: event.key, value: event.value)
        case .end(let end):
            try flush()
            publisher.backlog.append(.end(end), position: 0, sequence: 0)
            if encoder.description != nil { encoder.encodeEnd(end.reason) }
            encoder.output.removeAll()
            mark()
            publisher.ring()
            return
        }
        if pace != nil { try flush() }
    }

    func flush() throws(SessionFailure) {
        guard !encoder.output.isEmpty else { return }
        waitForTime()
        let chunk = Backlog.Chunk(
            bytes: unsafe Array(encoder.output.bytes), firstSequence: firstSequence, position: firstPosition,
            packets: Int(encoder.sequence &- firstSequence), frames: encoder.position - firstPosition,
            lostFrames: encoder.lostFrames - firstLost)
        encoder.output.removeAll()
        mark()
        publisher.backlog.append(.chunk(chunk), position: encoder.position, sequence: encoder.sequence)
        publisher.ring()
    }

    private func mark() {
        (firstSequence, firstPosition, firstLost) = (encoder.sequence, encoder.position, encoder.lostFrames)
    }

    /// Until what waits is due.
    private func waitForTime() {
        guard let pace else { return }
        let due =
            pace.start + TimeSpan.frames(firstPosition - pace.position).nanoseconds(rate: pace.rate)
            - Self.leadNanoseconds
        while !stop.isRequested {
            let rest = due - monotonicNanoseconds()
            guard rest > 0 else { return }
            clock.wait(milliseconds: Int32(clamping: min(rest / 1_000_000 + 1, 200)))
        }
    }
}
