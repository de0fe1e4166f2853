import AupSound
import AupWire

extension PacketEncoder {
    /// Whether an event goes over the wire: half a picture is none.
    private static func fits(_ event: EventPacket) -> Bool {
        event.key != TagList.eventKey || event.value.utf8.count <= Limits.stringBytes - TagList.eventKey.utf8.count - 1
    }

    /// Puts in a packet as it came, under numbers of this stream. What comes before a format is left out.
    mutating func encode(_ packet: Packet) {
        if case .format(let description) = packet { return encodeFormat(description) }
        guard let description else { return }
        switch packet {
        case .format: break
        case .audio(let audio):
            if description.pcm != nil {
                unsafe encodeAudio(captureTime: audio.captureTime, payload: audio.payload)
            } else {
                unsafe encodeOpus(captureTime: audio.captureTime, frames: audio.frames, packet: audio.payload)
            }
        case .silence(let silence): encodeSilence(captureTime: silence.captureTime, frames: silence.frames)
        case .gap(let gap):
            encodeGap(captureTime: gap.captureTime, frames: gap.frames, cause: gap.cause, seenBy: gap.seenBy)
        case .event(let event):
            guard Self.fits(event) else { break }
            encodeEvent(captureTime: event.captureTime, key: event.key, value: event.value)
        case .end(let end): encodeEnd(end.reason, code: end.code, message: end.message)
        }
    }
}
