import AupSound
import AupWire

/// What came out of an input: the packets, and why it stopped if it was refused.
struct Reading: Equatable {
    var seen: [Seen] = []
    var error: WireError?

    /// Decodes an input in pieces of the sizes `nextPiece` gives, to the end.
    init(_ bytes: [UInt8], readBytes: Int = 256 << 10, nextPiece: () -> Int = { .max }) {
        var decoder = PacketDecoder(readBytes: readBytes)
        do throws(WireError) {
            var offset = 0
            while offset < bytes.count {
                let count = min(max(nextPiece(), 1), bytes.count - offset)
                var fed = 0
                while fed < count {
                    fed += unsafe bytes[offset + fed..<offset + count].withUnsafeBytes { unsafe decoder.feed($0) }
                    try drain(&decoder)
                }
                offset += count
            }
            try decoder.finish()
        } catch {
            self.error = error
        }
    }

    private mutating func drain(_ decoder: inout PacketDecoder) throws(WireError) {
        while let packet = try decoder.next() {
            seen.append(Seen(packet, sequence: decoder.sequence &- 1, position: decoder.position))
        }
    }
}

/// Reads a stream and writes it again with a writer that is told the same.
func reencoded(_ bytes: [UInt8], checksAudio: Bool) throws -> [UInt8] {
    var decoder = PacketDecoder()
    var encoder: PacketEncoder?
    var written: [UInt8] = []
    var offset = 0
    while true {
        while let packet = try decoder.next() {
            if encoder == nil {
                encoder = PacketEncoder(
                    checksAudio: checksAudio, sequence: decoder.sequence &- 1, position: decoder.position)
            }
            encoder!.encode(packet)
        }
        guard offset < bytes.count else { break }
        offset += unsafe bytes[offset...].withUnsafeBytes { unsafe decoder.feed($0) }
    }
    try decoder.finish()
    if let encoder { written = unsafe Array(encoder.output.bytes) }
    return written
}

extension PacketEncoder {
    /// Puts in what a decoder took out.
    mutating func encode(_ packet: Packet) {
        switch packet {
        case .format(let description): encodeFormat(description)
        case .audio(let audio):
            if description?.pcm != nil {
                unsafe encodeAudio(captureTime: audio.captureTime, payload: audio.payload)
            } else {
                unsafe encodeOpus(captureTime: audio.captureTime, frames: audio.frames, packet: audio.payload)
            }
        case .silence(let silence): encodeSilence(captureTime: silence.captureTime, frames: silence.frames)
        case .gap(let gap):
            encodeGap(captureTime: gap.captureTime, frames: gap.frames, cause: gap.cause, seenBy: gap.seenBy)
        case .event(let event): encodeEvent(captureTime: event.captureTime, key: event.key, value: event.value)
        case .end(let end): encodeEnd(end.reason, code: end.code, message: end.message)
        }
    }
}

/// Random numbers that are the same on every run (SplitMix64: Steele, Lea and Flood, 2014).
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
