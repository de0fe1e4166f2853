import AupSound
import AupWire

/// The end of a line that gives Opus: any sound is taken, and the sink gets packets of the codec.
///
///     ─▶ fill ─▶ rate ─▶ encoder ─▶ sink
///
/// - Thread: transport, but for ``status``.
final class OpusTail: PacketSink {
    let sink: any PacketSink
    private let head: any PacketSink
    private let encoder: OpusEncodingStage

    init(_ settings: OpusSettings, events: EventQueue, sink: any PacketSink) {
        self.sink = sink
        encoder = OpusEncodingStage(settings, next: sink)
        head = FillStage(
            events: events, next: RateStage(to: .rate(settings.codingRate), tellsLength: true, next: encoder))
    }

    var status: EncodingStatus { encoder.status }

    /// What is Opus already passes.
    private var passes = false

    func take(_ packet: Packet) throws(SessionFailure) {
        if case .format(let description) = packet { passes = description.pcm == nil }
        try passes ? sink.take(packet) : head.take(packet)
    }

    func flush() throws(SessionFailure) { try head.flush() }
}
