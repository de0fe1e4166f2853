// What libFuzzer calls with bytes of its own making; Tests/Fuzzing/run.sh builds and runs it.
//
// For every input: decoding never traps; the sizes of the pieces change nothing; positions add up; and what was read
// is written and read again as the same. The first byte says whether the checks are mended first, because no fuzzer
// guesses a CRC and everything behind it would stay untried.

import AupSound
import AupWire

@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    guard let data, size > 0 else { return 0 }
    let mode = unsafe data[0]
    var bytes = unsafe Array(UnsafeBufferPointer(start: data + 1, count: size - 1))
    if mode & 1 != 0 { mend(&bytes) }
    let whole = Transcript(bytes, piece: bytes.count)
    let pieces = Transcript(bytes, piece: 1 + Int(mode >> 1))
    precondition(whole == pieces, "the sizes of the pieces matter")
    precondition(whole.error != nil || whole.isAtEnd, "an input without end was taken for whole")
    if whole.canBeRepeated {
        let again = Transcript(whole.written, piece: whole.written.count)
        precondition(
            again.packets == whole.packets && again.sound == whole.sound, "what was written is not what was read")
    }
    return 0
}

/// Puts right checks into whatever looks like packets, from the beginning on.
func mend(_ bytes: inout [UInt8]) {
    var offset = 0
    while offset + 32 <= bytes.count {
        let isChecked = bytes[offset + 5] & 2 != 0
        let header = bytes[offset..<offset + 6] + [0, 0] + bytes[offset + 8..<offset + 32]
        let check = crc16(header)
        bytes[offset + 6] = UInt8(check & 0xFF)
        bytes[offset + 7] = UInt8(check >> 8)
        let length = (0..<4).reduce(0) { $0 | Int(bytes[offset + 8 + $1]) << (8 * $1) }
        let size = (length + (isChecked ? 4 : 0) + 7) / 8 * 8
        guard offset + 32 + size <= bytes.count else { return }
        if isChecked {
            let end = offset + 32 + size
            let check = crc32c(bytes[offset + 32..<end - 4])
            for index in 0..<4 { bytes[end - 4 + index] = UInt8(truncatingIfNeeded: check >> (8 * UInt32(index))) }
        }
        offset += 32 + size
    }
}

// A bit at a time, from docs/wire.md and not from the room that is tried.
func crc16(_ bytes: some Sequence<UInt8>) -> UInt16 {
    bytes.reduce(0xFFFF) { crc, byte in
        (0..<8).reduce(crc ^ UInt16(byte) << 8) { crc, _ in crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
    }
}

func crc32c(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(UInt32.max) { crc, byte in
        (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 != 0 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
    }
}

/// What a decoder made of an input, and what an encoder made of that.
struct Transcript: Equatable {
    var packets: [String] = []
    /// The payloads of all audio packets, one behind the other.
    var sound: [UInt8] = []
    var error: WireError?
    var isAtEnd = false
    var written: [UInt8] = []
    /// Every packet of it is whole and none was skipped, so a second reading can be compared.
    var canBeRepeated = false

    init(_ bytes: [UInt8], piece: Int) {
        var decoder = PacketDecoder(readBytes: 4096)
        var encoder: PacketEncoder?
        do throws(WireError) {
            var offset = 0
            while offset < bytes.count {
                let end = min(offset + piece, bytes.count)
                offset += unsafe bytes[offset..<end].withUnsafeBytes { unsafe decoder.feed($0) }
                while true {
                    let before = decoder.position
                    let isNew = decoder.isAtEnd || decoder.description == nil
                    guard let packet = try decoder.next() else { break }
                    precondition(decoder.position <= WireLimits.position)
                    precondition(isNew || decoder.position >= before)
                    if encoder == nil {
                        encoder = PacketEncoder(
                            checksAudio: false, sequence: decoder.sequence &- 1, position: decoder.position)
                    }
                    note(packet, &encoder!)
                }
                precondition(decoder.bufferedBytes <= 1_048_616)
            }
            try decoder.finish()
        } catch {
            self.error = error
        }
        isAtEnd = decoder.isAtEnd
        // A second stream of the input may begin at any position, the encoder's begins at 0.
        let streams = packets.count { $0.hasPrefix("end") }
        canBeRepeated = error == nil && streams == 1 && decoder.skippedPackets == 0
        if let encoder { written = unsafe Array(encoder.output.bytes) }
    }

    private mutating func note(_ packet: Packet, _ encoder: inout PacketEncoder) {
        switch packet {
        case .format(let description):
            packets.append("format \(description)")
            encoder.encodeFormat(description)
        case .audio(let audio):
            // Whether it was checked is left out: the encoder does not check.
            let time = audio.captureTime ?? 0
            packets.append("audio \(audio.position) \(time) \(audio.frames)")
            unsafe sound += Array(audio.payload)
            if encoder.description?.pcm != nil {
                unsafe encoder.encodeAudio(captureTime: audio.captureTime, payload: audio.payload)
            } else {
                unsafe encoder.encodeOpus(captureTime: audio.captureTime, frames: audio.frames, packet: audio.payload)
            }
        case .silence(let silence):
            packets.append("\(silence)")
            encoder.encodeSilence(captureTime: silence.captureTime, frames: silence.frames)
        case .gap(let gap):
            packets.append("\(gap)")
            encoder.encodeGap(captureTime: gap.captureTime, frames: gap.frames, cause: gap.cause, seenBy: gap.seenBy)
        case .event(let event):
            packets.append("\(event)")
            encoder.encodeEvent(captureTime: event.captureTime, key: event.key, value: event.value)
        case .end(let end):
            packets.append("end \(end)")
            encoder.encodeEnd(end.reason, code: end.code, message: end.message)
        }
    }
}
