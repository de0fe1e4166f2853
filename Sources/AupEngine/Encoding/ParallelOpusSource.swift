import AupFiles
import AupOpus
import AupResampling
import AupSound
import AupSystem
import AupWire
import Glibc
import Synchronization

/// A sound file as packets of Opus that several threads make: one stream, exactly as long as one encoder's.
///
///     file ─▶ job 0: segments 0, 2, 4 … ─▶ queue ─┐
///     file ─▶ job 1: segments 1, 3, 5 … ─▶ queue ─┴▶ in order, joined (``SeamFinder``) ─▶ packets
///
/// Each job reads the file by itself, from a little before its segment, and runs on into the next one until both agree.
/// What waits for its turn is bounded (``EncodingPlan/keptBytes``), however long the file is.
///
/// - Thread: transport, but for ``status``.
final class ParallelOpusSource: PacketSource {
    private let name: String
    private let desk: EncodingDesk
    private let bell = Doorbell()
    private let queues: [PacketQueue]
    private var threads: [WorkerThread] = []
    private let events: EventQueue
    private let source: PCMFormat
    private let configuration: OpusConfiguration
    let expectedFrames: Int64?

    /// The segment that is given out, the packets of it that were, and those that a join has set aside.
    private var segment: Int64 = 0
    private var segmentPackets: Int64 = 0
    private var ready: ArraySlice<PacketQueue.Item> = []
    private var finder: SeamFinder?
    /// How the segment, and the one that is joined to it, came to their end.
    private var end: EncodedEnd?
    private var nextEnd: EncodedEnd?
    private var handed = ScratchBytes()
    private var position: Int64 = 0
    private var isStopping = false
    private var hasBegun = false
    /// What the file says about itself, right behind the format.
    private var waitingTags: [EventPacket]
    private var hasToldLength = false
    private var hasEnded = false
    private(set) var ending = SessionEnding.done
    private let shared = Guarded(EncodingStatus())
    /// Frames of the file, once all of them are encoded.
    private let wholeFrames = Guarded<Int64?>(nil)
    /// Where segments were joined: the number of the first packet of the later one, and whether they agreed there.
    private(set) var seams: [(packet: Int64, agreed: Bool)] = []
    private var given: Int64 = 0

    /// - Parameters:
    ///   - limitFrames: of the file that are encoded at most.
    ///   - open: gives the file once more, at its beginning; called once for each further job.
    init(
        _ first: SoundFileReader, name: String, settings: OpusSettings, jobs: Int, limitFrames: Int64 = .max,
        leastSeconds: Double = EncodingPlan.leastSeconds, runOnSeconds: Double = EncodingPlan.runOnSeconds,
        events: EventQueue, open: () throws(SessionFailure) -> SoundFileReader
    ) throws(SessionFailure) {
        self.name = name
        self.events = events
        source = first.format
        waitingTags = TagList.events(first.tags).reversed()
        if first.tagsLeftOut > 0 {
            events.post(
                .note(
                    "\(InputSniffer.place(name)): tags or pictures that are not copied: \(first.tagsLeftOut), more than \(SoundTag.longestValue >> 20) MiB each"
                ))
        }
        configuration = try Self.configuration(first, settings)
        let expected = min(first.totalFrames ?? limitFrames, limitFrames)
        expectedFrames = expected
        let frames = Resampler.length(of: expected, from: first.format.rate, to: OpusConfiguration.rate)
        // Encoders with a reserve hardly ever agree, and to look for the quietest place less is enough.
        let patience = settings.rateControl == .constrained ? min(runOnSeconds, 8) : runOnSeconds
        let plan = EncodingPlan(
            frames: frames, frameSize: settings.frameSize,
            bitsPerSecond: settings.bitsPerSecond
                ?? OpusSettings.usualBits(streams: configuration.streams, coupled: configuration.coupledStreams),
            jobs: jobs, leastSeconds: leastSeconds, runOnSeconds: patience)
        let late = configuration.frameSize + configuration.preSkipFrames
        shared.write { [late] in
            $0.codec = "opus"
            $0.delayNanoseconds = Int64(late) * 1_000_000_000 / Int64(OpusConfiguration.rate)
        }
        let desk = EncodingDesk(plan, settings, limitFrames: limitFrames)
        self.desk = desk
        let bell = bell
        queues = (0..<plan.jobs).map { _ in PacketQueue(bytes: plan.queueBytes, bell: bell) }
        var readers = [first]
        while readers.count < plan.jobs { readers.append(try open()) }
        for (number, reader) in readers.enumerated() {
            let job = EncodingJob(number, desk, reader, name: InputSniffer.place(name), queue: queues[number])
            do throws(SystemError) {
                threads.append(try WorkerThread(name: "aup.encode") { job.run() })
            } catch {
                close()
                throw .before(.failed("--jobs \(plan.jobs): \(error.message)"))
            }
        }
    }

    /// What a decoder must know of packets with these settings: one encoder more is asked.
    private static func configuration(
        _ reader: SoundFileReader, _ settings: OpusSettings
    ) throws(SessionFailure) -> OpusConfiguration {
        let format = reader.format
        do throws(OpusError) {
            return try OpusEncoder(
                settings, rate: settings.codingRate, channels: format.channels, layout: format.layout,
                originalRate: reader.originalRate ?? format.rate, originalFormat: format.sampleFormat
            ).configuration
        } catch {
            throw .before(.failed(error.message))
        }
    }

    /// What the packets are made of, which is counted, as where there is one job.
    var countedFormat: PCMFormat? { source }
    var countedFrames: Int64 {
        wholeFrames.read { $0 } ?? Resampler.length(of: status.frames, from: OpusConfiguration.rate, to: source.rate)
    }

    var status: EncodingStatus { shared.read { $0 } }

    func next() -> Packet? {
        if hasEnded { return nil }
        if !hasBegun {
            hasBegun = true
            return .format(StreamDescription(coding: .opus(configuration), source: name))
        }
        if let tag = waitingTags.popLast() { return .event(tag) }
        if isStopping { return finish(.stopped) }
        while true {
            if let item = ready.popFirst() { return give(item) }
            do throws(OpusError) {
                guard try advance() else { break }
            } catch {
                ending = .failed(error.message)
                return finish(.error)
            }
        }
        return end.flatMap { concluded($0) }
    }

    func wait() {
        if !isStopping { bell.wait(milliseconds: 100) }
    }

    func stop() { isStopping = true }

    func close() {
        desk.halt.finish()
        for queue in queues { queue.close() }
        for thread in threads { thread.join() }
        threads = []
    }

    // MARK: - Order

    private func queue(_ segment: Int64) -> PacketQueue { queues[desk.plan.job(of: segment)] }

    /// Takes what there is; false when there is nothing to go on with.
    private func advance() throws(OpusError) -> Bool {
        if finder != nil { return try join() }
        guard end == nil, let taken = queue(segment).take() else { return false }
        switch taken {
        case .packet(let item):
            let isOwn = desk.plan.isLast(segment) || segmentPackets < desk.plan.segmentPackets
            guard isOwn else {
                finder = SeamFinder(
                    configuration, hasDiscontinuousTransmission: desk.settings.hasDiscontinuousTransmission)
                finder?.add(earlier: item)
                return true
            }
            segmentPackets += 1
            ready = [item]
        case .end(let end): self.end = end
        }
        return true
    }

    /// Looks for the place where the next segment may go on.
    private func join() throws(OpusError) -> Bool {
        var hasNews = false
        while end == nil, let taken = queue(segment).take() {
            hasNews = true
            switch taken {
            case .packet(let item): finder?.add(earlier: item)
            case .end(let end): self.end = end
            }
        }
        // No more of the later one than of the earlier one: it can wait in its queue.
        while nextEnd == nil, finder?.isAhead ?? false, let taken = queue(segment + 1).take() {
            hasNews = true
            switch taken {
            case .packet(let item): finder?.add(later: item)
            case .end(let end): nextEnd = end
            }
        }
        if let place = finder?.agreement() { return leave(at: SeamFinder.Join(place: place), agreed: true) }
        guard let finder, let end else { return hasNews }
        // The sound was over before they agreed: the earlier one has all of it.
        guard case .handedOver = end else {
            ready = finder.earlier[...]
            self.finder = nil
            return true
        }
        let isComplete = finder.later.count >= finder.earlier.count || nextEnd != nil
        guard isComplete else { return hasNews }
        if let join = try finder.quietest() { return leave(at: join, agreed: false) }
        // The later one failed at its beginning, or found an end that the earlier one did not; what that made is kept.
        ready = finder.earlier[...]
        self.finder = nil
        if case .failed? = nextEnd {
            self.end = nextEnd
        } else {
            self.end = .failed("\(InputSniffer.place(name)) was changed while it was read; encode it again")
        }
        return true
    }

    /// Goes on with the next segment.
    private func leave(at join: SeamFinder.Join, agreed: Bool) -> Bool {
        guard let finder else { return false }
        let place = join.place
        ready = finder.earlier[..<place] + finder.later[place...]
        segmentPackets = Int64(finder.later.count)
        tellSeam(given + Int64(place), join, agreed)
        // What the earlier job still makes is of no use.
        desk.current.store(segment + 1, ordering: .relaxed)
        while end == nil {
            guard let taken = queue(segment).take() else {
                bell.wait(milliseconds: 10)
                continue
            }
            if case .end(let last) = taken { end = last }
        }
        segment += 1
        (self.finder, end, nextEnd) = (nil, nextEnd, nil)
        return true
    }

    private func tellSeam(_ packet: Int64, _ join: SeamFinder.Join, _ agreed: Bool) {
        seams.append((packet, agreed))
        let frame = packet * Int64(configuration.frameSize) - Int64(configuration.preSkipFrames)
        let how = agreed ? "where both encoders agreed" : "where it is heard least, since the encoders never agreed"
        events.post(
            .happened(
                NamedEvent(
                    "joined", "segments joined at frame \(frame), \(how)",
                    numbers: [
                        ("frame", Double(frame)), ("agreed", agreed ? 1 : 0), ("error_dbfs", Self.decibels(join.error)),
                        ("change_dbfs", Self.decibels(join.change)),
                    ], isQuiet: true)))
    }

    /// No less than -200, which stands for nothing at all.
    private static func decibels(_ power: Double) -> Double { 10 * log10(max(power, 1e-20)) }

    // MARK: - Packets

    private func give(_ item: PacketQueue.Item) -> Packet {
        given += 1
        let space = unsafe handed.space(item.bytes.count)
        unsafe space.copyBytes(from: item.bytes)
        shared.write {
            $0.packets += 1
            $0.bytes += Int64(item.bytes.count)
            $0.frames += Int64(item.frames)
        }
        defer { position += Int64(item.frames) }
        return .audio(
            unsafe AudioPacket(
                position: position, captureTime: nil, frames: item.frames, payload: UnsafeRawBufferPointer(space)))
    }

    private func concluded(_ end: EncodedEnd) -> Packet? {
        switch end {
        case .handedOver: return nil
        case .failed(let message):
            ending = .failed(message)
            return finish(.error)
        case .over(let length):
            if !hasToldLength, RateStage.hidesLength(from: source.rate, to: desk.settings.codingRate) {
                hasToldLength = true
                return .event(RateStage.length(length.frames, rate: source.rate, position: position))
            }
            wholeFrames.write { $0 = length.frames }
            // Nobody has anything to do any more, and what they saw on their way is complete.
            close()
            tellDamage()
            if let cutOff = length.cutOff, desk.limitFrames == .max {
                ending = .upstreamFailed(
                    "\(InputSniffer.place(name)) was cut off: \(cutOff.text); what arrived was kept")
            }
            return finish(ending == .done ? .normal : .error)
        }
    }

    private func tellDamage() {
        let pieces = desk.damagedPieces.load(ordering: .relaxed)
        guard pieces > 0 else { return }
        let frames = desk.damagedFrames.load(ordering: .relaxed)
        let filled = frames > 0 ? ", \(frames) frames of silence in their place" : ""
        events.post(
            .warning(
                "\(InputSniffer.place(name)): damaged pieces, seen \(pieces) times by all jobs together\(filled); take the file from its source again"
            ))
    }

    private func finish(_ reason: EndReason) -> Packet {
        hasEnded = true
        return .end(EndPacket(totalFrames: position, lostFrames: 0, reason: reason, message: ending.message ?? ""))
    }
}
