import AupPlugins
import AupSound
import AupSystem
import AupWire
import Glibc
import Synchronization

/// One run of a subcommand: a source, stages, a sink, their threads, and the end of it all.
///
///     main:       signals, statistics, reports          ── run(observer:)
///     transport:  source.next() ─▶ stages ─▶ sink        ── aup.transport
///     audio:      device ⇄ ring                          ── aup.audio, one a device
///
/// A session runs once.
///
/// - Thread: main.
public final class Session {
    /// How long output that nobody takes is waited for once the session is told to end.
    public static let abandonSeconds = 2.0

    private let configuration: SessionConfiguration
    private let statsSeconds: Double?
    private let signals: SignalInbox
    private let desk: PlaybackDesk?
    private let stop = StopRequest()
    private let bell = Doorbell()
    private let events: EventQueue
    private let scheduling: Scheduling
    private let transport: Transport
    private let started = monotonicNanoseconds()
    private let processorSecondsBefore = Session.processorSeconds
    private var service = ServiceReport()
    /// Whether a signal has asked for the end.
    private var isEndWanted = false

    /// Called first of all, before anything is opened: see ``Descriptor/occupyStandard()``.
    public static func prepareProcess() { Descriptor.occupyStandard() }

    /// - Parameters:
    ///   - statsSeconds: the interval of requested status reports; `nil` for none.
    ///   - holdsTerminal: the observer has a terminal that is given back before the process is stopped.
    public init(_ configuration: SessionConfiguration, statsSeconds: Double?, holdsTerminal: Bool = false) {
        self.configuration = configuration
        self.statsSeconds = statsSeconds
        // The doorbell above must not be what a closed standard output turns into.
        precondition(bell.number > 2 || bell.number < 0, "standard descriptors are occupied first")
        desk = PlaybackDesk(configuration)
        // Before any thread starts, since threads inherit the mask.
        signals = SignalInbox(hasTerminal: desk != nil || holdsTerminal)
        events = EventQueue(bell: bell)
        scheduling = Scheduling(priority: configuration.realtimePriority)
        transport = Transport(configuration, stop: stop, scheduling: scheduling, events: events)
    }

    /// Runs to the end and says how it ended. Reports come through the observer, on this thread.
    ///
    /// - Parameter forced: called on a second ending signal; does not return.
    public func run(observer: any SessionObserver, forced: (Int32) -> Never) -> SessionOutcome {
        let thread: WorkerThread
        do throws(SystemError) {
            let transport = transport
            thread = try WorkerThread(name: "aup.transport", bell: bell) { transport.run() }
        } catch {
            return SessionOutcome(ending: .failed(error.message), status: SessionStatus())
        }
        var clock = ReportClock(
            statsSeconds: statsSeconds, tick: observer.tickNanoseconds, now: started)
        var losses = LossWatch()
        var hasWarned = false
        var abandonment = AbandonTimer(seconds: Self.abandonSeconds)
        var lastLook = started
        while !thread.isFinished {
            // A service manager's watchdog is fed every few looks; what else happens rings.
            let patience = service.isHeard ? 100 : clock.patience(monotonicNanoseconds())
            waitForNews(milliseconds: stop.isRequested ? 20 : patience)
            handleSignals(observer, forced: forced)
            report(to: observer)
            if !hasWarned, let warning = scheduling.result?.warning {
                hasWarned = true
                observer.session(noticed: .warning(warning))
            }
            let now = monotonicNanoseconds()
            service.beat(now: now, isStopping: stop.isRequested) { status }
            if now - lastLook >= 1_000_000_000 {
                lastLook = now
                CrashReport.look(blockLimitMilliseconds: configuration.chain.blockLimitMilliseconds)
            }
            let (isDue, isTick) = (clock.isDue(now), clock.isTick(now))
            if isDue || isTick {
                let status = status
                for event in losses.news(status) { observer.session(noticed: event) }
                observer.session(stands: status, isRequested: isDue)
            }
            if stop.isRequested {
                if abandonment.isOver(progress: stop.progressCount, now: now) { stop.abandon() }
                thread.kick()
            }
        }
        thread.join()
        desk?.leave()
        service.beat(now: monotonicNanoseconds(), isStopping: true) { status }
        report(to: observer)
        for event in losses.news(status, isLast: true) { observer.session(noticed: event) }
        return SessionOutcome(ending: transport.ending, status: status, isStopped: isEndWanted)
    }

    /// What a latency test has heard; for after the run, because it computes for a while.
    public func measureLatency() -> LatencyMeasurement? { transport.probe?.measure() }

    private func waitForNews(milliseconds: Int32) {
        var entries = [
            pollfd(fd: signals.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: bell.number, events: Int16(POLLIN), revents: 0),
            // Negative: not looked at.
            pollfd(fd: desk?.readable ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        _ = unsafe poll(&entries, 3, bell.patience(milliseconds: milliseconds))
        if entries[1].revents != 0 { bell.answer() }
        if entries[2].revents != 0 { desk?.handleKeys(transport, stop) }
    }

    private func handleSignals(_ observer: any SessionObserver, forced: (Int32) -> Never) {
        while let arrival = signals.next() {
            switch arrival {
            case .finish(SIGHUP) where transport.reload(): break
            case .finish(let number):
                if isEndWanted || stop.isRequested {
                    desk?.leave()
                    forced(number)
                }
                isEndWanted = true
                if !configuration.finishesInput { stop.finish() }
            case .status: observer.session(stands: status, isRequested: true)
            case .nextFile where transport.startNextFile(): break
            case .nextFile: observer.session(noticed: .warning("SIGUSR1: there is no next file to start here"))
            case .suspended:
                observer.session(terminal: .suspended)
                desk?.leave()
                SignalInbox.stopProcess()
            case .resumed:
                desk?.resume()
                observer.session(terminal: .resumed)
                observer.session(noticed: .note("resumed"))
            case .terminalResized: observer.session(terminal: .resized)
            }
        }
    }

    private func report(to observer: any SessionObserver) {
        for event in events.takeAll() { observer.session(noticed: event) }
    }

    private var status: SessionStatus {
        var status = transport.status
        status.seconds = Double(monotonicNanoseconds() - started) / 1e9
        status.cpuSeconds = Self.processorSeconds - processorSecondsBefore
        status.scheduling = scheduling.result?.summary
        return status
    }

    /// Of all threads of the process.
    private static var processorSeconds: Double {
        var usage = rusage()
        guard unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }
}

/// When the next status is asked for, and when the numbers are looked at in between.
private struct ReportClock {
    private let interval: Int64?
    private let tick: Int64
    private var nextReport: Int64
    private var nextTick: Int64

    init(statsSeconds: Double?, tick: Int64, now: Int64) {
        self.tick = tick
        interval = statsSeconds.map { Int64($0 * 1e9) }
        nextReport = now + (interval ?? 0)
        nextTick = now
    }

    mutating func isDue(_ now: Int64) -> Bool {
        guard let interval, now >= nextReport else { return false }
        // From the plan, not from now, so that intervals do not drift; after a suspension once and not for each missed.
        nextReport = max(nextReport + interval, now)
        return true
    }

    mutating func isTick(_ now: Int64) -> Bool {
        guard now >= nextTick else { return false }
        nextTick = now + tick
        return true
    }

    /// How long nothing is due, rounded up.
    func patience(_ now: Int64) -> Int32 {
        let next = interval == nil ? nextTick : min(nextTick, nextReport)
        return Int32(clamping: max(0, next - now) / 1_000_000 + 1)
    }
}

/// Tells slow from stuck: the time is over when nothing has moved for so long.
private struct AbandonTimer {
    private let limit: Int64
    private var lastProgress = -1
    private var since: Int64 = 0

    init(seconds: Double) {
        limit = Int64(seconds * 1e9)
    }

    mutating func isOver(progress: Int, now: Int64) -> Bool {
        if progress != lastProgress {
            lastProgress = progress
            since = now
        }
        return now - since >= limit
    }
}
