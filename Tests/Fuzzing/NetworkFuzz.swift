// What libFuzzer calls with bytes of its own making for RTP, RTCP, SDP and greetings; Tests/Fuzzing/run.sh builds and runs it.
//
// For every input: reading never traps, what was read is written and read again as the same, and of a receiver that hears many
// packets each place comes out once and in order. AUP_FUZZ says which of them it is: packets, reports, descriptions, reception.

import AupNetwork
import AupSound
import Glibc

let kind = unsafe getenv("AUP_FUZZ").map { unsafe String(cString: $0) } ?? "packets"

@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: size))
    switch kind {
    case "packets": sound(bytes)
    case "reports": reports(bytes)
    case "descriptions": description(bytes)
    case "reception": reception(bytes)
    case "greetings": greetings(bytes)
    default: preconditionFailure("AUP_FUZZ: packets, reports, descriptions, reception or greetings")
    }
    return 0
}

/// Both ends of a greeting, with a secret or without, as the first byte says, hear bytes in pieces of so many; checks are mended
/// first, because no fuzzer guesses one.
func greetings(_ bytes: [UInt8]) {
    guard let mode = bytes.first else { return }
    var heard = Array(bytes.dropFirst())
    if mode & 1 != 0 { mend(&heard) }
    if let read = try? Greeting.read(heard) {
        precondition(read.count <= Greeting.messageBytes)
        // Keys and values that stand as they were; control characters are none of them.
        guard let again = try? Greeting.read(read.message.bytes) else {
            preconditionFailure("what was written cannot be read")
        }
        precondition(again.message == read.message, "what was written is not what was read")
    }
    // Anything that goes by what it is told will do for a digest here.
    let secret =
        mode & 2 != 0
        ? GreetingExchange.Secret(
            nonce: { [UInt8](repeating: 7, count: 32) },
            digest: { Array(($0 + [UInt8](repeating: 1, count: 32)).prefix(32)) })
        : nil
    let piece = 1 + Int(mode >> 3)
    var host = GreetingExchange(listening: secret) { role, _ in mode & 4 != 0 && role == .send ? .later("no") : nil }
    var caller = GreetingExchange(connecting: .subscribe, secret: secret)
    _ = caller.begin()
    for place in stride(from: 0, to: heard.count, by: piece) {
        let part = heard[place..<min(place + piece, heard.count)]
        if case .welcome(_, let rest) = host.take(part) { precondition(rest.count <= part.count) }
        _ = caller.take(part)
    }
}

/// Puts right checks into whatever looks like messages, from the beginning on.
func mend(_ bytes: inout [UInt8]) {
    var offset = 0
    while offset + 12 <= bytes.count {
        let end = offset + 8 + Int(bytes[offset + 6]) + Int(bytes[offset + 7]) << 8
        guard end + 4 <= bytes.count else { return }
        var check = UInt32.max
        for byte in bytes[offset..<end] {
            check ^= UInt32(byte)
            for _ in 0..<8 { check = check & 1 == 1 ? check >> 1 ^ 0x82F6_3B78 : check >> 1 }
        }
        for index in 0..<4 { bytes[end + index] = UInt8(truncatingIfNeeded: ~check >> (8 * UInt32(index))) }
        offset = end + 4
    }
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
            case .sound(.pause(_, let frames)): precondition(frames > 0, "no pause")
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
        if piece[0] & 0x10 != 0 { reception.expectPauses() }
        reception.take(packet, frames: 960, isSilence: piece[0] & 0x20 != 0, arrival: now)
        if piece[0] & 0x40 != 0 { reception.take([.bye(sources: [piece[0] & 3], reason: "")], arrival: now) }
        look(now)
        _ = reception.report(now: now)
    }
    reception.drain()
    look(now)
    precondition(reception.isEmpty)
}
