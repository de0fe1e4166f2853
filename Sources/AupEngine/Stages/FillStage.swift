import AupSound
import AupWire

/// Silence and gaps as samples, for whatever knows only those: a codec, a resampler. A gap is told when it is filled.
///
/// - Thread: transport.
final class FillStage: PacketSink {
    /// Frames of one packet of silence.
    private static let blockFrames = 4096

    private let next: any PacketSink
    private let events: EventQueue
    private let isNeeded: (StreamDescription) -> Bool
    private var format: PCMFormat?
    private var scratch = ScratchBytes()

    /// - Parameter isNeeded: for which sound it is; the rest passes as it is.
    init(
        events: EventQueue, where isNeeded: @escaping (StreamDescription) -> Bool = { _ in true }, next: any PacketSink
    ) {
        self.events = events
        self.isNeeded = isNeeded
        self.next = next
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(let description):
            format = isNeeded(description) ? description.pcm : nil
            try next.take(packet)
        case .silence(let silence): try fill(packet, silence.frames)
        case .gap(let gap):
            if format != nil { try tell(gap) }
            try fill(packet, gap.frames)
        case .audio, .event, .end: try next.take(packet)
        }
    }

    func flush() throws(SessionFailure) { try next.flush() }

    private func tell(_ gap: GapPacket) throws(SessionFailure) {
        guard let format else { return }
        events.post(
            .happened(
                NamedEvent(
                    "gap_filled", "\(gap.frames) frames are missing in the input; silence takes their place",
                    numbers: [
                        ("frames", Double(gap.frames)), ("seconds", Double(gap.frames) / Double(format.rate)),
                    ])))
        let seen = gap.seenBy.isEmpty ? "" : ", seen by \(gap.seenBy)"
        try next.take(
            .event(
                EventPacket(
                    position: gap.position, captureTime: gap.captureTime, key: "gap",
                    value:
                        "\(gap.frames) frames at \(format.rate) Hz lost (\(gap.cause.name)\(seen)), filled with silence"
                )))
    }

    private func fill(_ packet: Packet, _ frames: Int64) throws(SessionFailure) {
        guard let format else { return try next.take(packet) }
        var done: Int64 = 0
        while done < frames {
            let count = Int(min(frames - done, Int64(Self.blockFrames)))
            // Anew for each block: whoever takes it may change it in place.
            let space = unsafe scratch.space(count * format.frameBytes)
            unsafe space.initializeMemory(as: UInt8.self, repeating: format.sampleFormat.silenceByte)
            guard let span = packet.part(first: done, count: Int64(count), rate: format.rate, position: 0).span else {
                return
            }
            try next.take(
                .audio(
                    unsafe AudioPacket(
                        position: (packet.span?.position ?? 0) + done, captureTime: span.captureTime, frames: count,
                        payload: UnsafeRawBufferPointer(space))))
            done += Int64(count)
        }
    }
}
