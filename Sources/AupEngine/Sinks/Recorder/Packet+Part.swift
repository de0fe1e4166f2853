import AupWire

extension Packet {
    /// Some of the frames of a packet that has frames; a view of the same memory. Capture times are those of the whole.
    func part(from first: Int64, count: Int64) -> Packet {
        switch self {
        case .audio(let audio):
            guard first > 0 || count < Int64(audio.frames) else { return self }
            let frameBytes = unsafe audio.payload.count / audio.frames
            let bytes = Int(first) * frameBytes..<Int(first + count) * frameBytes
            return .audio(
                unsafe AudioPacket(
                    position: audio.position + first, captureTime: audio.captureTime, frames: Int(count),
                    payload: UnsafeRawBufferPointer(rebasing: audio.payload[bytes])))
        case .silence(let silence):
            return .silence(
                SilencePacket(position: silence.position + first, captureTime: silence.captureTime, frames: count))
        case .gap(let gap):
            return .gap(
                GapPacket(
                    position: gap.position + first, captureTime: gap.captureTime, frames: count, cause: gap.cause,
                    seenBy: gap.seenBy))
        case .format, .event, .end: return self
        }
    }
}
