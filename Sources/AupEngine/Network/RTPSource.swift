import AupNetwork
import AupOpus
import AupSound
import AupSystem
import AupWire

/// A source that knows what follows a gap before it is given.
protocol RepairingSource: PacketSource {
    /// The packet of the codec right behind the gap that was given last, if it is here.
    var behindGap: [UInt8]? { get }
}

/// RTP as a source: packets in order and in time, lost ones as gaps, silence where the source sent nothing.
///
/// It is live: whoever plays it follows its clock. Another source at the same place goes on in the same stream, behind a gap of the
/// time that passed. A source that says goodbye, or nothing for longer than the liveness, is the end; with patience another one
/// is waited for.
///
/// - Thread: transport, but for ``status``.
final class RTPSource: RepairingSource {
    private let plan: RTPReceiverPlan
    private let link: RTPReceiverLink
    private let events: EventQueue
    private let stopRequest: StopRequest
    /// Nanoseconds for which another source is waited for: `nil` for ever, 0 not at all.
    private let patience: Int64?
    private let ownSource = UInt32.random(in: 1 ... .max)
    private let ownName = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
    private var reception: RTPReception?
    private var payload: RTPPayload?
    private var payloadType: UInt8?
    private var schedule: ReportSchedule
    private var scratch = ScratchBytes()
    /// What comes behind a silence that was given before it.
    private var held: JitterBuffer.Output?
    private var formatPacket: Packet?
    private(set) var behindGap: [UInt8]?
    /// Frames given, the timestamp behind them, and when they were given.
    private var position: Int64 = 0
    private var timestamp: Int64?
    private var lastMoment: Int64
    private var lostFrames: Int64 = 0
    private var due: Int64?
    private var leftAt: Int64?
    private var packets: Int64 = 0
    private var bytes: Int64 = 0
    private var refused: Int64 = 0
    private var hasToldType = false
    private var isWaiting = true
    private var isStopping = false
    private var isOver = false
    private var hasEnded = false
    private(set) var ending = SessionEnding.done
    private let shared = Guarded(RTPStatus())

    /// Sound that a goodbye overtook is waited for so long.
    private static let farewellNanoseconds: Int64 = 200_000_000
    /// Datagrams that are taken in one look at most, so that what is due goes out between.
    private static let lookLimit = 256

    init(
        _ plan: RTPReceiverPlan, patience: Int64?, stop: StopRequest, events: EventQueue
    ) throws(SessionFailure) {
        self.plan = plan
        self.events = events
        self.patience = patience
        stopRequest = stop
        link = try RTPReceiverLink(plan)
        lastMoment = monotonicNanoseconds()
        schedule = ReportSchedule(now: lastMoment, chance: .random(in: 0...1))
        if let refusal = link.reportRefusal { events.post(.warning(refusal)) }
    }

    var status: RTPStatus { shared.read { $0 } }

    func next() -> Packet? {
        if hasEnded { return nil }
        behindGap = nil
        // What is here counts before anything is called lost.
        hear()
        if let packet = formatPacket {
            formatPacket = nil
            return packet
        }
        if let output = held {
            held = nil
            if let packet = given(output) { return packet }
        }
        while reception != nil {
            let now = monotonicNanoseconds()
            switch reception!.next(now: now) {
            case .begun: if let packet = begun(now) { return packet }
            case .sound(.nothing(let until)):
                due = until
                tell()
                return isOver && until == nil ? end() : nil
            case .sound(let output): if let packet = given(output) { return packet }
            }
        }
        return isOver ? end() : nil
    }

    func wait() {
        let now = monotonicNanoseconds()
        if stopRequest.isRequested { isStopping = true }
        if judge(now) { return }
        let until = min(due ?? .max, schedule.next, now + 200_000_000)
        link.wait(milliseconds: Int32(clamping: max(0, (until - now + 999_999) / 1_000_000)))
        report(monotonicNanoseconds())
    }

    func stop() { isStopping = true }

    func close() {
        guard reception != nil else { return }
        link.report(
            RTCPPacket.bytes([
                .receiverReport(source: ownSource, blocks: []),
                .descriptions([.init(source: ownSource, canonicalName: ownName)]),
                .bye(sources: [ownSource], reason: ""),
            ]))
    }

    // MARK: - What arrives

    private func hear() {
        for _ in 0..<Self.lookLimit {
            guard let datagram = link.receive() else { return }
            let now = monotonicNanoseconds()
            if datagram.isReport {
                guard let packets = try? RTCPPacket.read(datagram.bytes) else {
                    refused += 1
                    continue
                }
                reception?.take(packets, arrival: now)
            } else if let packet = try? RTPPacket(datagram.bytes) {
                take(packet, now)
            } else {
                refused += 1
            }
        }
    }

    private func take(_ packet: RTPPacket, _ now: Int64) {
        guard let payload = payload(of: packet), let frames = frames(packet.payload, payload) else {
            refused += 1
            return
        }
        packets += 1
        bytes += Int64(packet.payload.count)
        if reception == nil { open(payload, packet, frames) }
        reception?.take(packet, frames: frames, arrival: now)
    }

    private func payload(of packet: RTPPacket) -> RTPPayload? {
        if let payloadType { return packet.payloadType == payloadType ? payload : nil }
        let found = plan.payload(ofType: packet.payloadType)
        if found == nil, !hasToldType {
            hasToldType = true
            events.post(
                .warning(
                    "\(plan.name): packets of payload type \(packet.payloadType), which nobody described; receive its .sdp, or add ?payload=opus or ?payload=l16/48000/2"
                ))
        }
        return found
    }

    private func frames(_ bytes: [UInt8], _ payload: RTPPayload) -> Int64? {
        if let frameBytes = payload.frameBytes {
            return bytes.count >= frameBytes ? Int64(bytes.count / frameBytes) : nil
        }
        return unsafe bytes.withUnsafeBytes { unsafe OpusDecoder.frames($0) }.map(Int64.init)
    }

    private func open(_ payload: RTPPayload, _ packet: RTPPacket, _ frames: Int64) {
        (self.payload, payloadType) = (payload, packet.payloadType)
        reception = RTPReception(rate: payload.rate, bounds: plan.configuration.bounds)
        var coding: StreamDescription.Coding?
        if let format = payload.coding.sampleFormat {
            coding = PCMFormat(format, rate: payload.rate, channels: payload.channels).map { .pcm($0) }
        } else {
            let size = OpusConfiguration.frameSizes.contains(Int(frames)) ? Int(frames) : 960
            coding = OpusConfiguration(channels: payload.channels, preSkipFrames: 0, frameSize: size).map { .opus($0) }
        }
        guard let coding else { return }
        formatPacket = .format(StreamDescription(coding: coding, isLive: true, source: plan.name))
        events.post(
            .happened(
                NamedEvent(
                    "receiving", "\(plan.name): \(payload.map), payload type \(packet.payloadType)", isQuiet: true)))
    }

    // MARK: - What is given

    /// Sound or a gap in its place; silence first where the source sent nothing for a while.
    private func given(_ output: JitterBuffer.Output) -> Packet? {
        let place: Int64
        switch output {
        case .packet(let entry): place = entry.timestamp
        case .lost(_, let timestamp, _): place = timestamp
        case .nothing: return nil
        }
        if let expected = timestamp, place > expected {
            held = output
            return silence(place - expected)
        }
        switch output {
        case .packet(let entry): return sound(entry)
        case .lost(let sequence, let timestamp, let frames): return lost(sequence, timestamp, frames)
        case .nothing: return nil
        }
    }

    private func silence(_ frames: Int64) -> Packet {
        let packet = SilencePacket(position: position, captureTime: nil, frames: frames)
        advance(frames)
        return .silence(packet)
    }

    private func sound(_ entry: JitterBuffer.Entry) -> Packet? {
        guard let payload else { return nil }
        if timestamp == nil { timestamp = entry.timestamp }
        // Whatever was given already is not given again.
        let overlap = max(0, (timestamp ?? entry.timestamp) - entry.timestamp)
        let frames = entry.frames - overlap
        guard frames > 0 else { return nil }
        let first = (payload.frameBytes ?? 0) * Int(overlap)
        let count = payload.frameBytes.map { $0 * Int(frames) } ?? entry.payload.count
        let space = unsafe scratch.space(count)
        unsafe space.copyBytes(from: entry.payload[first..<(first + count)])
        if let format = payload.coding.sampleFormat {
            unsafe RTPPayload.swapBytes(space, bytesPerSample: format.bytesPerSample)
        }
        let packet = unsafe AudioPacket(
            position: position, captureTime: nil, frames: Int(frames), payload: UnsafeRawBufferPointer(space))
        advance(frames)
        return .audio(packet)
    }

    private func lost(_ sequence: Int64, _ place: Int64, _ frames: Int64) -> Packet? {
        guard let expected = timestamp else { return nil }
        let count = place + frames - expected
        guard count > 0 else { return nil }
        behindGap = reception?.packet(sequence + 1)?.payload
        return gap(count)
    }

    private func gap(_ frames: Int64) -> Packet {
        let packet = GapPacket(position: position, captureTime: nil, frames: frames, cause: .network, seenBy: "rtp")
        lostFrames += frames
        advance(frames)
        return .gap(packet)
    }

    private func advance(_ frames: Int64) {
        position += frames
        if let current = timestamp { timestamp = current + frames }
        lastMoment = monotonicNanoseconds()
    }

    /// Another source: what lay between is a gap of the time that passed.
    private func begun(_ now: Int64) -> Packet? {
        timestamp = nil
        leftAt = nil
        guard let payload, position > 0 else { return nil }
        let missed = TimeSpan.nanoseconds(max(0, now - lastMoment)).frames(rate: payload.rate)
        events.post(
            .happened(
                NamedEvent(
                    "restarted", "\(plan.name): another source", numbers: [("lost_frames", Double(missed))])))
        return missed > 0 ? gap(missed) : nil
    }

    // MARK: - The end

    /// Looks whether the source is gone; true when there is something to give at once.
    private func judge(_ now: Int64) -> Bool {
        if isStopping { return finish() }
        guard let reception, let heard = reception.lastHeard else {
            let limit = patience == 0 ? plan.configuration.livenessNanoseconds : patience
            guard let limit, now - lastMoment >= limit else { return false }
            let seconds = Double(limit) / 1e9
            ending = .upstreamFailed("\(plan.name): nothing arrived for \(seconds) s; --retry waits longer")
            return finish()
        }
        if reception.hasLeft { leftAt = leftAt ?? now }
        let farewell = leftAt.map { $0 + max(Self.farewellNanoseconds, reception.targetNanoseconds) }
        let isGone = now - heard >= plan.configuration.livenessNanoseconds
        guard isGone || farewell.map({ now >= $0 }) ?? false else {
            isWaiting = false
            return false
        }
        if patience != 0 {
            // What is here goes out by itself in its time.
            if !isWaiting {
                events.post(.happened(NamedEvent("waiting", "\(plan.name): the source is gone; another is waited for")))
            }
            isWaiting = true
            guard let patience, now - heard >= patience else { return false }
        } else if isGone, leftAt == nil {
            // Many senders never say goodbye, so this is an end like any other.
            let seconds = Double(plan.configuration.livenessNanoseconds) / 1e9
            events.post(
                .warning("\(plan.name): nothing arrived for \(seconds) s and nobody said goodbye; taken for the end"))
        }
        return finish()
    }

    private func finish() -> Bool {
        reception?.drain()
        isOver = true
        return true
    }

    private func end() -> Packet {
        hasEnded = true
        tell()
        let isFailed = ending != .done
        return .end(
            EndPacket(
                totalFrames: position, lostFrames: lostFrames,
                reason: isFailed ? .error : isStopping ? .stopped : .normal, code: isFailed ? 3 : 0,
                message: ending.message ?? ""))
    }

    // MARK: - Reports

    private func report(_ now: Int64) {
        guard schedule.isDue(now: now, chance: .random(in: 0...1)), let block = reception?.report(now: now) else {
            return
        }
        link.report(
            RTCPPacket.bytes([
                .receiverReport(source: ownSource, blocks: [block]),
                .descriptions([.init(source: ownSource, canonicalName: ownName)]),
            ]))
    }

    private func tell() {
        guard let reception else { return }
        let counts = reception.counts
        let (packets, bytes, refused) = (packets, bytes, refused + reception.foreign)
        let (jitter, target) = (reception.jitterNanoseconds, reception.targetNanoseconds)
        let (restarts, isWaiting) = (reception.restarts, isWaiting)
        shared.write {
            ($0.packets, $0.bytes, $0.refused) = (packets, bytes, refused)
            ($0.lost, $0.late, $0.duplicates, $0.reordered) =
                (counts.lost, counts.late, counts.duplicates, counts.reordered)
            ($0.jitterNanoseconds, $0.targetNanoseconds) = (jitter, target)
            ($0.restarts, $0.isWaiting) = (restarts, isWaiting)
        }
    }
}
