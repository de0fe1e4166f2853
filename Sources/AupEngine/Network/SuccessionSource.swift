import AupNetwork
import AupSound
import AupSystem
import AupWire

/// Sources that come one after the other through a door, a FIFO or a call, as one stream: whoever takes it notices no end.
///
/// ```
///   first ─▶ end │ (nothing, for as long as it takes) │ next ─▶ end │ …
///                └─ without --keep: the end, or with --retry a while for one that was cut off to come back
/// ```
///
/// A stream behind one that ended begins where that one ended; behind one that was cut off lies a gap of what was missed
/// (``StreamSplice``). Its format stands in the stream again where it differs.
///
/// - Thread: transport, but for what ``ComingSource`` has for main.
final class SuccessionSource: ComingSource {
    private let supply: any SourceSupply
    private let keeps: Bool
    /// Nanoseconds for which another source is waited for: `nil` for ever, 0 not at all.
    private let patience: Int64?
    private let events: EventQueue
    private let stopRequest: StopRequest
    private var current: ComingStream?
    private var splice = StreamSplice()
    private var lastStream: String?
    private var pending: Packet?
    private var lastEnd: EndPacket?
    private var lastEnding = SessionEnding.done
    private var hasCome = false
    private var arrivals = 0
    private var wasCutOff = false
    private var since: Int64
    /// Sources that bring nothing are not taken one after the other without a pause, which doubles up to five seconds.
    private var pauseUntil: Int64 = .min
    private var emptyInRow = 0
    private var arrivedPosition: Int64 = 0
    /// Whether the current one has said anything: a publisher may have to be called for a while before it does.
    private var hasArrived = false
    private let idle = Doorbell()
    private var isStopping = false
    private var isOver = false
    private var hasEnded = false
    private(set) var ending = SessionEnding.done
    private let shared = Guarded((reconnects: Int64(0), isWaiting: true))

    private static let firstPause: Int64 = 200_000_000

    /// - Parameter first: what is heard before anything comes.
    init(
        _ supply: any SourceSupply, first: (any PacketSource)? = nil, keeps: Bool, patience: Int64?,
        stop: StopRequest, events: EventQueue
    ) {
        self.supply = supply
        self.keeps = keeps
        self.patience = patience
        self.events = events
        stopRequest = stop
        since = monotonicNanoseconds()
        if let first {
            current = ComingStream(source: first, name: "the first source")
            (hasCome, hasArrived, arrivals) = (true, true, 1)
        }
    }

    var reconnects: Int64 { shared.read { $0.reconnects } }
    var isWaiting: Bool { shared.read { $0.isWaiting } }
    var receiving: ReceivingStatus? { supply.status }

    func next() -> Packet? {
        if hasEnded { return nil }
        if let packet = pending {
            pending = nil
            return packet
        }
        // Until a source has nothing more at hand: only then may it be waited for.
        while true {
            if let current, current.sender?.isOusted ?? false { leave(current, "it said nothing, and another came") }
            guard let current else {
                if let packet = withoutSource() { return packet }
                if self.current == nil { return nil }
                continue
            }
            guard let packet = current.source.next() else { return nil }
            if case .end(let end) = packet {
                lastEnd = end
                leave(current, nil)
                continue
            }
            arrive(current)
            switch splice.take(packet, now: monotonicNanoseconds()) {
            case .nothing: continue
            case .tooLong: leave(current, StreamSplice.tooLongReason)
            case .packet(let packet): return packet
            case .gap(let gap, let packet):
                pending = packet
                return .gap(gap)
            }
        }
    }

    func wait() {
        if stopRequest.isRequested { isStopping = true }
        let now = monotonicNanoseconds()
        if let current {
            // Told to end, it has a patience of its own.
            guard isStopping || supply.wait(beside: current) else { return }
            return current.source.wait()
        }
        guard !isStopping, !isOver else { return }
        if now < pauseUntil {
            idle.wait(milliseconds: Int32(clamping: min((pauseUntil - now) / 1_000_000 + 1, 200)))
        } else {
            supply.wait()
        }
    }

    func stop() {
        isStopping = true
        current?.source.stop()
    }

    func close() {
        current?.source.close()
        supply.close()
    }

    // MARK: - Coming and going

    private func withoutSource() -> Packet? {
        let now = monotonicNanoseconds()
        if isStopping || stopRequest.isRequested { return end(.stopped) }
        if isOver { return end(nil) }
        // Before another is taken, since one that is called for is always there to be taken.
        if let patience, patience > 0, now - since >= patience {
            if hasCome { return end(nil) }
            let seconds = Double(patience / 1_000_000) / 1000
            lastEnding = .upstreamFailed(
                "\(supply.name): nobody came in \(seconds) s; give --retry more time, or none for ever")
            wasCutOff = true
            return end(.error)
        }
        if now >= pauseUntil, let next = supply.take() {
            welcome(next)
            return nil
        }
        if let failure = supply.failure {
            lastEnding = failure
            return end(.error)
        }
        if hasCome, !keeps, patience == 0 || !wasCutOff { return end(nil) }
        return nil
    }

    private func welcome(_ next: ComingStream) {
        if hasCome {
            splice.begin(
                !wasCutOff ? .seamless : next.stream != nil && next.stream == lastStream ? .counted : .elapsed)
        }
        (current, hasCome, lastStream, arrivedPosition) = (next, true, next.stream, splice.position)
        hasArrived = false
        // Whoever was let in through a door is there, whatever it will say.
        if next.sender != nil { arrive(next) }
    }

    private func arrive(_ next: ComingStream) {
        guard !hasArrived else { return }
        hasArrived = true
        let isAgain = arrivals > 0
        arrivals += 1
        shared.write {
            $0.isWaiting = false
            if isAgain { $0.reconnects += 1 }
        }
        events.post(
            .happened(NamedEvent("source_came", "\(supply.name): \(next.name) gives a stream", isQuiet: true)))
    }

    private func leave(_ old: ComingStream, _ why: String?) {
        let now = monotonicNanoseconds()
        // One that was never there changes nothing about the one before it, nor about how long another is waited for.
        if hasArrived || arrivals == 0 {
            wasCutOff = why != nil || old.wasCutOff
            lastEnding = why.map { .upstreamFailed("\(supply.name): \($0)") } ?? old.source.ending
        }
        old.source.close()
        supply.dismiss(old)
        current = nil
        guard hasArrived else { return pause(now) }
        since = now
        pause(now)
        shared.write { $0.isWaiting = true }
        let goesOn = !isStopping && (keeps || patience != 0 && wasCutOff)
        let reason = why ?? lastEnding.message
        guard goesOn else { return }
        events.post(
            .happened(
                NamedEvent(
                    "source_left",
                    "\(supply.name): \(old.name) is gone\(reason.map { ", \($0)" } ?? ""); another is waited for",
                    numbers: [("frames", Double(splice.position - arrivedPosition))], isQuiet: reason == nil)))
    }

    private func pause(_ now: Int64) {
        emptyInRow = splice.position == arrivedPosition ? min(emptyInRow + 1, 6) : 0
        pauseUntil = emptyInRow > 0 ? now + min(Self.firstPause << (emptyInRow - 1), Backoff.longestPause) : .min
    }

    private func end(_ reason: EndReason?) -> Packet {
        hasEnded = true
        // Whoever waits long enough for another has had what there was; one that did not come back is missed.
        ending = keeps && (!wasCutOff || reason == .stopped) && supply.failure == nil ? .done : lastEnding
        let last = lastEnd
        let isFailed = ending != .done
        return .end(
            EndPacket(
                totalFrames: splice.position, lostFrames: splice.lostFrames,
                reason: isFailed ? .error : reason ?? last?.reason ?? .normal, code: isFailed ? last?.code ?? 3 : 0,
                message: ending.message ?? ""))
    }
}
