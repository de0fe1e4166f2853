import AupSound
import AupWire

/// The end of a line that sends RTP as Opus: sound is encoded, and what is Opus already goes as it is.
///
/// - Thread: transport, but for ``status``.
final class RTPTail: PacketSink {
    let sink: RTPSink
    private let tail: OpusTail
    private var isCoded = false

    init(_ settings: OpusSettings, events: EventQueue, sink: RTPSink) {
        self.sink = sink
        tail = OpusTail(settings, events: events, sink: sink)
    }

    var status: EncodingStatus { tail.status }

    func take(_ packet: Packet) throws(SessionFailure) {
        if case .format(let description) = packet { isCoded = description.pcm == nil }
        try isCoded ? sink.take(packet) : tail.take(packet)
    }

    func flush() throws(SessionFailure) { try isCoded ? sink.flush() : tail.flush() }
}
