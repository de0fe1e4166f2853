import AupNetwork
import AupSound
import AupSystem
import AupWire
import Glibc
import Synchronization

/// The thread that gives a stream to whoever asks for it at a socket; where they are few, the transport gives it itself.
///
/// - Thread: transport makes, starts and stops it, and calls ``give()``; ``status`` is for main; the rest is aup.network.
final class Publisher: @unchecked Sendable {
    // @unchecked because what changes belongs to who has the turn, but for the thread, which belongs to who starts and stops
    // it; the rest is constant or atomic.

    /// Whose turn it is: the thread's from the end of a wait to the beginning of the next, the transport's for a round of its
    /// own. The transport only tries, and nobody waits while it is theirs.
    let turn = Mutex(())

    let backlog: Backlog
    let plan: PublishingPlan
    private let door: StreamDoor
    private let events: EventQueue
    let bell = Doorbell()
    private let isStopping = Atomic<Bool>(false)
    private var thread: WorkerThread?
    /// Only the thread lets anybody in or out.
    private(set) var subscribers: [Subscriber] = []
    private(set) var left = Subscriber.Counts()
    private(set) var (mostPeers, refused): (Int64, Int64) = (0, 0)
    private var pause = DoorPause()
    private var knocks = KnockBudget()
    let meter: DeliveryMeter
    var pace: DeliveryPace
    /// When subscribers are given what there is, the next time.
    private(set) var giveAt: Int64 = 0
    /// Whether something was put into the backlog that was not given yet.
    private var hasNews = false
    private let identity: String

    /// Takes the places, so that a mistake is told before there is sound.
    init(_ plan: PublishingPlan, events: EventQueue) throws(SessionFailure) {
        self.plan = plan
        self.events = events
        door = try StreamDoor(plan.door)
        if let warning = plan.door.warning { events.post(.warning(warning)) }
        pace = DeliveryPace(plan.pace)
        meter = DeliveryMeter(target: pace.bounds.targetNanoseconds)
        backlog = Backlog(
            bytes: plan.queueBytes, nanoseconds: pace.queueNanoseconds, resume: plan.latencyNanoseconds)
        identity = SharedSecret.nonce().prefix(8).map { String($0, radix: 16) }.joined()
    }

    /// Once or more often, it is the same; so is ``stop()``.
    func start() throws(SessionFailure) {
        guard thread == nil, !isStopping.load(ordering: .relaxed) else { return }
        do throws(SystemError) {
            thread = try WorkerThread(name: "aup.network") { self.run() }
        } catch {
            throw .before(.failed(error.message))
        }
    }

    /// Ends the thread once everybody has had the end, or a while has passed, and takes the names of the sockets away.
    func stop() {
        isStopping.store(true, ordering: .relaxed)
        bell.ring()
        thread?.join()
        thread = nil
        door.close()
    }

    // MARK: - aup.network

    /// How long the last packets are waited for to be taken.
    private static let lingerNanoseconds: Int64 = 2_000_000_000

    /// What is waited for, and for how long.
    private struct Wait: Sendable {
        var entries: [pollfd]
        /// The entry of the first subscriber; those of the listeners are before it.
        let first: Int
        let milliseconds: Int32
        let isGathering: Bool
    }

    private func run() {
        var deadline: Int64?
        while true {
            let now = monotonicNanoseconds()
            if isStopping.load(ordering: .relaxed) {
                deadline = deadline ?? now + Self.lingerNanoseconds
                if now >= deadline! { break }
            }
            let isEnding = deadline != nil
            let wait = turn.withLock { _ in isEnding && subscribers.isEmpty ? nil : prepare(now, isEnding: isEnding) }
            guard var wait else { break }
            let count = unsafe poll(&wait.entries, nfds_t(wait.entries.count), wait.milliseconds)
            let (outcome, hasEvents) = (wait, count > 0)
            turn.withLock { _ in
                hear(outcome, hasEvents: hasEvents)
                let began = monotonicNanoseconds()
                let gives = began >= giveAt || isEnding
                tend(began, gives: gives)
                conclude(began, gives: gives)
            }
        }
        turn.withLock { _ in
            for subscriber in subscribers {
                farewell(subscriber, reason: "it did not take the end of the stream", isCut: true)
            }
            subscribers.removeAll()
        }
    }

    /// After a round: what it was, and when the next may be.
    private func conclude(_ began: Int64, gives: Bool) {
        adapt(began: began, ended: monotonicNanoseconds())
        mostPeers = max(mostPeers, Int64(subscribers.count { $0.state == .streaming }))
        guard gives, hasNews else { return }
        hasNews = false
        meter.rounds += 1
        giveAt = began + pace.gatherNanoseconds
    }

    private func prepare(_ now: Int64, isEnding: Bool) -> Wait {
        let isDeaf = isEnding || pause.isOn(now)
        // What comes while packets are gathered is heard of afterwards; the end is too.
        let isGathering = now < giveAt && !isEnding
        var entries = [pollfd(fd: isGathering ? -1 : bell.number, events: Int16(POLLIN), revents: 0)]
        for listener in door.listeners {
            entries.append(pollfd(fd: isDeaf ? -1 : listener.number, events: Int16(POLLIN), revents: 0))
        }
        let first = entries.count
        // Greetings have a deadline, and so has the end.
        let hasGuests = subscribers.contains { $0.state == .greeting }
        var patience: Int32 = isEnding || isDeaf ? 50 : hasGuests ? 500 : 10_000
        for subscriber in subscribers {
            let wishes = Int32(POLLIN) | (subscriber.wantsToWrite ? Int32(POLLOUT) : 0)
            entries.append(pollfd(fd: subscriber.descriptor.number, events: Int16(wishes), revents: 0))
            // Who is given nothing is told that we are alive.
            if let due = subscriber.aliveDue { patience = min(patience, Self.milliseconds(until: due, now)) }
        }
        if isGathering { patience = min(patience, Self.milliseconds(until: giveAt, now)) }
        return Wait(
            entries: entries, first: first, milliseconds: bell.patience(milliseconds: patience),
            isGathering: isGathering)
    }

    /// Rounded up, so that what is due has come then.
    private static func milliseconds(until due: Int64, _ now: Int64) -> Int32 {
        Int32(clamping: max(0, due - now) / 1_000_000 + 1)
    }

    /// Takes what came during a wait. The transport may have given those who are here more meanwhile, and somebody may be over.
    private func hear(_ wait: Wait, hasEvents: Bool) {
        let (entries, first) = (wait.entries, wait.first)
        if entries[0].revents != 0 || wait.isGathering, bell.answer() { hasNews = true }
        guard hasEvents else { return }
        for (subscriber, entry) in zip(subscribers, entries[first...]) where entry.revents != 0 && !subscriber.isOver {
            let happened = Int32(entry.revents)
            if happened & Int32(POLLOUT) != 0 { subscriber.canWrite() }
            if happened & Int32(POLLIN | POLLHUP | POLLERR) != 0 { subscriber.read() }
        }
        for (listener, entry) in zip(door.listeners, entries[1..<first]) where entry.revents != 0 { accept(listener) }
    }

    private func tend(_ now: Int64, gives: Bool) {
        let extent = backlog.extent
        for subscriber in subscribers {
            serve(subscriber, extent, gives: gives)
            subscriber.sayAlive(now)
            if subscriber.state == .greeting, now - subscriber.since > Subscriber.greetingNanoseconds {
                farewell(subscriber, reason: "it did not greet within 5 s")
                refuse()
            } else if case .over(let reason) = subscriber.state {
                farewell(subscriber, reason: reason)
                if reason != nil || !subscriber.hasGreeted { refuse() }
            }
        }
        subscribers.removeAll {
            if case .over = $0.state { return true }
            return $0.state == .greeting && now - $0.since > Subscriber.greetingNanoseconds
        }
    }

    private func refuse() { refused += 1 }

    private func accept(_ listener: Descriptor) {
        // So many in one look, so that those who are served are not kept waiting by those who knock.
        for _ in 0..<64 {
            switch door.accept(listener) {
            case .nobody: return
            case .noRoom(let error):
                guard pause.begin(monotonicNanoseconds()) else { return }
                events.post(
                    .warning(
                        "no descriptor is left for another subscriber (\(error.reason)); those who are there go on"))
                return
            case .connection(let descriptor): welcome(descriptor)
            }
        }
    }

    private func welcome(_ descriptor: Descriptor) {
        let name = door.name(of: descriptor)
        let guests = subscribers.indices.filter { subscribers[$0].state == .greeting }
        if guests.count >= DoorPlan.guestLimit {
            farewell(subscribers.remove(at: guests[0]), reason: "too many come at once, and it did not greet")
            refuse()
        }
        let refusal = door.refusal(of: descriptor)
        let exchange = GreetingExchange(
            listening: plan.door.secret, offer: [Greeting.Line("stream", identity)]
        ) { [weak self] role, codec in
            if let refusal { return .final(refusal) }
            guard role == .subscribe else { return .final("this end sends, and takes nothing; use --receive there") }
            guard let self else { return .later("it is about to end") }
            return judge(codec)
        }
        subscribers.append(
            Subscriber(
                descriptor, name: name, exchange: exchange, backlog: backlog, meter: meter,
                now: monotonicNanoseconds()))
    }

    /// Asked once somebody has greeted, and not before: guests have no place yet.
    private func judge(_ codec: GreetingExchange.Codec) -> GreetingExchange.Refusal? {
        let seated = subscribers.count { $0.state == .streaming }
        if seated >= plan.door.clientLimit { return .later("\(plan.door.clientLimit) are connected already") }
        return backlog.format.flatMap { Subscriber.complaint(codec, $0) }.map { .final($0) }
    }

    /// - Parameter isCut: it is given no more, though there is more.
    private func farewell(_ subscriber: Subscriber, reason: String?, isCut: Bool = false) {
        let waiting = subscriber.settle(isCut: isCut)
        let counts = subscriber.counts
        left.packets += counts.packets
        left.frames += counts.frames
        left.lostFrames += counts.lostFrames
        left.bytes += counts.bytes
        // Of those who did not even greet a few are told; all are counted.
        guard subscriber.hasGreeted || reason != nil && knocks.admits(monotonicNanoseconds()) else { return }
        var text = "\(subscriber.name) left: \(counts.frames) frames"
        if counts.gaps > 0 { text += ", \(counts.lostFrames) lost in \(counts.gaps) gaps because it did not read" }
        if waiting > 0 { text += ", \(waiting) waited for it" }
        if let reason { text += "; \(reason)" }
        if let reason, !subscriber.hasGreeted { text = "\(subscriber.name) is not served: \(reason)" }
        var event = NamedEvent(
            "peer_left", text,
            numbers: [
                ("frames", Double(counts.frames)), ("lost_frames", Double(counts.lostFrames)),
                ("gaps", Double(counts.gaps)), ("waiting_frames", Double(waiting)), ("bytes", Double(counts.bytes)),
            ])
        event.isQuiet = counts.gaps == 0 && reason == nil
        event.isAccount = counts.packets > 0 || counts.lostFrames > 0
        events.post(.happened(event))
    }
}
