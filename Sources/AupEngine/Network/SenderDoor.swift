import AupNetwork
import AupSound
import AupSystem
import AupWire
import Glibc
import Synchronization

/// The door through which streams come: it greets whoever knocks, lets in as many as there are places, and tells the others why
/// not, whatever the line behind it does meanwhile.
///
/// ```
///   knock ─▶ guest: greeting ─▶ sender ─▶ arrivals │ ─▶ transport
///                └─▶ refused: no place, another secret, no aup, 5 s over
/// ```
///
/// A place whose sender has been silent for longer than the liveness goes to the next one who asks for it: a process that hangs
/// must not hold it for ever, and one whose source is quiet may.
///
/// - Thread: transport makes, starts and stops it, takes senders and dismisses them; ``status`` is for main; the rest is
///   aup.network.
final class SenderDoor: @unchecked Sendable {
    // @unchecked because the guests belong to the thread alone, and the thread to who starts and stops it; the rest is constant,
    // atomic or behind a lock.

    /// Who is being greeted.
    private struct Guest {
        let descriptor: Descriptor
        let name: String
        var exchange: GreetingExchange
        let since: Int64
    }

    /// How many may send at one time: one, or with `--mix` so many.
    static let mixedPlaces = 64

    private let plan: DoorPlan
    private let door: StreamDoor
    private let events: EventQueue
    private let places: Int
    private let livenessNanoseconds: Int64
    private let bell = Doorbell()
    /// Rung when there is something in ``take()``.
    let arrivalBell = Doorbell()
    private let isStopping = Atomic<Bool>(false)
    private let isHeld = Atomic<Bool>(false)
    private var thread: WorkerThread?
    private var guests: [Guest] = []
    private var pause = DoorPause()
    private var knocks = KnockBudget()
    private let arrivals = Guarded<[Sender]>([])
    private let seated: Guarded<[Sender]>
    private let shared = Guarded(ReceivingStatus())

    /// Takes the places, so that a mistake is told before there is sound.
    init(
        _ plan: DoorPlan, places: Int, livenessNanoseconds: Int64, events: EventQueue
    ) throws(SessionFailure) {
        self.plan = plan
        self.places = places
        self.livenessNanoseconds = livenessNanoseconds
        self.events = events
        door = try StreamDoor(plan)
        if let warning = plan.warning { events.post(.warning(warning)) }
        seated = Guarded([])
    }

    var name: String { plan.address.word }
    var status: ReceivingStatus { shared.read { $0 } }

    /// Once or more often, it is the same; so is ``stop()``.
    func start() throws(SessionFailure) {
        guard thread == nil, !isStopping.load(ordering: .relaxed) else { return }
        do throws(SystemError) {
            thread = try WorkerThread(name: "aup.network") { self.run() }
        } catch {
            throw .before(.failed(error.message))
        }
    }

    func stop() {
        isStopping.store(true, ordering: .relaxed)
        bell.ring()
        thread?.join()
        thread = nil
        door.close()
    }

    /// Whoever came in and was not taken yet.
    func take() -> Sender? {
        var sender: Sender?
        arrivals.write { if !$0.isEmpty { sender = $0.removeFirst() } }
        return sender
    }

    /// While it is held nobody has a place, because another source is heard.
    func hold(_ isHeld: Bool) { self.isHeld.store(isHeld, ordering: .relaxed) }

    /// A sender is done, or not wanted any more: its place is free.
    func dismiss(_ sender: Sender) {
        seated.write { $0.removeAll { $0 === sender } }
        shared.write { $0.senders = max(0, $0.senders - 1) }
    }

    // MARK: - aup.network

    private func run() {
        while !isStopping.load(ordering: .relaxed) {
            waitForNews(monotonicNanoseconds())
            let now = monotonicNanoseconds()
            while let first = guests.first, now - first.since > Subscriber.greetingNanoseconds {
                turnAway(guests.removeFirst(), "it did not greet within 5 s")
            }
        }
        guests.removeAll()
    }

    private func waitForNews(_ now: Int64) {
        let isDeaf = pause.isOn(now)
        var entries = [pollfd(fd: bell.number, events: Int16(POLLIN), revents: 0)]
        for listener in door.listeners {
            entries.append(pollfd(fd: isDeaf ? -1 : listener.number, events: Int16(POLLIN), revents: 0))
        }
        let first = entries.count
        for guest in guests {
            entries.append(pollfd(fd: guest.descriptor.number, events: Int16(POLLIN), revents: 0))
        }
        let patience = bell.patience(milliseconds: isDeaf ? 50 : guests.isEmpty ? 10_000 : 500)
        guard unsafe poll(&entries, nfds_t(entries.count), patience) > 0 else { return }
        if entries[0].revents != 0 { bell.answer() }
        // From behind, since those who are greeted leave the row.
        for index in guests.indices.reversed() where entries[first + index].revents != 0 { read(index) }
        for (listener, entry) in zip(door.listeners, entries[1..<first]) where entry.revents != 0 { accept(listener) }
    }

    private func accept(_ listener: Descriptor) {
        // So many in one look, so that those who are greeted are not kept waiting by those who knock.
        for _ in 0..<64 {
            switch door.accept(listener) {
            case .nobody: return
            case .noRoom(let error):
                guard pause.begin(monotonicNanoseconds()) else { return }
                events.post(
                    .warning("\(name): no descriptor is left for another sender (\(error.reason)); it is tried again"))
                return
            case .connection(let descriptor): greet(descriptor)
            }
        }
    }

    private func greet(_ descriptor: Descriptor) {
        if guests.count >= DoorPlan.guestLimit {
            turnAway(guests.removeFirst(), "too many come at once, and it did not greet")
        }
        let refusal = door.refusal(of: descriptor)
        let exchange = GreetingExchange(listening: plan.secret) { [self] role, _ in
            if let refusal { return .final(refusal) }
            guard role == .send else { return .final("this end takes a stream and gives none; use --send here") }
            return place().map { .later($0) }
        }
        guests.append(
            Guest(
                descriptor: descriptor, name: door.name(of: descriptor, as: "a sender"), exchange: exchange,
                since: monotonicNanoseconds()))
    }

    /// Why there is no place; `nil` where there is one, which a silent sender has lost then.
    private func place() -> String? {
        if isHeld.load(ordering: .relaxed) { return "another source is heard there now; try again later" }
        let now = monotonicNanoseconds()
        var refusal: String?
        let (places, liveness) = (places, livenessNanoseconds)
        seated.write { seated in
            guard seated.count >= places else { return }
            guard let silent = seated.first(where: { $0.silence(now) >= liveness }) else {
                refusal =
                    places == 1
                    ? "\(seated[0].name) sends here already; --mix there takes several" : "\(places) send here already"
                return
            }
            silent.oust()
            seated.removeAll { $0 === silent }
        }
        return refusal
    }

    private func read(_ index: Int) {
        var space = [UInt8](repeating: 0, count: Greeting.messageBytes)
        let progress = unsafe space.withUnsafeMutableBytes { unsafe guests[index].descriptor.readNow($0) }
        switch progress {
        case .later: return
        case .over, .bytes(0):
            shared.write { $0.refused += 1 }
            guests.remove(at: index)
        case .bytes(let count):
            switch guests[index].exchange.take(space[..<count]) {
            case .wait: return
            case .send(let bytes): if !send(bytes, guests[index]) { guests.remove(at: index) }
            case .over(let bytes, let reason):
                _ = send(bytes, guests[index])
                turnAway(guests.remove(at: index), reason)
            case .welcome(let bytes, let rest):
                let guest = guests.remove(at: index)
                if send(bytes, guest) { seat(guest, rest) }
            }
        }
    }

    /// A greeting is shorter than what any socket takes at once.
    private func send(_ bytes: [UInt8], _ guest: Guest) -> Bool {
        unsafe bytes.withUnsafeBytes { unsafe guest.descriptor.sendNow($0) } == .bytes(bytes.count)
    }

    private func seat(_ guest: Guest, _ rest: [UInt8]) {
        let sender = Sender(
            guest.descriptor, name: guest.name, firstBytes: rest, stream: guest.exchange.hello?["stream"],
            now: monotonicNanoseconds())
        seated.write { $0.append(sender) }
        shared.write {
            $0.senders += 1
            $0.mostSenders = max($0.mostSenders, $0.senders)
        }
        arrivals.write { $0.append(sender) }
        arrivalBell.ring()
    }

    private func turnAway(_ guest: Guest, _ reason: String) {
        shared.write { $0.refused += 1 }
        guard knocks.admits(monotonicNanoseconds()) else { return }
        events.post(.happened(NamedEvent("sender_refused", "\(guest.name) is not taken: \(reason)")))
    }
}
