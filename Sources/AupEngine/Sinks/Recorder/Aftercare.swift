import AupFiles
import AupSystem
import Glibc

/// What a finished file still wants, away from the sound: its digest, its sidecar, its place in the folder, its hook.
///
///     transport ── finished file ─▶ [256] ─▶ aup.hooks: sha256 → sidecar → retention → [64] → hook
///
/// Hooks run beside the thread, so that one that hangs holds up no sidecar and no retention.
///
/// - Thread: transport calls; aup.hooks works; ``counts`` is for any.
final class Aftercare: Sendable {
    /// Finished files that wait; only a disk that stands still lets them become so many.
    static let capacity = 256
    /// How long the transport waits for room there: a fifth of what the audio ring holds.
    static let patienceMilliseconds: Int32 = 1000
    private static let stepMilliseconds: Int32 = 50
    /// How often the disk is looked at where it has to have room left.
    private static let watchMilliseconds: Int32 = 10_000

    struct Counts: Sendable {
        var hooks: Int64 = 0
        var failedHooks: Int64 = 0
        var removedFiles: Int64 = 0
        var unattended: Int64 = 0
    }

    private struct Content: Sendable {
        var files: [Sidecar] = []
        /// Files that were taken from the row and are not done.
        var attending = 0
        var isClosing = false
        /// A file came that nobody had time for: the folder is not what the keeper thinks.
        var isIncomplete = false
        var counts = Counts()
    }

    private let template: NameTemplate
    private let configuration: RecorderConfiguration
    private let events: EventQueue
    private let content = Guarded(Content())
    private let work = Doorbell()
    private let room = Doorbell()
    /// Rung by the thread when ``run()`` has returned.
    let end = Doorbell()

    init(_ template: NameTemplate, _ configuration: RecorderConfiguration, events: EventQueue) {
        self.template = template
        self.configuration = configuration
        self.events = events
    }

    var counts: Counts { content.read { $0.counts } }

    // MARK: - Transport

    /// Hands a finished file over.
    ///
    /// - Parameter isLive: the sound does not wait: where there is no room in time the file gets its sidecar here, so that
    ///   it is known again, and goes without a digest and a hook. A source that can wait does.
    func add(_ file: Sidecar, isLive: Bool, stop: StopRequest) {
        var patience = Self.patienceMilliseconds / Self.stepMilliseconds
        while patience > 0, !stop.isAbandoned {
            var isTaken = false
            content.write {
                guard $0.files.count < Self.capacity else { return }
                $0.files.append(file)
                isTaken = true
            }
            if isTaken {
                work.ring()
                return
            }
            room.wait(milliseconds: Self.stepMilliseconds)
            if isLive { patience -= 1 } else { stop.noteProgress() }
        }
        content.write {
            $0.isIncomplete = true
            $0.counts.unattended += 1
        }
        var plain = file
        plain.bytes = Self.bytes(of: file)
        if wantsSidecar(file) { try? plain.write() }
        events.post(.warning("\(file.path) is whole, but has no digest and no hook: the disk is too slow"))
    }

    private func wantsSidecar(_ file: Sidecar) -> Bool {
        configuration.writesSidecars(template) || (configuration.sidecar == .whenUseful && file.gapCount > 0)
    }

    private static func bytes(of file: Sidecar) -> Int64 {
        (try? Descriptor.reading(file.path))?.fileBytes.map { Int64($0) } ?? 0
    }

    /// Waits a while for the files that were handed over to be attended to; false when there are none.
    func waitForFile(milliseconds: Int32) -> Bool {
        guard content.read({ $0.attending > 0 || !$0.files.isEmpty }) else { return false }
        room.wait(milliseconds: milliseconds)
        return true
    }

    /// No more files come: ``run()`` returns once everything is done.
    func close() {
        content.write { $0.isClosing = true }
        work.ring()
    }

    func waitForEnd(milliseconds: Int32) { end.wait(milliseconds: milliseconds) }

    // MARK: - aup.hooks

    func run() {
        var hooks = HookQueue(
            words: configuration.hookCommand.flatMap { CommandWords($0)?.words } ?? [],
            timeoutNanoseconds: configuration.hookTimeoutNanoseconds)
        var keeper = FolderKeeper(template, configuration.retention)
        var recordingTime = WallClock.nanoseconds()
        while true {
            var taken = Content()
            content.write {
                taken = $0
                $0.attending = $0.files.count
                $0.files = []
                $0.isIncomplete = false
            }
            room.ring()
            if taken.isIncomplete { keeper.forget() }
            for file in taken.files {
                attend(file, &hooks, &keeper)
                recordingTime = file.end
                content.write { $0.attending -= 1 }
                room.ring()
                tend(&hooks)
            }
            if taken.files.isEmpty, configuration.minFreeBytes != nil {
                keeper.keep(now: recordingTime).forEach(events.post)
            }
            tend(&hooks)
            content.write { [hooks, keeper] in
                $0.counts.hooks = hooks.runs
                $0.counts.failedHooks = hooks.failures
                $0.counts.removedFiles = keeper.removed
            }
            if taken.files.isEmpty {
                if taken.isClosing, hooks.isIdle { return }
                wait(hooks)
            }
        }
    }

    private func attend(_ finished: Sidecar, _ hooks: inout HookQueue, _ keeper: inout FolderKeeper) {
        var file = finished
        let writes = wantsSidecar(file)
        let runsHook = configuration.hookCommand != nil
        if writes || runsHook { file.sha256 = sha256(ofFile: file.path) }
        file.bytes = Self.bytes(of: file)
        if writes {
            do throws(FileError) {
                try write(file, &keeper)
            } catch {
                events.post(.warning(error.message))
            }
        }
        keeper.add(KeptFile(path: file.path, bytes: file.bytes, end: file.end))
        keeper.keep(now: file.end).forEach(events.post)
        if runsHook, let complaint = hooks.add(file) { events.post(.warning(complaint)) }
    }

    /// A file without its sidecar would never be known again: on a full disk old files go for it, as for sound.
    private func write(_ file: Sidecar, _ keeper: inout FolderKeeper) throws(FileError) {
        do throws(FileError) {
            try file.write()
        } catch {
            guard !configuration.retention.isEmpty else { throw error }
            let removed = FolderKeeper.makeRoom(template, bytes: DiskRoom.leastBytes)
            removed.forEach(events.post)
            keeper.forget()
            try file.write()
        }
    }

    private func tend(_ hooks: inout HookQueue) {
        if let complaint = hooks.tend(now: monotonicNanoseconds()) { events.post(.warning(complaint)) }
    }

    private func wait(_ hooks: HookQueue) {
        var entries = ([work.number] + hooks.watched).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let patience = min(hooks.patience(now: monotonicNanoseconds()), Self.watchMilliseconds)
        _ = unsafe poll(&entries, nfds_t(entries.count), patience)
        if entries[0].revents != 0 { work.answer() }
    }
}
