/// Everything a receiver knows about the source that it hears: its numbers, its clock, its jitter, the packets that wait, and what
/// is to be reported. Packets and times in, sound in order out; no sockets.
///
/// ```
///   RTPPacket ─▶ is it the source? ─▶ RTPSequence ─▶ TimestampLine ─▶ JitterBuffer ─▶ packet | lost | begun anew
///   RTCP ──────▶ sender report, goodbye
/// ```
///
/// Another source is heard once the one before said goodbye or was quiet for ``quietNanoseconds``, and two of its packets came in
/// order; until then its packets are counted and left. The sound of the old one is given to its end first.
///
/// - Thread: any, one at a time.
public struct RTPReception: Sendable {
    public enum Output: Equatable, Sendable {
        case sound(JitterBuffer.Output)
        /// What follows is of another source, or of one that began anew.
        case begun(source: UInt32)
    }

    /// A source that says nothing for so long may be followed by another; one that leaves silence out for longer, since
    /// libopus says something every 0.4 s.
    public static let quietNanoseconds: Int64 = 200_000_000
    static let pauseNanoseconds: Int64 = 2_000_000_000
    /// Timestamps that go so far astray from the time are another clock's.
    static let strayNanoseconds: Int64 = 10_000_000_000
    /// Sources whose sound waits to be given, at most.
    static let beforeLimit = 8

    public let rate: Int
    private let bounds: JitterBuffer.Bounds
    public private(set) var source: UInt32?
    /// Packets of others, which were left.
    public private(set) var foreign: Int64 = 0
    /// Whether the source said goodbye.
    public private(set) var hasLeft = false
    /// When the source was last heard, reports included.
    public private(set) var lastHeard: Int64?
    /// Times that another source, or another count, began.
    public private(set) var restarts: Int64 = 0
    public private(set) var canonicalName: String?

    private var sequence = RTPSequence(isTrusted: true)
    private var line = TimestampLine()
    private var jitter: InterarrivalJitter
    private var buffer: JitterBuffer
    /// Sound of those before, which goes first, each with the source that followed it; and counts of all before.
    private var before: [(buffer: JitterBuffer, next: UInt32)] = []
    private var past = JitterBuffer.Counts()
    private var candidate: (packet: RTPPacket, frames: Int64, arrival: Int64)?
    private var lastPlace: (timestamp: Int64, arrival: Int64)?
    private var lastReport: (middle: UInt32, arrival: Int64)?

    public init(rate: Int, bounds: JitterBuffer.Bounds = JitterBuffer.Bounds()) {
        self.rate = rate
        self.bounds = bounds
        jitter = InterarrivalJitter(rate: rate)
        buffer = JitterBuffer(rate: rate, bounds: bounds)
    }

    public var counts: JitterBuffer.Counts {
        var sum = buffer.counts
        sum.add(past)
        for one in before { sum.add(one.buffer.counts) }
        return sum
    }
    public var jitterNanoseconds: Int64 { jitter.nanoseconds }
    public var targetNanoseconds: Int64 { buffer.targetNanoseconds }
    public var isEmpty: Bool { buffer.isEmpty && before.isEmpty }

    // MARK: - In

    /// - Parameters:
    ///   - frames: that the packet holds.
    ///   - isSilence: it says that nothing is to be heard until the next one.
    public mutating func take(_ packet: RTPPacket, frames: Int64, isSilence: Bool = false, arrival: Int64) {
        guard packet.source != source, source != nil else {
            source = packet.source
            return put(packet, frames: frames, isSilence: isSilence, arrival: arrival)
        }
        foreign += 1
        let patience = buffer.leavesSilenceOut ? Self.pauseNanoseconds : Self.quietNanoseconds
        guard hasLeft || arrival - (lastHeard ?? .min) >= patience else {
            candidate = nil
            return
        }
        defer { candidate = (packet, frames, arrival) }
        guard let first = candidate, first.packet.source == packet.source,
            (1...10).contains(Int(packet.sequence &- first.packet.sequence))
        else { return }
        foreign -= 2
        begin(packet.source)
        put(first.packet, frames: first.frames, isSilence: false, arrival: first.arrival)
        put(packet, frames: frames, isSilence: isSilence, arrival: arrival)
    }

    private mutating func put(_ packet: RTPPacket, frames: Int64, isSilence: Bool, arrival: Int64) {
        lastHeard = arrival
        buffer.isPresent = !hasLeft
        let place: Int64
        switch sequence.take(packet.sequence) {
        case .doubted: return
        case .place(let number): place = number
        case .restarted(let number):
            place = number
            begin(packet.source, keepsSequence: true)
        }
        let timestamp = line.extend(packet.timestamp)
        if let last = lastPlace {
            let sounded = nanosecondsOf(timestamp - last.timestamp, rate: rate)
            if abs(sounded - (arrival - last.arrival)) > Self.strayNanoseconds {
                begin(packet.source)
                return put(packet, frames: frames, isSilence: isSilence, arrival: arrival)
            }
        }
        lastPlace = (timestamp, arrival)
        jitter.note(arrival: arrival, timestamp: packet.timestamp)
        _ = buffer.insert(
            JitterBuffer.Entry(
                sequence: place, timestamp: timestamp, frames: frames, hasMarker: packet.hasMarker,
                isSilence: isSilence, payload: packet.payload), arrival: arrival)
    }

    private mutating func begin(_ source: UInt32, keepsSequence: Bool = false) {
        if before.count < Self.beforeLimit {
            buffer.drain()
            before.append((buffer, source))
        } else {
            // So many that begin anew at once are no sound.
            past.add(buffer.counts)
            before[before.count - 1].next = source
        }
        let leavesSilenceOut = buffer.leavesSilenceOut
        buffer = JitterBuffer(rate: rate, bounds: bounds)
        buffer.leavesSilenceOut = leavesSilenceOut
        if !keepsSequence { sequence = RTPSequence(isTrusted: true) }
        line = TimestampLine()
        jitter = InterarrivalJitter(rate: rate)
        (self.source, candidate, lastPlace, lastReport) = (source, nil, nil, nil)
        hasLeft = false
        restarts += 1
    }

    public mutating func take(_ packets: [RTCPPacket], arrival: Int64) {
        for packet in packets {
            switch packet {
            case .senderReport(let report) where report.source == source:
                lastReport = (report.time.middle, arrival)
                lastHeard = arrival
            case .bye(let sources, _):
                if let source, sources.contains(source) {
                    hasLeft = true
                    miss()
                }
            case .descriptions(let chunks):
                for chunk in chunks where chunk.source == source && !chunk.canonicalName.isEmpty {
                    canonicalName = chunk.canonicalName
                }
            case .senderReport, .receiverReport, .other: break
            }
        }
    }

    /// Somebody knows that the source leaves silence out: what is not here is a pause of it.
    public mutating func expectPauses() { buffer.leavesSilenceOut = true }

    /// The source seems to be gone: nothing stands in for what it does not send, until it is heard again.
    public mutating func miss() { buffer.isPresent = false }

    /// Nothing more will come: what waits goes without waiting.
    public mutating func drain() { buffer.drain() }

    // MARK: - Out

    public mutating func next(now: Int64) -> Output {
        guard !before.isEmpty else { return .sound(buffer.next(now: now)) }
        let output = before[0].buffer.next(now: now)
        guard case .nothing = output else { return .sound(output) }
        past.add(before[0].buffer.counts)
        return .begun(source: before.removeFirst().next)
    }

    /// The sound of a number that waits.
    public func packet(_ sequence: Int64) -> JitterBuffer.Entry? { (before.first?.buffer ?? buffer).packet(sequence) }

    /// When sound of the source whose sound is given would have arrived by the shortest way.
    public func earliestArrival(of timestamp: Int64) -> Int64? {
        (before.first?.buffer ?? buffer).earliestArrival(of: timestamp)
    }

    /// What the source is to be told; `nil` where there is none.
    public mutating func report(now: Int64) -> RTCPPacket.ReportBlock? {
        guard let source else { return nil }
        let delay = lastReport.map { framesAt(now - $0.arrival, rate: 65_536) } ?? 0
        return RTCPPacket.ReportBlock(
            source: source, fractionLost: sequence.fractionLost(), lost: Int32(clamping: sequence.lost),
            highestSequence: sequence.highestSequence, jitter: jitter.value, lastReport: lastReport?.middle ?? 0,
            delaySinceLastReport: UInt32(clamping: delay))
    }
}

extension JitterBuffer.Counts {
    mutating func add(_ other: Self) {
        received += other.received
        late += other.late
        duplicates += other.duplicates
        reordered += other.reordered
        lost += other.lost
        hurried += other.hurried
    }
}
