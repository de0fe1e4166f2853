import AupNetwork
import AupSound
import AupSystem
import AupWire

/// A published stream as a source: it connects, and where it is wished for it connects again.
///
/// After a loss the stream goes on as one: what was missed is a gap, told by the publisher's own count where it is the same
/// one, else by the time that passed.
///
/// - Thread: transport, but for ``reconnects`` and ``isWaiting``.
final class NetworkSource: PacketSource {
    private let caller: StreamCaller
    private let name: String
    private let events: EventQueue
    private let stopRequest: StopRequest
    private let bell = Doorbell()
    private var plan: Backoff
    private let retries: Bool
    private var inner: StreamSource?
    private var stream: String?
    private var description: StreamDescription?
    /// Frames given, and how far ours is from the publisher's count.
    private var position: Int64 = 0
    private var offset: Int64 = 0
    private var lostFrames: Int64 = 0
    /// When the frame after the last one is due.
    private var lastMoment: Int64 = 0
    private var isComingBack = false
    private var pending: Packet?
    private var isStopping = false
    private var hasEnded = false
    private var ownEnding: SessionEnding?
    private let shared = Guarded((reconnects: Int64(0), isWaiting: true))

    /// - Parameter patience: nanoseconds for which a connection is tried again; `nil` for ever, 0 for not at all.
    init(_ caller: StreamCaller, patience: Int64?, stop: StopRequest, events: EventQueue) {
        self.caller = caller
        self.events = events
        stopRequest = stop
        name = caller.address.word
        retries = patience != 0
        plan = Backoff(patience: patience, now: monotonicNanoseconds())
    }

    var reconnects: Int64 { shared.read { $0.reconnects } }
    var isWaiting: Bool { shared.read { $0.isWaiting } }
    var ending: SessionEnding { ownEnding ?? inner?.ending ?? .done }

    func next() -> Packet? {
        if hasEnded { return nil }
        if let packet = pending {
            pending = nil
            return packet
        }
        if isStopping, inner == nil { return end(.stopped) }
        guard let inner else { return ownEnding == nil ? nil : end(.error) }
        guard let packet = inner.next() else { return nil }
        return pass(packet, inner)
    }

    func wait() {
        if stopRequest.isRequested { isStopping = true }
        if let inner { return inner.wait() }
        guard !isStopping else { return }
        let now = monotonicNanoseconds()
        switch plan.next(now: now) {
        case .attempt: connect()
        case .wait(let until): bell.wait(milliseconds: Int32(clamping: min((until - now) / 1_000_000 + 1, 200)))
        case .giveUp: ownEnding = ownEnding ?? .upstreamFailed("\(name): nobody came back in time")
        }
    }

    func stop() { inner?.stop() }
    func close() { inner?.close() }

    private func connect() {
        let now = monotonicNanoseconds()
        do throws(StreamCaller.Failure) {
            let connection = try caller.connect(stopRequest)
            plan.connected(now: now)
            if isComingBack, connection.stream != stream { offset = .min }
            stream = connection.stream
            inner = StreamSource(
                connection.descriptor, name: name, firstBytes: connection.firstBytes, stop: stopRequest)
            shared.write { $0.isWaiting = false }
        } catch {
            switch error {
            case .stopped: isStopping = true
            case .refused(let why): ownEnding = .upstreamFailed("\(name): \(why)")
            case .absent(let why):
                if plan.failures == 0 {
                    if retries {
                        events.post(.happened(NamedEvent("waiting", "\(name): \(why); it is tried again")))
                    } else {
                        ownEnding = .upstreamFailed("\(name): \(why); --retry waits for it")
                    }
                }
                plan.failed(now: monotonicNanoseconds(), chance: Double.random(in: 0...1))
            }
        }
    }

    // MARK: - Packets

    private func pass(_ packet: Packet, _ inner: StreamSource) -> Packet? {
        switch packet {
        case .format(let format):
            let isSame = description == format
            description = format
            return isSame ? nil : packet
        case .audio, .silence, .gap: return sound(packet)
        case .event(let event):
            return .event(
                EventPacket(
                    position: position, captureTime: event.captureTime, key: event.key, value: event.value))
        case .end(let end):
            // Cut off, or ended by its source: only the first is a loss.
            guard inner.wasCutOff, retries, !stopRequest.isRequested else { return self.end(end.reason, end) }
            lose()
            return nil
        }
    }

    private func sound(_ packet: Packet) -> Packet? {
        guard let span = packet.span, let rate = description?.rate else { return nil }
        if position == 0, !isComingBack { offset = span.position }
        if isComingBack {
            isComingBack = false
            shared.write { $0.reconnects += 1 }
            let missed = missed(at: span.position, rate: rate)
            offset = span.position - position - missed
            events.post(
                .happened(
                    NamedEvent(
                        "reconnected", "\(name) is back", numbers: [("lost_frames", Double(missed))])))
            if missed > 0 {
                pending = packet.part(first: 0, count: span.frames, rate: rate, position: position + missed)
                let gap = GapPacket(
                    position: position, captureTime: nil, frames: missed, cause: .network, seenBy: "stream")
                lostFrames += missed
                position += missed + span.frames
                lastMoment = monotonicNanoseconds()
                return .gap(gap)
            }
        }
        let part = packet.part(first: 0, count: span.frames, rate: rate, position: position)
        if case .gap = packet { lostFrames += span.frames }
        position += span.frames
        lastMoment = monotonicNanoseconds()
        return part
    }

    /// Frames that were given to nobody here while there was no connection.
    private func missed(at theirs: Int64, rate: Int) -> Int64 {
        if offset != .min, theirs - offset >= position { return theirs - offset - position }
        return TimeSpan.nanoseconds(max(0, monotonicNanoseconds() - lastMoment)).frames(rate: rate)
    }

    private func lose() {
        inner?.close()
        inner = nil
        isComingBack = position > 0
        plan.lost(now: monotonicNanoseconds(), chance: Double.random(in: 0...1))
        shared.write { $0.isWaiting = true }
        events.post(.happened(NamedEvent("disconnected", "\(name): the connection is lost; it is tried again")))
    }

    private func end(_ reason: EndReason, _ packet: EndPacket? = nil) -> Packet {
        hasEnded = true
        return .end(
            EndPacket(
                totalFrames: position, lostFrames: lostFrames, reason: reason, code: packet?.code ?? 0,
                message: packet?.message ?? ownEnding?.message ?? ""))
    }
}
