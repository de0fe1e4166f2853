// What libFuzzer calls with bytes of its own making for RTP, RTCP and SDP; Tests/Fuzzing/run.sh builds and runs it.
//
// For every input: reading never traps, what was read is written and read again as the same, and of a receiver that hears many
// packets each place comes out once and in order. The first byte says which of them it is.

import AupNetwork
import AupSound

@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    guard let data, size > 0 else { return 0 }
    let bytes = unsafe Array(UnsafeBufferPointer(start: data + 1, count: size - 1))
    switch unsafe data[0] & 3 {
    case 0: sound(bytes)
    case 1: reports(bytes)
    case 2: description(bytes)
    default: reception(bytes)
    }
    return 0
}

func sound(_ bytes: [UInt8]) {
    guard let packet = try? RTPPacket(bytes) else { return }
    precondition(packet.payload.count <= bytes.count)
    guard let again = try? RTPPacket(packet.bytes()) else { preconditionFailure("what was written cannot be read") }
    precondition(again == packet, "what was written is not what was read")
}

func reports(_ bytes: [UInt8]) {
    guard let packets = try? RTCPPacket.read(bytes) else { return }
    let written = RTCPPacket.bytes(packets)
    guard let again = try? RTCPPacket.read(written) else { preconditionFailure("what was written cannot be read") }
    // A name or reason that was no text may be cut where it became longer.
    precondition(again.count == packets.count, "what was written is not what was read")
}

func description(_ bytes: [UInt8]) {
    guard let session = try? SessionDescription(reading: bytes) else { return }
    guard (try? SessionDescription(reading: Array(session.text.utf8))) != nil else {
        preconditionFailure("what was written cannot be read")
    }
}

/// Eight bytes are one packet: source, number, timestamp, time that passes.
func reception(_ bytes: [UInt8]) {
    var reception = RTPReception(rate: 48_000)
    var now: Int64 = 0
    var last: Int64?
    var place = 0
    func look(_ now: Int64) {
        for _ in 0..<100_000 {
            switch reception.next(now: now) {
            case .begun: last = nil
            case .sound(.packet(let entry)):
                precondition(last.map { entry.sequence == $0 + 1 } ?? true, "out of order")
                last = entry.sequence
            case .sound(.lost(let sequence, _, let frames)):
                precondition(last.map { sequence == $0 + 1 } ?? true && frames >= 0, "out of order")
                last = sequence
            case .sound(.nothing): return
            }
        }
        preconditionFailure("there is no end of it")
    }
    while place + 8 <= bytes.count {
        let piece = bytes[place..<(place + 8)].map { UInt32($0) }
        place += 8
        now += Int64(piece[7]) * Int64(piece[7]) * 1_000_000
        let packet = RTPPacket(
            payloadType: 96, hasMarker: piece[0] & 0x80 != 0, sequence: UInt16(piece[1] << 8 | piece[2]),
            timestamp: piece[3] << 24 | piece[4] << 16 | piece[5] << 8 | piece[6], source: piece[0] & 3, payload: [1])
        reception.take(packet, frames: 960, arrival: now)
        if piece[0] & 0x40 != 0 { reception.take([.bye(sources: [piece[0] & 3], reason: "")], arrival: now) }
        look(now)
        _ = reception.report(now: now)
    }
    reception.drain()
    look(now)
    precondition(reception.isEmpty)
}
