import AupRealtime
import AupSound
import AupSystem
import AupWire
import Synchronization

/// Measures files, as fast as the machine goes: one on each processor, or one in pieces where there are fewer.
///
///     names ─▶ aup.meter, aup.meter … ─▶ results, in the order of the names ─▶ the set as one programme
///
/// A file that cannot be read is told and the others go on. It runs once.
///
/// - Thread: main.
public final class FileMetering {
    /// What became of one file.
    public struct Result: Sendable {
        public let item: Int
        /// `nil` where nothing could be measured.
        public var reading: MeterReading?
        /// What is known of the file itself: damage, a cut end.
        public var warnings: [String] = []
        public var ending = SessionEnding.done
    }

    public struct Outcome: Sendable {
        /// All files as one: loudness of all their blocks together, the largest of the peaks.
        public var album: MeterReading?
        public var results: [Result] = []
        public var isStopped = false
        public var seconds = 0.0

        /// Whether every file was measured to its end.
        public var isWhole: Bool { !isStopped && results.allSatisfy { $0.reading != nil && $0.ending == .done } }
    }

    /// How far it is, of all files together, 0 to 1.
    public struct Progress: Sendable {
        public var files = 0
        public var share = 0.0
    }

    /// What the threads share.
    private final class Desk: Sendable {
        let next = Atomic<Int>(0)
        let results = Guarded<[Int: Result]>([:])
        /// Of each file, how much is measured.
        let shares: Guarded<[Double]>
        let album = Guarded(Album())

        init(count: Int) { shares = Guarded(Array(repeating: 0, count: count)) }
    }

    /// The programme of all files; in a class because it cannot be copied.
    private final class Album: @unchecked Sendable {
        // @unchecked because the lock around it is the only way to it.
        var loudness = ProgrammeLoudness()
    }

    private let configurations: [SessionConfiguration]
    private let metering: MeteringConfiguration
    private let threadCount: Int
    /// Pieces of one file that are measured at once.
    private let pieceCount: Int
    private let desk: Desk
    let stop = StopRequest()
    let bell = Doorbell()
    private let signals = SignalInbox()

    /// - Parameters:
    ///   - configurations: one for each file, with the file as its input.
    ///   - atOnce: how many files, or pieces of them, are measured at the same time.
    public init(_ configurations: [SessionConfiguration], _ metering: MeteringConfiguration, atOnce: Int) {
        self.configurations = configurations
        self.metering = metering
        threadCount = max(1, min(atOnce, configurations.count, Limits.jobs))
        pieceCount = max(1, min(atOnce, Limits.jobs) / threadCount)
        desk = Desk(count: configurations.count)
    }

    /// - Parameters:
    ///   - tick: called now and then.
    ///   - ended: called for each file, in the order of the names.
    ///   - forced: called on a second ending signal; does not return.
    public func run(
        tick: (Progress) -> Void, ended: (Result) -> Void, forced: (Int32) -> Never
    ) -> Outcome {
        let began = monotonicNanoseconds()
        var threads: [WorkerThread] = []
        for _ in 0..<threadCount {
            let (desk, configurations, metering, stop, bell) = (desk, configurations, metering, stop, bell)
            let pieces = pieceCount
            do throws(SystemError) {
                threads.append(
                    try WorkerThread(name: "aup.meter", bell: bell) {
                        Self.work(desk, configurations, metering, pieces: pieces, stop: stop, bell: bell)
                    })
            } catch {
                // The others do its work, or nobody does and that is told.
                if threads.isEmpty { return failed(error.message) }
            }
        }
        var outcome = Outcome()
        while outcome.results.count < configurations.count {
            bell.wait(milliseconds: 100)
            answerSignals(forced)
            let isOver = threads.allSatisfy(\.isFinished)
            while let result = desk.results.read({ $0[outcome.results.count] }) {
                ended(result)
                outcome.results.append(result)
            }
            let shares = desk.shares.read { $0 }
            tick(Progress(files: outcome.results.count, share: shares.reduce(0, +) / Double(max(shares.count, 1))))
            if isOver, desk.results.read({ [count = outcome.results.count] in $0[count] }) == nil { break }
        }
        for thread in threads { thread.join() }
        // Behind one that was stopped there may be some that were done; the album has them.
        for item in outcome.results.count..<configurations.count {
            guard let result = desk.results.read({ $0[item] }) else { continue }
            ended(result)
            outcome.results.append(result)
        }
        outcome.isStopped = outcome.results.count < configurations.count
        outcome.album = album(outcome.results.compactMap(\.reading))
        outcome.seconds = Double(monotonicNanoseconds() - began) / 1e9
        return outcome
    }

    private func failed(_ message: String) -> Outcome {
        var outcome = Outcome()
        outcome.results = configurations.indices.map { Result(item: $0, ending: .failed(message)) }
        return outcome
    }

    func path(ofItem item: Int) -> String? {
        guard case .file(let path) = configurations[item].input else { return nil }
        return path
    }

    func answerSignals(_ forced: (Int32) -> Never) {
        while let arrival = signals.next() {
            guard case .finish(let number) = arrival else { continue }
            if stop.isRequested { forced(number) }
            stop.finish()
        }
    }

    /// All files as one.
    private func album(_ readings: [MeterReading]) -> MeterReading? {
        guard let first = readings.first else { return nil }
        var album = MeterReading(first.format)
        let programme = desk.album.read { $0.loudness.reading }
        album.takeProgramme(programme)
        for reading in readings {
            album.frames += reading.frames
            album.seconds += reading.seconds
            album.gaps += reading.gaps
            album.lostFrames += reading.lostFrames
            album.xruns += reading.xruns
            album.notNumbers += reading.notNumbers
            album.infinities += reading.infinities
            album.denormals += reading.denormals
            album.formatChanges += reading.formatChanges
            album.longestSilenceSeconds = max(album.longestSilenceSeconds, reading.longestSilenceSeconds)
        }
        album.total = MeterReading.Levels(together: readings)
        album.hasEnded = true
        return album
    }

    // MARK: - aup.meter

    private static func work(
        _ desk: Desk, _ configurations: [SessionConfiguration], _ metering: MeteringConfiguration, pieces: Int,
        stop: StopRequest, bell: Doorbell
    ) {
        while !stop.isRequested {
            let item = desk.next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard item < configurations.count else { return }
            let configuration = configurations[item]
            guard
                let result = measureInPieces(item, configuration, metering, desk, pieces: pieces, stop: stop)
                    ?? measure(item, configuration, metering, desk, stop: stop)
            else { return }
            desk.shares.write { $0[item] = 1 }
            desk.results.write { $0[item] = result }
            bell.ring()
        }
    }

    /// - Returns: `nil` for a file that is read in one go.
    private static func measureInPieces(
        _ item: Int, _ configuration: SessionConfiguration, _ metering: MeteringConfiguration, _ desk: Desk,
        pieces: Int, stop: StopRequest
    ) -> Result? {
        guard case .file(let path) = configuration.input, metering.plot == nil, !configuration.isInputRaw,
            configuration.duration == nil, let file = FilePieces(path, count: pieces, stop: stop)
        else { return nil }
        let analysis = SoundAnalysis(SoundAnalysis.Wishes(metering))
        let isWhole = try? file.measure(into: analysis) { share in desk.shares.write { $0[item] = share } }
        guard isWhole ?? false else { return nil }
        analysis.finish()
        desk.album.write { analysis.add(to: &$0.loudness) }
        return Result(item: item, reading: analysis.read())
    }

    /// - Returns: `nil` for a file that was not measured to its end, because of a stop: nothing is made of a half.
    private static func measure(
        _ item: Int, _ configuration: SessionConfiguration, _ metering: MeteringConfiguration, _ desk: Desk,
        stop: StopRequest
    ) -> Result? {
        var result = Result(item: item)
        let events = EventQueue(bell: Doorbell())
        do throws(SessionFailure) {
            let source = try InputSniffer(configuration: configuration, stop: stop, events: events).open()
            defer { source.close() }
            let taker = FileTaker(metering, stop: stop)
            let limit = configuration.duration.map { DurationLimit($0, next: taker) }
            let head: any PacketSink = limit ?? taker
            let expected = source.expectedFrames.map(Double.init)
            var hasEnded = false
            while !(limit?.isReached ?? false), !stop.isRequested {
                guard let packet = source.next() else {
                    source.wait()
                    continue
                }
                try head.take(packet)
                if let expected, expected > 0 {
                    let share = min(Double(taker.frames) / expected, 1)
                    desk.shares.write { $0[item] = share }
                }
                if case .end(let end) = packet {
                    hasEnded = end.reason != .stopped
                    break
                }
            }
            guard !stop.isRequested || hasEnded || limit?.isReached ?? false else { return nil }
            taker.analysis.finish()
            result.ending = source.ending
            result.reading = taker.analysis.read()
            desk.album.write { taker.analysis.add(to: &$0.loudness) }
            if let plan = metering.plot, let plot = taker.analysis.plot, let reading = result.reading {
                try plan.draw(plot, reading, of: configuration.input.name)
            }
        } catch {
            if stop.isRequested, result.reading == nil { return nil }
            if case .before(let ending) = error { result.ending = ending }
        }
        for event in events.takeAll() {
            switch event {
            case .warning(let text): result.warnings.append(text)
            case .happened(let named) where !named.isQuiet: result.warnings.append(named.text)
            default: break
            }
        }
        return result
    }
}

/// Takes the packets of one file.
private final class FileTaker: PacketSink {
    let analysis: SoundAnalysis
    private(set) var frames: Int64 = 0

    init(_ metering: MeteringConfiguration, stop: StopRequest) {
        var wishes = SoundAnalysis.Wishes(metering)
        wishes.hasPlot = metering.plot != nil
        wishes.stop = stop
        analysis = SoundAnalysis(wishes)
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(let description):
            guard let format = description.pcm else { return }
            try analysis.begin(format, source: description.source)
        case .audio(let audio):
            guard let base = unsafe audio.payload.baseAddress else { return }
            unsafe analysis.measure(base, frames: audio.frames)
            frames += Int64(audio.frames)
        case .silence(let silence):
            analysis.measureSilence(frames: silence.frames)
            frames += silence.frames
        case .gap(let gap): analysis.note(gap)
        case .event, .end: break
        }
    }

    func flush() throws(SessionFailure) {}
}
