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
    let configuration: RecorderConfiguration
    private let template: NameTemplate
    private let makesMany: Bool
    private let container: RecordingContainer
    /// Lost frames are silence in the file; otherwise they are only counted.
    private let fillsGaps: Bool
    /// Each sound between `trigger=on` and `trigger=off` is a file, and the silence between them is in none.
    private let followsTrigger: Bool
    private let makeSegment: (_ path: String) -> any RecordingSegment
    /// Samples that the container's format had no room for, of all files.
    private let clipped: Guarded<Int64>
    private let events: EventQueue
    private let stop: StopRequest
    private let aftercare: Aftercare
    /// `nil` where old files may not go for new ones.
    private let room: DiskRoom?
    private var worker: WorkerThread?

    private let recording: RecordingPlan

    private var description: StreamDescription?
    private var names: NameRow
    private var plan: SplitPlan
    private var clock: RecordingClock?
    private var position: Int64 = 0
    private var segment: (any RecordingSegment)?
    /// What is known of the file that is being written.
    private var sidecar: Sidecar?
    /// What the stream says about its sound, for each file.
    private var tagEvents: [EventPacket] = []
    /// What the stream last said of the device's clock: once a minute, while files may be shorter.
    private var clockPPM: Double?
    /// The next file begins where nobody planned it.
    private var isForced = false
    /// Between two sounds of a triggered recording.
    private var isPaused: Bool
    private var answeredRequests = 0
    /// Files in a row that could not take a frame.
    private var fruitlessFiles = 0
    private let nextFileRequests = Atomic<Int>(0)
    private let finishedFiles = Atomic<Int>(0)

    init(
        _ template: NameTemplate, _ container: RecordingContainer, _ session: SessionConfiguration,
        _ configuration: RecorderConfiguration, clipped: Guarded<Int64>, stop: StopRequest, events: EventQueue,
        makeSegment: @escaping (_ path: String) -> any RecordingSegment
    ) {
        self.template = template
        self.container = container
        self.configuration = configuration
        self.clipped = clipped
        self.stop = stop
        self.events = events
        self.makeSegment = makeSegment
        recording = session.recording
        makesMany = configuration.makesMany(template)
        fillsGaps = session.liveness.gaps == .fill
        followsTrigger = makesMany && session.scheduling.trigger != nil
        isPaused = followsTrigger
        names = NameRow(template, zone: configuration.zone, avoidsTaken: makesMany)
        plan = SplitPlan(configuration.split, alignedTo: configuration.isAligned ? configuration.zone : nil)
        aftercare = Aftercare(template, configuration, events: events)
        room =
            makesMany && !configuration.retention.isEmpty
            ? DiskRoom(template, configuration, aftercare, events: events) : nil
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
                room?.keep(for: count, rate: description?.rate ?? 1)
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
        // What a codec makes of the next packets is not known, so room is left for it; half of a very small file at most.
        guard let limit = plan.byteLimit, let segment, let format = description?.pcm, sidecar?.frames ?? 0 > 0
        else { return false }
        return segment.byteCount + min(segment.reserveBytes(for: format), limit / 2) > limit
    }

    /// What the file learns from the stream, and when a sound begins and ends.
    private func heed(_ event: EventPacket) throws(SessionFailure) {
        switch (event.key, event.value) {
        case (TagList.eventKey, _) where tagEvents.count < SoundTag.mostTags: tagEvents.append(event)
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

    /// The file could not go on. Where old files may go for new ones they do, and the next file takes over. A disk that
    /// has room and still takes nothing, for a quota, is tried twice: so this comes to an end.
    private func goOn(after error: SessionFailure) throws(SessionFailure) {
        let isFull = if case .full? = segment?.failure { true } else { false }
        if let failure = segment?.failure, case .full(_, nil) = failure { events.post(.warning(failure.message)) }
        fruitlessFiles = sidecar?.frames ?? 0 > 0 ? 0 : fruitlessFiles + 1
        leaveFile()
        guard isFull, let room, room.make() || fruitlessFiles < 2 else { throw error }
        isForced = true
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
        let header = container.isMeasuredAhead ? recording.header(format, tagEvents) : nil
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
        let opened = try openSegment(at: shown, description)
        segment = opened.segment
        sidecar = Sidecar(
            path: opened.path, recipe: template.text, number: names.number, position: position, start: start,
            format: format, source: description.source)
        sidecar?.clockPPM = clockPPM
        events.post(.note("recording into \(opened.path)"))
    }

    private func openSegment(
        at moment: Int64, _ description: StreamDescription
    ) throws(SessionFailure) -> (segment: any RecordingSegment, path: String) {
        let path = try names.next(at: moment)
        let segment = makeSegment(path)
        do throws(SessionFailure) {
            try begin(segment, description)
            return (segment, path)
        } catch {
            // Retention removes empty folders, and may have seen this one between its making and its first file.
            guard makesMany, case .missingFolder? = segment.failure, makeFolders(for: path) == 0 else {
                self.segment = segment
                throw error
            }
            let second = makeSegment(path)
            self.segment = second
            try begin(second, description)
            return (second, path)
        }
    }

    private func begin(
        _ segment: any RecordingSegment, _ description: StreamDescription
    ) throws(SessionFailure) {
        try segment.take(.format(description))
        for event in tagEvents { try segment.take(.event(event)) }
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
        aftercare.add(file, isLive: description?.isLive ?? true, stop: stop)
    }

    private func startWorker() {
        guard worker == nil else { return }
        do throws(SystemError) {
            worker = try WorkerThread(name: "aup.hooks", bell: aftercare.end) { [aftercare] in aftercare.run() }
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
        status.removedFiles += counts.removedFiles + (room?.removedFiles ?? 0)
        status.hooks += counts.hooks
        status.failedHooks += counts.failedHooks
        status.clippedSamples += clipped.read { $0 }
    }
}
