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
    /// When the first frame of it was captured, where the clock of that is this machine's.
    private var firstCapture: Int64?
    private var hasOwnClock = false
    private var hasEnded = false
    /// For how long it was held back because it was not due yet.
    private(set) var waitedNanoseconds: Int64 = 0
    /// Nobody rings: a wait that a kick ends.
    private let clock = Doorbell()
    private var pace: SoundPace?

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
            pace =
                description.isLive
                ? nil
                : SoundPace(
                    rate: description.rate, position: encoder.position, lead: Self.leadNanoseconds,
                    now: monotonicNanoseconds())
            description.isLive = true
            description.original = nil
            hasOwnClock = description.hasOwnClock
            encoder.encodeFormat(description)
            // Each subscriber has a format packet of its own.
            encoder.output.removeAll()
            mark()
            publisher.backlog.append(
                .format(description), position: encoder.position, sequence: encoder.sequence)
            publisher.give()
            return
        case .audio, .silence, .gap, .event:
            if case .audio(let audio) = packet, firstCapture == nil, hasOwnClock { firstCapture = audio.captureTime }
            if case .event(let event) = packet, event.key == TagList.eventKey {
                publisher.backlog.note(tag: event.value, position: encoder.position)
            }
            encoder.encode(packet)
        case .end(let end):
            hasEnded = true
            try flush()
            publisher.backlog.append(.end(end), position: 0, sequence: 0)
            encoder.encode(packet)
            encoder.output.removeAll()
            mark()
            publisher.give()
            return
        }
        if pace != nil { try flush() }
    }

    func flush() throws(SessionFailure) {
        guard !encoder.output.isEmpty else { return }
        waitForTime()
        let frames = encoder.position - firstPosition
        let chunk = Backlog.Chunk(
            bytes: unsafe Array(encoder.output.bytes), firstSequence: firstSequence, position: firstPosition,
            packets: Int(encoder.sequence &- firstSequence), frames: frames,
            lostFrames: encoder.lostFrames - firstLost,
            nanoseconds: TimeSpan.frames(frames).nanoseconds(rate: encoder.description?.rate ?? 48_000),
            captureTime: firstCapture, arrival: monotonicNanoseconds())
        encoder.output.removeAll()
        mark()
        publisher.backlog.append(.chunk(chunk), position: encoder.position, sequence: encoder.sequence)
        publisher.give()
    }

    /// Ends the thread and takes the name of the socket away; who is still there is told an end, if the stream had none.
    func close() {
        if !hasEnded {
            hasEnded = true
            let end = EndPacket(totalFrames: encoder.position, lostFrames: encoder.lostFrames, reason: .stopped)
            publisher.backlog.append(.end(end), position: 0, sequence: 0)
        }
        publisher.stop()
    }

    private func mark() {
        (firstSequence, firstPosition, firstLost) = (encoder.sequence, encoder.position, encoder.lostFrames)
        firstCapture = nil
    }

    /// Until what waits is due.
    private func waitForTime() {
        guard pace != nil else { return }
        let began = monotonicNanoseconds()
        defer { waitedNanoseconds += monotonicNanoseconds() - began }
        while !stop.isRequested {
            let rest = pace!.rest(until: firstPosition, now: monotonicNanoseconds())
            guard rest > 0 else { return }
            clock.wait(milliseconds: Int32(clamping: min(rest / 1_000_000 + 1, 200)))
        }
    }
}
