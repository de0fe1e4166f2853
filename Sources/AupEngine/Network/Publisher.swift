import AupNetwork
import AupSound
import AupSystem
import AupWire
import Glibc
import Synchronization

/// The thread that gives a stream to whoever asks for it at a socket.
///
/// - Thread: transport makes, starts and stops it, and rings; ``status`` is for main; the rest is aup.network.
final class Publisher: @unchecked Sendable {
    // @unchecked because the subscribers belong to the thread alone, and the thread to who starts and stops it; the rest is
    // constant, atomic or behind a lock.

    let backlog: Backlog
    private let plan: PublishingPlan
    private let door: StreamDoor
    private let events: EventQueue
    private let bell = Doorbell()
    private let isStopping = Atomic<Bool>(false)
    private var thread: WorkerThread?
    private var subscribers: [Subscriber] = []
    private var left = Subscriber.Counts()
    private var lastTold: Int64 = 0
    /// When somebody may be let in again, after there was no descriptor left.
    private var deafUntil: Int64 = 0
    private let shared = Guarded(PublishingStatus())
    private let identity: String

    /// Takes the places, so that a mistake is told before there is sound.
    init(_ plan: PublishingPlan, events: EventQueue) throws(SessionFailure) {
        self.plan = plan
        self.events = events
        door = try StreamDoor(plan.door)
        backlog = Backlog(bytes: plan.queueBytes, nanoseconds: plan.queueNanoseconds)
        identity = SharedSecret.nonce().prefix(8).map { String($0, radix: 16) }.joined()
    }

    var status: PublishingStatus { shared.read { $0 } }

    func start() throws(SessionFailure) {
        do throws(SystemError) {
            thread = try WorkerThread(name: "aup.network") { self.run() }
        } catch {
            throw .before(.failed(error.message))
        }
    }

    /// Something was put into the backlog.
    func ring() { bell.ring() }

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

    private func run() {
        var deadline: Int64?
        while true {
            let now = monotonicNanoseconds()
            if isStopping.load(ordering: .relaxed) {
                deadline = deadline ?? now + Self.lingerNanoseconds
                if subscribers.isEmpty || now >= deadline! { break }
            }
            waitForNews(now, isEnding: deadline != nil)
            tend(monotonicNanoseconds())
        }
        for subscriber in subscribers { farewell(subscriber, reason: "it did not take the end of the stream") }
        subscribers.removeAll()
        tell()
    }

    private func waitForNews(_ now: Int64, isEnding: Bool) {
        let isDeaf = isEnding || now < deafUntil
        var entries = [pollfd(fd: bell.number, events: Int16(POLLIN), revents: 0)]
        for listener in door.listeners {
            entries.append(pollfd(fd: isDeaf ? -1 : listener.number, events: Int16(POLLIN), revents: 0))
        }
        let first = entries.count
        for subscriber in subscribers {
            let wishes = Int32(POLLIN) | (subscriber.wantsToWrite ? Int32(POLLOUT) : 0)
            entries.append(pollfd(fd: subscriber.descriptor.number, events: Int16(wishes), revents: 0))
        }
        // Greetings have a deadline, and so has the end; nothing else needs a look without news.
        let hasGuests = subscribers.contains { $0.state == .greeting }
        let patience: Int32 = isEnding || isDeaf ? 50 : hasGuests ? 500 : 10_000
        guard unsafe poll(&entries, nfds_t(entries.count), patience) > 0 else { return }
        if entries[0].revents != 0 { bell.answer() }
        for (subscriber, entry) in zip(subscribers, entries[first...]) where entry.revents != 0 {
            let happened = Int32(entry.revents)
            if happened & Int32(POLLIN | POLLHUP | POLLERR) != 0 { subscriber.read() }
        }
        for (listener, entry) in zip(door.listeners, entries[1..<first]) where entry.revents != 0 { accept(listener) }
    }

    private func tend(_ now: Int64) {
        for subscriber in subscribers {
            subscriber.send()
            if subscriber.state == .greeting, now - subscriber.since > Subscriber.greetingNanoseconds {
                farewell(subscriber, reason: "it did not greet within 5 s")
                refuse()
            } else if case .over(let reason) = subscriber.state {
                farewell(subscriber, reason: reason)
                if reason != nil { refuse() }
            }
        }
        subscribers.removeAll {
            if case .over = $0.state { return true }
            return $0.state == .greeting && now - $0.since > Subscriber.greetingNanoseconds
        }
        tell()
    }

    private func refuse() { shared.write { $0.refused += 1 } }

    private func accept(_ listener: Descriptor) {
        while true {
            switch listener.accept() {
            case .nobody: return
            case .noRoom(let error):
                deafUntil = monotonicNanoseconds() + 200_000_000
                say("no descriptor is left for another subscriber (\(error.reason)); those who are there go on")
                return
            case .connection(let descriptor): welcome(descriptor)
            }
        }
    }

    private func welcome(_ descriptor: Descriptor) {
        let name = door.name(of: descriptor)
        let refusal =
            subscribers.count >= plan.door.clientLimit
            ? "\(plan.door.clientLimit) are connected already" : door.refusal(of: descriptor)
        let backlog = backlog
        let exchange = GreetingExchange(
            listening: plan.door.secret, offer: [Greeting.Line("stream", identity)]
        ) { role, codec in
            if let refusal { return refusal }
            guard role == .subscribe else { return "this end sends, and takes nothing; use --receive there" }
            guard let format = backlog.format else { return nil }
            if codec == .pcm, format.pcm == nil { return "this stream is Opus; leave the wish for PCM out" }
            if codec == .opus, format.pcm != nil { return "this stream is PCM; put aup encode before it" }
            return nil
        }
        subscribers.append(
            Subscriber(
                descriptor, name: name, exchange: exchange, backlog: backlog, now: monotonicNanoseconds()))
    }

    private func farewell(_ subscriber: Subscriber, reason: String?) {
        let counts = subscriber.counts
        left.frames += counts.frames
        left.lostFrames += counts.lostFrames
        left.bytes += counts.bytes
        var text = "\(subscriber.name) left: \(counts.frames) frames"
        if counts.gaps > 0 { text += ", \(counts.lostFrames) lost in \(counts.gaps) gaps because it did not read" }
        if let reason { text = "\(subscriber.name) is not served: \(reason)" }
        var event = NamedEvent(
            "peer_left", text,
            numbers: [
                ("frames", Double(counts.frames)), ("lost_frames", Double(counts.lostFrames)),
                ("gaps", Double(counts.gaps)), ("bytes", Double(counts.bytes)),
            ])
        event.isQuiet = counts.gaps == 0 && reason == nil
        events.post(.happened(event))
    }

    private func say(_ text: String) {
        let now = monotonicNanoseconds()
        // Once in ten seconds, however many knock.
        guard now - lastTold >= 10_000_000_000 || lastTold == 0 else { return }
        lastTold = now
        events.post(.warning(text))
    }

    private func tell() {
        var status = PublishingStatus()
        status.peers = Int64(subscribers.count { $0.state == .streaming })
        status.frames = left.frames
        status.lostFrames = left.lostFrames
        status.bytes = left.bytes
        for subscriber in subscribers {
            status.frames += subscriber.counts.frames
            status.lostFrames += subscriber.counts.lostFrames
            status.bytes += subscriber.counts.bytes
        }
        let sum = status
        shared.write {
            let (all, refused) = ($0.mostPeers, $0.refused)
            $0 = sum
            ($0.mostPeers, $0.refused) = (max(all, sum.peers), refused)
        }
    }
}
