import AupNetwork
import AupSound
import AupSystem
import AupWire
import Synchronization

/// How much each subscriber is given at once, how much waits for it, and the numbers of all that.
///
/// - Thread: whoever has the turn, but for ``status``.
extension Publisher {
    func serve(_ subscriber: Subscriber, _ extent: Backlog.Extent, gives: Bool) {
        // Who takes no more says so itself; who is behind already does not wait for others.
        guard !subscriber.wantsToWrite, !subscriber.isOver, gives || !subscriber.hasEverything else { return }
        let behind = subscriber.place.map { extent.behind($0) } ?? 0
        if let bytes = socketBytes, subscriber.state == .streaming { subscriber.limitSocket(bytes: bytes) }
        meter.isCurrent = subscriber.hasEverything
        subscriber.send()
        if subscriber.state == .streaming, subscriber.hasEverything {
            meter.caughtUp(behind: TimeSpan.frames(behind).nanoseconds(rate: extent.rate))
        }
    }

    /// Lets the sizes follow what a round was.
    func adapt(began: Int64, ended: Int64) {
        let before = pace.queueNanoseconds
        pace.note(meter.round(began: began, ended: ended))
        if pace.queueNanoseconds != before { backlog.limit(nanoseconds: pace.queueNanoseconds) }
    }

    /// What a socket may hold where a latency is wanted: that much sound, and what is gathered; what the kernel needs for
    /// each packet it adds by itself. `nil` leaves it as the system has it, and so does TCP, which sees to it itself.
    private var socketBytes: Int? {
        guard let latency = plan.latencyNanoseconds, case .unix = plan.door.address, let format = backlog.format
        else { return nil }
        let bytesPerSecond = format.pcm.map { $0.rate * $0.frameBytes } ?? 64_000
        let nanoseconds = Double(latency + 2 * pace.bounds.mostGathered)
        return max(8192, Int(nanoseconds * Double(bytesPerSecond) / 1e9))
    }

    // MARK: - Numbers

    /// What it is now.
    ///
    /// - Thread: any that may wait; not the transport.
    var status: PublishingStatus { turn.withLock { _ in sum(monotonicNanoseconds()) } }

    private func sum(_ now: Int64) -> PublishingStatus {
        let extent = backlog.extent
        let streaming = subscribers.filter { $0.state == .streaming }
        let fills = streaming.map { fill($0, extent) }
        var status = PublishingStatus()
        status.peers = Int64(streaming.count)
        (status.mostPeers, status.refused) = (max(mostPeers, status.peers), refused)
        // Of those who do not read, what they have lost is known before they are told.
        for subscriber in streaming { status.lostFrames += subscriber.untoldFrames }
        for counts in subscribers.map(\.counts) + [left] {
            status.packets += counts.packets
            status.frames += counts.frames
            status.lostFrames += counts.lostFrames
            status.bytes += counts.bytes
        }
        status.age = meter.age.distribution
        status.latePackets = meter.latePackets
        status.fullestQueue = fills.max() ?? 0
        status.meanQueue = fills.isEmpty ? 0 : fills.reduce(0, +) / Double(fills.count)
        status.queueNanoseconds = pace.queueNanoseconds
        status.gatherNanoseconds = pace.gatherNanoseconds
        status.load = pace.load
        (status.rounds, status.writes) = (meter.rounds, meter.writes)
        if plan.tellsEach { status.subscribers = zip(streaming, fills).map { each($0, $1, extent, now) } }
        return status
    }

    private func behind(_ subscriber: Subscriber, _ extent: Backlog.Extent) -> Int64 {
        let frames = subscriber.place.map { extent.behind($0) } ?? 0
        return TimeSpan.frames(frames).nanoseconds(rate: extent.rate)
    }

    private func fill(_ subscriber: Subscriber, _ extent: Backlog.Extent) -> Double {
        min(1, Double(behind(subscriber, extent)) / Double(max(1, extent.limitNanoseconds)))
    }

    private func each(
        _ subscriber: Subscriber, _ fill: Double, _ extent: Backlog.Extent, _ now: Int64
    ) -> SubscriberStatus {
        let counts = subscriber.counts
        return SubscriberStatus(
            name: subscriber.name, connectedNanoseconds: now - subscriber.since, packets: counts.packets,
            frames: counts.frames, lostFrames: counts.lostFrames + subscriber.untoldFrames, gaps: counts.gaps,
            bytes: counts.bytes,
            behindNanoseconds: behind(subscriber, extent), queueFill: fill)
    }
}
