import AupOpus
import AupSound
import AupWire

/// Decodes a copy of the Opus packets that pass, for whoever looks at the sound while the packets go on as they are.
///
/// - Thread: transport.
final class OpusTap {
    private final class Feed: PacketSource {
        var packet: Packet?
        var ending: SessionEnding { .done }

        func next() -> Packet? {
            defer { packet = nil }
            return packet
        }

        func wait() {}
        func stop() {}
        func close() {}
    }

    private let feed = Feed()
    private let decoding: OpusDecodingSource

    init(events: EventQueue) {
        decoding = OpusDecodingSource(feed, events: events)
    }

    /// The packet's views must live until ``next()`` has given its last.
    func put(_ packet: Packet) { feed.packet = packet }
    func next() -> Packet? { decoding.next() }
}
