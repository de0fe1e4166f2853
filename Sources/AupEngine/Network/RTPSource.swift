import AupNetwork
import AupOpus
import AupSound
import AupSystem
import AupWire

/// A source that knows what follows a gap before it is given.
protocol RepairingSource: PacketSource {
    /// The packet of the codec right behind the gap that was given last, if it is here.
    var behindGap: [UInt8]? { get }
    /// Whether the silence that was given last is a pause of a source that sends nothing where there is nothing to hear. What
    /// the codec makes of it sounds like the room, and is no guess at what was lost.
    var isPause: Bool { get }
}

/// RTP as a source: packets in order and in time, lost ones as gaps, silence where the source sent nothing.
///
/// It is live: whoever plays it follows its clock. Another source at the same place goes on in the same stream, behind a gap of the
/// time that passed. A source that says goodbye, or nothing for longer than the liveness, is the end; with patience another one
/// is waited for.
///
/// What it says as the time of capture is when the sound would have arrived by the shortest way: a latency that is measured
/// further down is the one from the network's end to the ear.
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
    private var schedule: ReportSchedule
    private var formatPacket: Packet?
    private var intake: RTPIntake
    private let playout: RTPPlayout
    private var due: Int64?
    private var leftAt: Int64?
    private var isWaiting = true
    private var isStopping = false
    private var isOver = false
    private var hasEnded = false
    private(set) var ending = SessionEnding.done
    private let shared = Guarded(RTPStatus())

    /// Sound that a goodbye overtook is waited for as long as any that is late, and so long at least. No longer, because who plays
    /// it would run dry in the meantime.
    private static let farewellNanoseconds: Int64 = 20_000_000
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
        intake = RTPIntake(plan, events: events)
        let now = monotonicNanoseconds()
        playout = RTPPlayout(now: now)
        schedule = ReportSchedule(now: now, chance: .random(in: 0...1))
        if let refusal = link.reportRefusal { events.post(.warning(refusal)) }
    }

    var status: RTPStatus { shared.read { $0 } }
    var behindGap: [UInt8]? { playout.behindGap }
    var isPause: Bool { playout.isPause }

    func next() -> Packet? {
        if hasEnded { return nil }
        playout.forget()
        // What is here counts before anything is called lost.
        hear()
        if let packet = formatPacket {
            formatPacket = nil
            return packet
        }
        if let output = playout.takeHeld(), let packet = playout.given(output, reception) { return packet }
        while reception != nil {
            let now = monotonicNanoseconds()
            switch reception!.next(now: now) {
            case .begun: if let packet = begun(now) { return packet }
            case .sound(.nothing(let until)):
                due = until
                tell()
                return isOver && until == nil ? end() : nil
            case .sound(let output): if let packet = playout.given(output, reception) { return packet }
            }
        }
        return isOver ? end() : nil
    }

    func wait() {
        let now = monotonicNanoseconds()
        if stopRequest.isRequested { isStopping = true }
        if judge(now) { return }
        let until = min(due ?? .max, schedule.next, isWaiting ? .max : farewell ?? .max, now + 200_000_000)
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
            let now = datagram.arrival
            if datagram.isReport {
                guard let packets = try? RTCPPacket.read(datagram.bytes) else {
                    intake.refuse()
                    continue
                }
                reception?.take(packets, arrival: now)
            } else if let packet = try? RTPPacket(datagram.bytes) {
                take(packet, now)
            } else {
                intake.refuse()
            }
        }
    }

    private func take(_ packet: RTPPacket, _ now: Int64) {
        guard let (payload, frames) = intake.take(packet) else { return }
        if reception == nil { open(payload, packet, frames) }
        reception?.take(packet, frames: frames, isSilence: payload.isSilence(packet.payload), arrival: now)
    }

    private func open(_ payload: RTPPayload, _ packet: RTPPacket, _ frames: Int64) {
        reception = RTPReception(rate: payload.rate, bounds: plan.configuration.bounds)
        if plan.leavesSilenceOut { reception?.expectPauses() }
        var coding: StreamDescription.Coding?
        if let format = payload.coding.sampleFormat {
            coding = PCMFormat(format, rate: payload.rate, channels: payload.channels).map { .pcm($0) }
        } else {
            let size = OpusConfiguration.frameSizes.contains(Int(frames)) ? Int(frames) : 960
            coding = OpusConfiguration(
                channels: payload.channels, preSkipFrames: plan.lookAheadFrames, frameSize: size
            ).map { .opus($0) }
        }
        guard let coding else { return }
        playout.begin(payload, lookAheadFrames: payload.coding == .opus ? Int64(plan.lookAheadFrames) : 0)
        formatPacket = .format(
            StreamDescription(coding: coding, isLive: true, clock: .monotonicOfThisBoot, source: plan.name))
        events.post(
            .happened(
                NamedEvent(
                    "receiving", "\(plan.name): \(payload.map), payload type \(packet.payloadType)", isQuiet: true)))
    }

    /// Another source: what lay between is a gap of the time that passed.
    private func begun(_ now: Int64) -> Packet? {
        leftAt = nil
        guard let missed = playout.restart(now) else { return nil }
        events.post(
            .happened(
                NamedEvent(
                    "restarted", "\(plan.name): another source", numbers: [("lost_frames", Double(missed))])))
        return missed > 0 ? playout.gap(missed) : nil
    }

    // MARK: - The end

    /// Looks whether the source is gone; true when there is something to give at once.
    private func judge(_ now: Int64) -> Bool {
        if isStopping { return finish() }
        guard let reception, let heard = reception.lastHeard else {
            let limit = patience == 0 ? plan.configuration.livenessNanoseconds : patience
            guard let limit, now - playout.lastMoment >= limit else { return false }
            let seconds = Double(limit) / 1e9
            ending = .upstreamFailed("\(plan.name): nothing arrived for \(seconds) s; --retry waits longer")
            return finish()
        }
        if reception.hasLeft { leftAt = leftAt ?? now }
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
            self.reception?.miss()
            guard let patience, now - heard >= patience else { return false }
        } else if isGone, leftAt == nil {
            // Many senders never say goodbye, so this is an end like any other.
            let seconds = Double(plan.configuration.livenessNanoseconds) / 1e9
            events.post(
                .warning("\(plan.name): nothing arrived for \(seconds) s and nobody said goodbye; taken for the end"))
        }
        return finish()
    }

    /// When nothing is to be expected any more of a source that said goodbye.
    private var farewell: Int64? {
        guard let leftAt, let reception else { return nil }
        return leftAt + max(Self.farewellNanoseconds, reception.targetNanoseconds)
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
                totalFrames: playout.position, lostFrames: playout.lostFrames,
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
        let (packets, bytes, refused) = (intake.packets, intake.bytes, intake.refused + reception.foreign)
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
