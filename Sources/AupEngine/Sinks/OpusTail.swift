import AupSound
import AupWire

/// The end of a line that gives Opus: any sound is taken, and the sink gets packets of the codec.
///
///     PCM  ─▶ fill ─▶ rate ─▶ encoder ─▶ sink
///     Opus ─────────────────────────────▶ sink, as it is
///
/// - Thread: transport, but for ``status``.
final class OpusTail: PacketSink {
    let sink: any PacketSink
    private let head: any PacketSink
    private let rate: RateStage
    private let encoder: OpusEncodingStage
    /// What is Opus already passes.
    private var passes = false

    init(_ settings: OpusSettings, events: EventQueue, sink: any PacketSink) {
        self.sink = sink
        encoder = OpusEncodingStage(settings, next: sink)
        rate = RateStage(to: .rate(settings.codingRate), tellsLength: true, next: encoder)
        head = FillStage(events: events, next: rate)
    }

    var status: EncodingStatus { encoder.status }

    func take(_ packet: Packet) throws(SessionFailure) {
        if case .format(let description) = packet {
            // Sound comes out before what needs no encoder goes on behind it.
            if description.pcm == nil, !passes {
                try rate.finish()
                try encoder.finish()
            }
            passes = description.pcm == nil
        }
        try passes ? sink.take(packet) : head.take(packet)
    }

    func flush() throws(SessionFailure) { try head.flush() }
}
