import AupNetwork
import AupOpus
import AupSound
import AupSystem
import Synchronization

/// The thread that gives packets to an Icecast server, and comes back when the connection broke.
///
/// ```
///   spool ─▶ LiveOggStream ─▶ pages ─▶ HTTPUpload ─▶ server
///     ▲  └ release: acknowledged       │
///     └───── rewind ◀──────────────────┘ broken: from the first page on that was not acknowledged, in a stream of its own
/// ```
///
/// - Thread: transport makes, starts and stops it, and rings; ``status`` and ``failure`` are for any; the rest is aup.icecast.
final class IcecastFeed: @unchecked Sendable {
    // @unchecked because what is not constant, atomic or behind a lock belongs to the thread alone, and the thread to who
    // starts and stops it.

    let spool: PacketSpool
    private let plan: IcecastPlan
    private let bitsPerSecond: Int?
    private let name: String
    private let stop: StopRequest
    private let events: EventQueue
    private let upload: HTTPUpload
    private let isStopping = Atomic<Bool>(false)
    private let shared = Guarded((status: IcecastStatus(), failure: String?.none))
    private var thread: WorkerThread?

    private var link: SourceLink
    private var connection: IcecastConnection?
    /// Whose packets come next, or came last.
    private var heading: CodedHeading?
    /// What was last said to be missing at the server, and when somebody was last heard of.
    private var toldLost: Int64 = 0
    private var progressAt: Int64 = 0
    private var goneAt: Int64 = 0
    private var hasToldWaiting = false

    /// - Parameter bitsPerSecond: of the sound, where that is known.
    init(
        _ plan: IcecastPlan, bitsPerSecond: Int?, stop: StopRequest, events: EventQueue
    ) throws(SessionFailure) {
        (self.plan, self.bitsPerSecond, self.stop, self.events) = (plan, bitsPerSecond, stop, events)
        name = plan.address.word
        spool = PacketSpool(
            nanoseconds: plan.configuration.spoolNanoseconds, bytes: IcecastConfiguration.spoolBytes)
        link = SourceLink(
            first: plan.firstPatience, later: plan.laterPatience, now: monotonicNanoseconds(),
            patience: plan.livenessNanoseconds)
        do throws(HTTPUpload.Unavailable) {
            upload = try HTTPUpload()
        } catch {
            throw .before(.failed("\(plan.address.word): \(error.message)"))
        }
    }

    var status: IcecastStatus {
        var status = shared.read { $0.status }
        let counts = spool.counts
        (status.frames, status.spooledFrames, status.lostFrames) = (
            counts.acknowledgedFrames, counts.waitingFrames, counts.lostFrames
        )
        return status
    }

    /// Why no more is taken; `nil` while it is.
    var failure: String? { shared.read { $0.failure } }

    func start() throws(SessionFailure) {
        do throws(SystemError) {
            thread = try WorkerThread(name: "aup.icecast") { self.run() }
        } catch {
            throw .before(.failed(error.message))
        }
    }

    /// Something was put into the spool.
    func ring() { upload.wake() }

    /// Ends the thread once everything was acknowledged, or nothing is any more.
    func finish() {
        guard let thread else { return }
        spool.end()
        isStopping.store(true, ordering: .relaxed)
        upload.wake()
        thread.join()
        self.thread = nil
    }

    // MARK: - aup.icecast

    private func run() {
        progressAt = monotonicNanoseconds()
        var stoppedAt: Int64?
        loop: while true {
            let now = monotonicNanoseconds()
            if isStopping.load(ordering: .relaxed) {
                progressAt = stoppedAt == nil ? now : progressAt
                stoppedAt = stoppedAt ?? now
                if isDone || stop.isAbandoned || now - progressAt >= plan.livenessNanoseconds { break }
            }
            let patience: Int32 = stoppedAt == nil ? 200 : 20
            switch link.next(now: now) {
            case .begin:
                guard begin(now) else {
                    _ = upload.step(milliseconds: patience)
                    continue
                }
            case .wait(let until):
                _ = upload.step(milliseconds: min(patience, Int32(clamping: (until - now) / 1_000_000 + 1)))
            case .go: move(patience)
            case .drop: leave(upload.end(), isDead: true)
            case .giveUp:
                fail("\(name): nobody took the stream in time")
                break loop
            }
        }
        settle(upload.end())
        tellEnd()
    }

    private var isDone: Bool { spool.isEmpty && connection?.hasMore != true }

    /// False where there is nothing to send yet.
    private func begin(_ now: Int64) -> Bool {
        heading = spool.nextHeading ?? heading
        guard let heading else { return false }
        link.begun(now: now)
        do throws(HTTPUpload.Unavailable) {
            try upload.begin(plan.request(heading, bitsPerSecond: bitsPerSecond))
            connection = IcecastConnection(spool, pageNanoseconds: plan.pageNanoseconds)
        } catch {
            link.ended(now: now, isFinal: true, chance: 0)
            fail("\(name): \(error.message)")
        }
        return true
    }

    private func move(_ milliseconds: Int32) {
        guard let connection else { return }
        // What came meanwhile rang, and is looked at before the wait.
        var facts = upload.step(milliseconds: 0)
        if !facts.isOver, !facts.wantsBytes || !connection.canGive { facts = upload.step(milliseconds: milliseconds) }
        let now = monotonicNanoseconds()
        if facts.isWelcome, !facts.isOver, link.state == .greeting { welcome(now) }
        do {
            while facts.wantsBytes, !facts.isOver, let page = try connection.nextPage() {
                try upload.offer(page.bytes)
                shared.write {
                    $0.status.pages += 1
                    $0.status.bytes += Int64(page.bytes.count)
                }
                facts = upload.step(milliseconds: 0)
            }
        } catch {
            link.ended(now: now, isFinal: true, chance: 0)
            fail("\(name): \((error as? OpusError)?.message ?? (error as? HTTPUpload.Unavailable)?.message ?? "")")
            return
        }
        heading = connection.heading ?? heading
        guard !facts.isOver else { return leave(upload.end(), isDead: false) }
        settle(facts)
    }

    /// Takes account of what was acknowledged.
    private func settle(_ facts: HTTPUpload.Facts) {
        guard let connection else { return }
        let now = monotonicNanoseconds()
        if connection.acknowledge(facts.acknowledgedBytes) {
            progressAt = now
            stop.noteProgress()
            link.alive(now: now)
        } else if !connection.isAwaiting {
            link.alive(now: now)
        }
    }

    private func welcome(_ now: Int64) {
        link.welcomed(now: now)
        progressAt = now
        hasToldWaiting = false
        let isAgain = link.welcomes > 1
        shared.write {
            $0.status.isConnected = true
            if isAgain { $0.status.reconnects += 1 }
        }
        let counts = spool.counts
        let lost = counts.lostFrames - toldLost
        toldLost = counts.lostFrames
        guard isAgain else {
            var event = NamedEvent("connected", "\(name) takes the stream")
            event.isQuiet = true
            return events.post(.happened(event))
        }
        events.post(
            .happened(
                NamedEvent(
                    "reconnected",
                    "\(name) is back; it goes on behind frame \(counts.acknowledgedFrames + counts.lostFrames)"
                        + (lost > 0 ? ", \(lost) frames lost because --spool was full" : ", nothing is lost here"),
                    numbers: [
                        ("seconds", Double(now - goneAt) / 1e9), ("lost_frames", Double(lost)),
                        ("acknowledged_frames", Double(counts.acknowledgedFrames)),
                        ("spooled_frames", Double(counts.waitingFrames)),
                    ])))
    }

    /// The connection is over: what it did not acknowledge goes back to the spool.
    private func leave(_ facts: HTTPUpload.Facts, isDead: Bool) {
        settle(facts)
        let now = monotonicNanoseconds()
        let wasUp = link.state == .up
        let verdict = IcecastVerdict(facts, host: plan.address.host)
        let isFinal = !isDead && verdict.isFinal
        let why = !isDead ? verdict.text : wasUp ? "it takes nothing any more" : "it does not answer"
        let repeated = connection?.outstandingPages ?? 0
        connection = nil
        spool.rewind()
        link.ended(now: now, isFinal: isFinal, chance: .random(in: 0...1))
        shared.write {
            $0.status.isConnected = false
            $0.status.repeatedPages += Int64(repeated)
        }
        if isFinal { return fail("\(name): \(why)") }
        if case .giveUp = link.next(now: now) {
            return fail(
                "\(name): \(why)" + (link.welcomes == 0 && plan.firstPatience == 0 ? "; --retry waits for it" : ""))
        }
        guard wasUp || !hasToldWaiting, !(isStopping.load(ordering: .relaxed) && isDone) else { return }
        hasToldWaiting = true
        if wasUp { goneAt = now }
        let counts = spool.counts
        events.post(
            .happened(
                NamedEvent(
                    wasUp ? "disconnected" : "waiting", "\(name): \(why); it is tried again",
                    numbers: [
                        ("acknowledged_frames", Double(counts.acknowledgedFrames)),
                        ("spooled_frames", Double(counts.waitingFrames)), ("repeated_pages", Double(repeated)),
                    ])))
    }

    private func fail(_ text: String) { shared.write { $0.failure = $0.failure ?? text } }

    /// What is left is lost.
    private func tellEnd() {
        shared.write { $0.status.isConnected = false }
        let frames = spool.giveUp()
        guard frames > 0 else { return }
        fail("\(name): \(frames) frames at the end were not taken")
    }
}
