import AupNetwork
import AupSound
import AupSystem
import AupWire

/// A published stream as a source: it connects, and where it is wished for it connects again.
///
/// After a loss the stream goes on as one (``StreamSplice``): what was missed is a gap, told by the publisher's own count where
/// it is the same one, else by the time that passed. A publisher that is there and says nothing, not even that it is alive, is
/// lost too.
///
/// - Thread: transport, but for ``reconnects`` and ``isWaiting``.
final class NetworkSource: ComingSource {
    private let caller: StreamCaller
    private let name: String
    private let events: EventQueue
    private let stopRequest: StopRequest
    private let bell: Doorbell
    private var plan: Reconnection
    private let retries: Bool
    private var inner: StreamSource?
    private var descriptor: Descriptor?
    private var stream: String?
    private var splice = StreamSplice()
    /// Why the last attempt failed.
    private var lastFailure = ""
    private var pending: Packet?
    private var isStopping = false
    private var hasEnded = false
    private var ownEnding: SessionEnding?
    private let shared = Guarded((reconnects: Int64(0), isWaiting: true))

    /// - Parameters:
    ///   - patience: nanoseconds for which a connection is tried again; `nil` for ever, 0 for not at all.
    ///   - liveness: nanoseconds for which a publisher that has begun may be silent.
    ///   - bell: nobody rings: a wait that a kick ends.
    init(
        _ caller: StreamCaller, patience: Int64?, liveness: Int64, bell: Doorbell, stop: StopRequest,
        events: EventQueue
    ) {
        self.caller = caller
        self.bell = bell
        self.events = events
        stopRequest = stop
        name = caller.address.word
        retries = patience != 0
        plan = Reconnection(patience: patience, liveness: liveness, now: monotonicNanoseconds())
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
        // Until there is nothing more at hand: only then may it be waited for.
        while let inner {
            guard let packet = inner.next() else { return nil }
            if let packet = pass(packet, inner) { return packet }
        }
        return ownEnding == nil ? nil : end(.error)
    }

    func wait() {
        if stopRequest.isRequested { isStopping = true }
        if let inner, let descriptor { return wait(inner, descriptor) }
        guard !isStopping else { return plan.finish() }
        let now = monotonicNanoseconds()
        let action = plan.next(now: now)
        tellNews()
        switch action {
        case .attempt: connect()
        case .wait(let until): bell.wait(milliseconds: Int32(clamping: min((until - now) / 1_000_000 + 1, 200)))
        case .giveUp, .hangUp: ownEnding = ownEnding ?? .upstreamFailed("\(name): nobody came back in time")
        }
    }

    /// Reads what is there, and watches whether anything comes at all.
    private func wait(_ inner: StreamSource, _ descriptor: Descriptor) {
        // In steps, so that a silence is noticed; an end that has come has a patience of its own.
        guard isStopping || inner.holdsEnd || descriptor.waitReadable(milliseconds: 200) else {
            if case .hangUp(let silent) = plan.next(now: monotonicNanoseconds()) {
                inner.hangUp("it said nothing for \(silent / 1_000_000_000) s; its process may hang")
            }
            return
        }
        inner.wait()
        if splice.description != nil { plan.heard(now: monotonicNanoseconds()) }
    }

    func stop() { inner?.stop() }

    func close() {
        inner?.close()
        plan.finish()
    }

    private func connect() {
        do throws(StreamCaller.Failure) {
            let connection = try caller.connect(stopRequest)
            plan.connected(now: monotonicNanoseconds())
            splice.begin(connection.stream != nil && connection.stream == stream ? .counted : .elapsed)
            stream = connection.stream
            descriptor = connection.descriptor
            inner = StreamSource(
                connection.descriptor, name: name, firstBytes: connection.firstBytes, stop: stopRequest)
            shared.write { $0.isWaiting = false }
        } catch {
            switch error {
            case .stopped: isStopping = true
            case .refused(let why): ownEnding = .upstreamFailed("\(name): \(why)")
            case .absent(let why):
                if !retries { ownEnding = .upstreamFailed("\(name): \(why); --retry waits for it") }
                lastFailure = why
                plan.failed(now: monotonicNanoseconds(), chance: Double.random(in: 0...1))
            }
        }
        tellNews()
    }

    private func tellNews() {
        events.post(plan.takeNews(), of: name, why: lastFailure, isTriedAgain: retries && !isStopping)
        if plan.isUp { lastFailure = "" }
    }

    // MARK: - Packets

    private func pass(_ packet: Packet, _ inner: StreamSource) -> Packet? {
        let now = monotonicNanoseconds()
        switch packet {
        case .end(let end):
            // Cut off, or ended by its source: only the first is a loss.
            guard inner.wasCutOff, retries, !stopRequest.isRequested else { return self.end(end.reason, end) }
            lose(now)
            return nil
        case .event(let event) where event.key == Subscriber.aliveKey: return nil
        default: break
        }
        let wasAtJoint = splice.isAtJoint
        let result = splice.take(packet, now: now)
        if wasAtJoint, !splice.isAtJoint { welcomeBack(result) }
        switch result {
        case .nothing: return nil
        case .tooLong:
            ownEnding = .upstreamFailed("\(name): \(StreamSplice.tooLongReason)")
            return self.end(.error)
        case .packet(let packet): return packet
        case .gap(let gap, let packet):
            pending = packet
            return .gap(gap)
        }
    }

    private func welcomeBack(_ result: StreamSplice.Result) {
        shared.write { $0.reconnects += 1 }
        let missed = if case .gap(let gap, _) = result { gap.frames } else { Int64(0) }
        events.post(
            .happened(NamedEvent("reconnected", "\(name) is back", numbers: [("lost_frames", Double(missed))])))
    }

    private func lose(_ now: Int64) {
        lastFailure = inner?.cutOffReason ?? ""
        inner?.close()
        (inner, descriptor) = (nil, nil)
        plan.lost(now: now, chance: Double.random(in: 0...1))
        shared.write { $0.isWaiting = true }
        tellNews()
    }

    private func end(_ reason: EndReason, _ packet: EndPacket? = nil) -> Packet {
        hasEnded = true
        return .end(
            EndPacket(
                totalFrames: splice.position, lostFrames: splice.lostFrames, reason: reason, code: packet?.code ?? 0,
                message: packet?.message ?? ownEnding?.message ?? ""))
    }
}
