import AupSound
import AupWire

/// The end of a line that sends RTP as Opus (``OpusTail``), with the sink whose numbers are told.
///
/// - Thread: transport, but for ``status``.
final class RTPTail: PacketSink {
    let sink: RTPSink
    private let tail: OpusTail

    init(_ settings: OpusSettings, events: EventQueue, sink: RTPSink) {
        self.sink = sink
        tail = OpusTail(settings, events: events, sink: sink)
    }

    var status: EncodingStatus { tail.status }

    func take(_ packet: Packet) throws(SessionFailure) { try tail.take(packet) }

    func flush() throws(SessionFailure) { try tail.flush() }
}
