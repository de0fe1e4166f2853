/// What a sender has to count: numbers, timestamps and how much went out. Sound in, packets out; no sockets.
///
/// - Thread: any, one at a time.
public struct RTPTransmission: Sendable {
    public let payloadType: UInt8
    public let source: UInt32
    public let canonicalName: String
    public private(set) var clock: RTPClock
    public private(set) var packets: UInt32 = 0
    public private(set) var bytes: UInt32 = 0
    private var sequence: UInt16
    private var isFirst = true
    /// The timestamp that was last sent, and when.
    private var lastSent: (position: Int64, time: Int64)?

    /// - Parameters:
    ///   - source, start, sequence: chosen by chance, so that nobody can guess them (RFC 3550, section 5.1).
    ///   - canonicalName: chosen by chance too, or it would tell where the sender is (RFC 7022).
    public init(
        payloadType: UInt8, rate: Int, source: UInt32, start: UInt32, sequence: UInt16, canonicalName: String
    ) {
        self.payloadType = payloadType
        self.source = source
        self.sequence = sequence
        self.canonicalName = canonicalName
        clock = RTPClock(rate: rate, start: start)
    }

    /// - Parameter now: when it is sent.
    public mutating func packet(_ payload: [UInt8], frames: Int64, now: Int64) -> RTPPacket {
        let packet = RTPPacket(
            payloadType: payloadType, hasMarker: isFirst, sequence: sequence, timestamp: clock.timestamp,
            source: source, payload: payload)
        lastSent = (clock.position, now)
        sequence &+= 1
        packets &+= 1
        bytes &+= UInt32(truncatingIfNeeded: payload.count)
        isFirst = false
        clock.advance(frames: frames)
        return packet
    }

    /// Nothing is sent for so long; what follows is marked as the first after it.
    public mutating func skip(frames: Int64) {
        clock.advance(frames: frames)
        isFirst = true
    }

    /// How it goes, as one datagram.
    ///
    /// - Parameters:
    ///   - unixNanoseconds: the time of day.
    ///   - leaving: this is the last one.
    public func report(now: Int64, unixNanoseconds: Int64, leaving: Bool = false) -> [UInt8] {
        // Where the packets' clock stands at this moment.
        let position = lastSent.map { $0.position + framesAt(now - $0.time, rate: clock.rate) } ?? clock.position
        var compound: [RTCPPacket] = [
            .senderReport(
                .init(
                    source: source, time: NTPTime(unixNanoseconds: unixNanoseconds),
                    timestamp: clock.timestamp(at: position), packets: packets, bytes: bytes)),
            .descriptions([.init(source: source, canonicalName: canonicalName)]),
        ]
        if leaving { compound.append(.bye(sources: [source], reason: "")) }
        return RTCPPacket.bytes(compound)
    }
}
