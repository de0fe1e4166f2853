import AupPlugins
import AupSound
import AupSystem
import Glibc
import Synchronization

/// The thread beside a chain of plugins: it answers whoever talks to the control socket and makes plugins anew.
///
/// Nothing it does makes the sound wait: values go through atomics, and a new chain is ready before it is offered.
///
/// - Thread: transport makes, starts and stops it; ``requestReload()`` is for any; the rest is aup.control.
final class ControlServer: @unchecked Sendable {
    // @unchecked because the connections belong to the thread alone, and the thread to who starts and stops it; the rest
    // is constant or atomic.

    /// Clients at one time.
    static let clientLimit = 16

    private var listener: LocalListener?
    private let desk: ChainDesk
    private let events: EventQueue
    private let watches: Bool
    private var watch: FileWatch?
    private var build: PluginBuild?
    /// A failed build may have written some of its files: they wait for the next one that does not fail.
    private var holdsBack = false
    /// When a watched file changed last; `nil` when all is loaded.
    private var changedAt: Int64?
    private let isStopping = Atomic<Bool>(false)
    private let wantsReload = Atomic<Bool>(false)
    private var thread: WorkerThread?
    private var clients: [ControlConnection] = []

    /// Takes the place, so that a mistake is told before there is sound.
    ///
    /// - Parameters:
    ///   - path: where it listens; `nil` for nowhere.
    ///   - watches: loads plugins anew when their files change.
    ///   - build: what makes them when their sources change.
    init(
        path: String?, watches: Bool = false, build: PluginBuild.Wish? = nil, desk: ChainDesk, events: EventQueue
    ) throws(SessionFailure) {
        self.desk = desk
        self.watches = watches
        self.events = events
        do throws(LocalSocket.Refusal) {
            if let path { listener = try LocalSocket.listen(path) } else { listener = nil }
        } catch {
            throw .before(.failed(Self.words(error, path ?? "")))
        }
        do throws(SystemError) {
            self.build = try build.map { wish throws(SystemError) in try PluginBuild(wish) }
        } catch {
            throw .before(.failed("--build: sources cannot be watched: \(error.message)"))
        }
    }

    private static func words(_ refusal: LocalSocket.Refusal, _ path: String) -> String {
        switch refusal {
        case .taken: "control socket \(path): another process listens there; choose another path"
        case .notSocket: "control socket \(path): something else has that name; choose another path or remove it"
        case .tooLong(let limit): "control socket: the path is longer than \(limit) bytes; choose a shorter one"
        case .failed(let error): "control socket \(path): \(error.reason)"
        }
    }

    func start() throws(SessionFailure) {
        do throws(SystemError) {
            thread = try WorkerThread(name: "aup.control") { self.run() }
        } catch {
            throw .before(.failed(error.message))
        }
    }

    /// Ends the thread and takes the socket's name away.
    func stop() {
        isStopping.store(true, ordering: .relaxed)
        desk.bell.ring()
        thread?.join()
        thread = nil
        listener = nil
    }

    func requestReload() {
        wantsReload.store(true, ordering: .relaxed)
        desk.bell.ring()
    }

    // MARK: - aup.control

    private func run() {
        // A plugin that is made anew here may crash here.
        CrashReport.prepareThread()
        beginToWatch()
        while !isStopping.load(ordering: .relaxed) {
            waitForNews()
            let now = monotonicNanoseconds()
            if build != nil { tendBuild(now) }
            if let changed = changedAt, now - changed >= Self.quietNanoseconds, build?.isRunning != true {
                changedAt = nil
                reload()
            }
            if wantsReload.exchange(false, ordering: .relaxed) { reload() }
            if desk.takeRestartRequest() { restart() }
            desk.forgetRetired()
            for client in clients {
                if client.hasLines { client.answer(now) }
                client.sendReadings(now)
            }
            clients.removeAll(where: \.isOver)
        }
        clients.removeAll()
        build?.abandon()
    }

    private func waitForNews() {
        var entries = [
            pollfd(fd: desk.bell.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: listener?.descriptor.number ?? -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: watch?.number ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        for client in clients {
            let wishes = (client.wantsToRead ? Int32(POLLIN) : 0) | (client.wantsToWrite ? Int32(POLLOUT) : 0)
            entries.append(pollfd(fd: client.descriptor.number, events: Int16(wishes), revents: 0))
        }
        let clientCount = clients.count
        for number in build?.watched ?? [] { entries.append(pollfd(fd: number, events: Int16(POLLIN), revents: 0)) }
        guard unsafe poll(&entries, nfds_t(entries.count), desk.bell.patience(milliseconds: patience)) > 0 else {
            return
        }
        let now = monotonicNanoseconds()
        for (client, entry) in zip(clients, entries.dropFirst(3).prefix(clientCount)) where entry.revents != 0 {
            let happened = Int32(entry.revents)
            if happened & Int32(POLLOUT) != 0 { client.write() }
            if happened & Int32(POLLIN) != 0 {
                client.read(now)
            } else if happened & (Int32(POLLHUP) | Int32(POLLERR)) != 0 {
                // Whoever does not read its answers and goes has nobody to take them.
                client.hangUp()
            }
        }
        if entries[0].revents != 0 { desk.bell.answer() }
        if entries[1].revents != 0 { accept() }
        if entries[2].revents != 0, watch?.takeChanges() ?? false { changedAt = now }
    }

    private var patience: Int32 {
        if clients.contains(where: \.hasLines) { return 0 }
        var dueTimes = clients.compactMap(\.nextReading)
        if let due = build?.due { dueTimes.append(due) }
        // While a build runs its end is waited for.
        if let changedAt, build?.isRunning != true { dueTimes.append(changedAt + Self.quietNanoseconds) }
        guard let next = dueTimes.min() else { return -1 }
        return Int32(clamping: max(0, next - monotonicNanoseconds()) / 1_000_000 + 1)
    }

    private func accept() {
        while let descriptor = listener?.accept() {
            if clients.count < Self.clientLimit {
                clients.append(ControlConnection(descriptor, desk: desk))
            } else {
                let refusal = Array("error \(Self.clientLimit) clients are connected already\n".utf8)
                _ = unsafe refusal.withUnsafeBytes { unsafe descriptor.sendNow($0) }
            }
        }
    }

    /// How long files must have been left alone: whoever builds several, or one in several goes, is waited for.
    private static let quietNanoseconds: Int64 = 50_000_000

    private func beginToWatch() {
        guard watches else { return }
        do throws(SystemError) {
            watch = try FileWatch(desk.files)
        } catch {
            events.post(.warning("--watch: \(error.message); SIGHUP still reloads"))
        }
    }

    private func restart() {
        do throws(PluginError) {
            try desk.remake()
        } catch {
            events.post(.warning("the plugins cannot be started again: \(error.message)"))
        }
    }

    /// Files that a build writes are loaded when it is over, and not when it failed.
    private func tendBuild(_ now: Int64) {
        for news in build?.tend(now: now) ?? [] {
            switch news {
            case .began(let path):
                events.post(.happened(NamedEvent("building", "\(path) has changed", isQuiet: true)))
            case .made(let seconds):
                events.post(
                    .happened(
                        NamedEvent("built", "the build is done", numbers: [("seconds", seconds)], isQuiet: true)))
                // What it wrote last was noticed before its end was.
                if watch?.takeChanges() ?? false || holdsBack { changedAt = now }
                holdsBack = false
            case .failed(let text, let lines, let status, let seconds):
                var event = NamedEvent(
                    "build-failed", text, numbers: [("status", Double(status)), ("seconds", seconds)])
                event.lines = lines
                events.post(.happened(event))
                if watch?.takeChanges() ?? false || changedAt != nil { holdsBack = true }
                changedAt = nil
            case .left(let path):
                events.post(
                    .warning(
                        "the build writes \(path) itself, which is not looked at any more; name the folders of the "
                            + "sources with --source"))
            }
        }
    }

    private func reload() {
        do throws(PluginError) {
            try desk.reload()
        } catch {
            events.post(.warning("the plugins stay as they were: \(error.message)"))
        }
    }
}
