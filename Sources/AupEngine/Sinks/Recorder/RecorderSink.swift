import AupFiles
import AupSound
import AupSystem
import AupWire
import Synchronization

/// A recording in files: each frame of the stream is in one of them, and only in one.
///
///     packets   ┃━━━━━━━━━━━━┃━━━━━━━━━━━━┃━━━━━━━━━━┃        any lengths
///     files     └ 120000.wav ─────┘└ 130000.wav ────────┘      cut where the plan says, to the frame
///
/// A file is named by its first frame; a finished one goes to ``Aftercare``. A full disk ends the file, and where old
/// files may go for it the recording goes on in the next one with the very next frame.
///
/// - Thread: transport, but for ``startNextFile()`` and ``complete(_:)``.
final class RecorderSink: RecordingTail {
    /// Room that is made on a full disk, at the least: what seconds of sound need.
    static let leastRoom: Int64 = 4 << 20
    /// How often room is looked for on a full disk while finished files get their sidecars: a second.
    private static let roomAttempts = 20
    /// What a codec may still write for a packet and at the end of its file: the largest block of FLAC, of 8 channels.
    static let codecRoom: Int64 = 256 << 10

    let configuration: RecorderConfiguration
    private let template: NameTemplate
    private let makesMany: Bool
    private let container: RecordingContainer
    /// Lost frames are silence in the file; otherwise they are only counted.
    private let fillsGaps: Bool
    /// Each sound between `trigger=on` and `trigger=off` is a file, and the silence between them is in none.
    private let followsTrigger: Bool
    private let makeSegment: (_ path: String) -> any RecordingSegment
    private let events: EventQueue
    private let stop: StopRequest
    private let aftercare: Aftercare
    private var worker: WorkerThread?

    private var description: StreamDescription?
    private var names: NameRow
    private var plan: SplitPlan
    private var clock: RecordingClock?
    private var position: Int64 = 0
    private var segment: (any RecordingSegment)?
    /// What is known of the file that is being written.
    private var sidecar: Sidecar?
    /// What the stream last said of the device's clock: once a minute, while files may be shorter.
    private var clockPPM: Double?
    /// The next file begins where nobody planned it.
    private var isForced = false
    /// Between two sounds of a triggered recording.
    private var isPaused: Bool
    private var answeredRequests = 0
    private var framesSinceLook: Int64 = 0
    /// Files in a row that could not take a frame.
    private var fruitlessFiles = 0
    private let nextFileRequests = Atomic<Int>(0)
    private let finishedFiles = Atomic<Int>(0)
    private let displacedFiles = Atomic<Int>(0)

    init(
        _ template: NameTemplate, _ container: RecordingContainer, _ session: SessionConfiguration,
        _ configuration: RecorderConfiguration, stop: StopRequest, events: EventQueue,
        makeSegment: @escaping (_ path: String) -> any RecordingSegment
    ) {
        self.template = template
        self.container = container
        self.configuration = configuration
        self.stop = stop
        self.events = events
        self.makeSegment = makeSegment
        makesMany = configuration.makesMany(template)
        fillsGaps = session.liveness.gaps == .fill
        followsTrigger = makesMany && session.scheduling.trigger != nil
        isPaused = followsTrigger
        names = NameRow(template, zone: configuration.zone, avoidsTaken: makesMany)
        plan = SplitPlan(configuration.split, alignedTo: configuration.isAligned ? configuration.zone : nil)
        aftercare = Aftercare(template, configuration, events: events)
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(let description): try accept(description, packet)
        case .audio, .silence, .gap: try spread(packet)
        case .event(let event):
            try heed(event)
            try segment?.take(packet)
        case .end: try finishFile()
        }
    }

    func flush() throws(SessionFailure) { try segment?.flush() }

    private func accept(_ description: StreamDescription, _ packet: Packet) throws(SessionFailure) {
        if let before = self.description, makesMany,
            description.rate != before.rate || description.channels != before.channels
        {
            // A file has one rate: the next one takes the new one.
            try finishFile()
            isForced = true
            clock = nil
        }
        self.description = description
        if let segment {
            try segment.take(packet)
        } else if !makesMany {
            // At once, so that a name that is taken is told before anything is recorded.
            try openFile(at: WallClock.nanoseconds(), shown: WallClock.nanoseconds())
        }
    }

    // MARK: - Frames into files

    private func spread(_ packet: Packet) throws(SessionFailure) {
        guard let (start, frames, captureTime) = packet.span else { return }
        position = start
        guard !isPaused else { return }
        try answerRequest()
        var done: Int64 = 0
        while done < frames {
            if isFull() { try finishFile() }
            let moment = captureTime.map { $0 + nanoseconds(done) }
            do throws(SessionFailure) {
                try beginFile(moment)
            } catch {
                try goOn(after: error)
                continue
            }
            let count = min(plan.boundary.map { $0 - position } ?? .max, frames - done)
            let part = packet.part(first: done, count: count, rate: description?.rate ?? 1, position: position)
            do throws(SessionFailure) {
                try segment?.take(part)
                advance(part, count)
                done += count
                keepRoom(count)
            } catch {
                let kept = keptFrames(of: count)
                advance(part, kept)
                done += kept
                try goOn(after: error)
            }
        }
    }

    /// Whether the next frame belongs into the next file.
    private func isFull() -> Bool {
        if let boundary = plan.boundary { return position >= boundary }
        // What a codec makes of the next packet is not known, so room is left for it.
        guard let limit = plan.byteLimit, let segment, sidecar?.frames ?? 0 > 0 else { return false }
        return segment.byteCount + Self.codecRoom > limit
    }

    /// What the file learns from the stream, and when a sound begins and ends.
    private func heed(_ event: EventPacket) throws(SessionFailure) {
        switch (event.key, event.value) {
        case ("clock_ppm", let value):
            clockPPM = Double(value)
            sidecar?.clockPPM = clockPPM
        case ("trigger", "on") where followsTrigger:
            isPaused = false
            isForced = true
        case ("trigger", "off") where followsTrigger:
            try finishFile()
            isPaused = true
        default: break
        }
    }

    private func advance(_ part: Packet, _ frames: Int64) {
        if case .gap(let gap) = part, frames > 0 {
            sidecar?.add(Sidecar.Gap(position: position, frames: frames, cause: gap.cause))
            if fillsGaps { sidecar?.frames += frames }
        } else {
            sidecar?.frames += frames
        }
        position += frames
    }

    /// Frames of the last part that are in the file although it could not take all of them.
    private func keptFrames(of count: Int64) -> Int64 {
        guard case .full(_, let frames?)? = segment?.failure else { return 0 }
        return min(max(0, Int64(clamping: frames) - (sidecar?.frames ?? 0)), count)
    }

    // MARK: - A full disk

    /// Whether old files may go for new ones.
    private var mayMakeRoom: Bool { makesMany && !configuration.retention.isEmpty }

    /// Before the disk is full, because a codec cannot tell which of its frames a full one did not take.
    private func keepRoom(_ frames: Int64) {
        framesSinceLook += frames
        guard mayMakeRoom, framesSinceLook * 4 >= Int64(description?.rate ?? 0) else { return }
        framesSinceLook = 0
        _ = makeRoom()
    }

    /// The file could not go on. Where old files may go for new ones they do, and the next file takes over. A disk that
    /// has room and still takes nothing, for a quota, is tried twice: so this comes to an end.
    private func goOn(after error: SessionFailure) throws(SessionFailure) {
        let isFull = if case .full? = segment?.failure { true } else { false }
        if let failure = segment?.failure, case .full(_, nil) = failure { events.post(.warning(failure.message)) }
        fruitlessFiles = sidecar?.frames ?? 0 > 0 ? 0 : fruitlessFiles + 1
        leaveFile()
        guard isFull, mayMakeRoom, makeRoom() || fruitlessFiles < 2 else { throw error }
        isForced = true
    }

    /// Removes the oldest files until there is room for seconds of sound; false when there is none to be had.
    private func makeRoom() -> Bool {
        let room = max(configuration.minFreeBytes ?? 0, Self.leastRoom)
        for _ in 0..<Self.roomAttempts {
            guard let free = freeBytes(in: template.folder), free < room else { return true }
            let removed = FolderKeeper.makeRoom(template, bytes: room)
            removed.forEach(events.post)
            displacedFiles.wrappingAdd(removed.count, ordering: .relaxed)
            // A file that was just finished may go too, but is not known before it has its sidecar.
            guard !removed.isEmpty || aftercare.waitForFile(milliseconds: 50) else { break }
        }
        return freeBytes(in: template.folder).map { $0 >= room / 2 } ?? true
    }

    private func answerRequest() throws(SessionFailure) {
        let requests = nextFileRequests.load(ordering: .relaxed)
        guard requests != answeredRequests else { return }
        answeredRequests = requests
        // A plain name has no successor, and a file without a frame is the next file already.
        guard makesMany, let sidecar, sidecar.frames > 0 else { return }
        try finishFile()
        isForced = true
    }

    private func nanoseconds(_ frames: Int64) -> Int64 {
        TimeSpan.frames(frames).nanoseconds(rate: description?.rate ?? 1)
    }

    // MARK: - A file's beginning

    /// Makes sure that the frame at the position has a file.
    private func beginFile(_ monotonic: Int64?) throws(SessionFailure) {
        guard sidecar?.frames ?? 0 == 0, let description, let format = description.pcm else { return }
        let known = description.clock == .monotonicOfThisBoot ? monotonic : nil
        var time = clock ?? RecordingClock(rate: description.rate)
        // Looked up for each file, because a clock may be set.
        time.note(
            position: position, monotonic: known,
            moment: known.map { $0 + WallClock.offsetToMonotonic() } ?? WallClock.nanoseconds())
        clock = time
        let start = time.moment(at: position)
        let header = container.isMeasuredAhead ? WAVHeader(format, for: .file) : nil
        let shown = plan.begin(
            position: position, moment: start, rate: description.rate,
            room: header.map { ($0.format.frameBytes, $0.byteCount) }, isForced: isForced)
        isForced = false
        if segment == nil { try openFile(at: start, shown: shown) }
        sidecar?.position = position
        sidecar?.start = start
        segment?.noteStart(start)
    }

    private func openFile(at start: Int64, shown: Int64) throws(SessionFailure) {
        guard let description, let format = description.pcm else {
            throw .sink(
                .failed(
                    FileError.unwritable(container: "a file", what: description?.summary ?? "no sound").message))
        }
        let path = try names.next(at: shown)
        let opened = makeSegment(path)
        segment = opened
        sidecar = Sidecar(
            path: path, recipe: template.text, number: names.number, position: position, start: start, format: format,
            source: description.source)
        sidecar?.clockPPM = clockPPM
        try opened.take(.format(description))
        events.post(.note("recording into \(path)"))
    }

    // MARK: - A file's end

    private func finishFile() throws(SessionFailure) {
        guard let segment else { return }
        do throws(SessionFailure) {
            try segment.take(.end(EndPacket(totalFrames: 0, lostFrames: 0, reason: .normal)))
        } catch {
            leaveFile()
            throw error
        }
        leaveFile()
    }

    /// The file is named, or never will be: what is whole goes on to those who wait for it.
    private func leaveFile() {
        defer {
            segment = nil
            sidecar = nil
        }
        guard var file = sidecar, let path = segment?.finishedPath else { return }
        file.path = path
        finishedFiles.wrappingAdd(1, ordering: .relaxed)
        events.post(.fileFinished(path: path, position: file.position, frames: file.frames))
        let needsCare =
            configuration.writesSidecars(template) || configuration.hookCommand != nil
            || !configuration.retention.isEmpty || (configuration.sidecar == .whenUseful && file.gapCount > 0)
        guard needsCare else { return }
        startWorker()
        aftercare.add(file)
    }

    private func startWorker() {
        guard worker == nil else { return }
        do throws(SystemError) {
            worker = try WorkerThread(name: "aup.hooks") { [aftercare] in aftercare.run() }
        } catch {
            events.post(.warning("finished files are not looked after: \(error.message)"))
        }
    }

    func settle() {
        guard let worker else { return }
        aftercare.close()
        while !worker.isFinished {
            // Hooks have a time-out of their own; as long as they run, the session is not stuck.
            stop.noteProgress()
            aftercare.waitForEnd(milliseconds: 100)
        }
        worker.join()
        self.worker = nil
    }

    // MARK: - Main

    func startNextFile() -> Bool {
        guard makesMany else { return false }
        nextFileRequests.wrappingAdd(1, ordering: .relaxed)
        return true
    }

    func complete(_ status: inout SessionStatus) {
        let counts = aftercare.counts
        status.files += Int64(finishedFiles.load(ordering: .relaxed))
        status.removedFiles += counts.removedFiles + Int64(displacedFiles.load(ordering: .relaxed))
        status.hooks += counts.hooks
        status.failedHooks += counts.failedHooks
    }
}
