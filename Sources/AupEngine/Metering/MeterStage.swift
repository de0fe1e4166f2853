import AupFiles
import AupRealtime
import AupSound
import AupSystem
import AupWire
import Glibc

/// Measures what passes and hands every packet on as it is, before it is looked at: what is measured is never late.
///
///     packet ─▶ next
///        └────▶ [decoder] ─▶ analysis ─▶ readings: each interval of sound, and whatever somebody watches
///
/// Readings come at exact times of the sound, whatever its packets: those that are told one by one wait for a reader
/// where the source can wait.
///
/// - Thread: transport, but for ``latest``.
final class MeterStage: PacketSink {
    private let next: any PacketSink
    private let configuration: MeteringConfiguration
    private let analysis: SoundAnalysis
    private let events: EventQueue
    private let stop: StopRequest
    private var opus: OpusTap?
    private var alarms: MeterAlarms
    private var isLive = false
    /// Whether capture times may be compared with the time here.
    private var hasOwnClock = false
    private var rate = 0
    /// How long ago the newest frames were captured, where the clock that told it is ours.
    private var latency: Int64?
    /// Who is given readings: lines that are told one by one, somebody who looks on, and alarms.
    private var told: ReadingListener?
    private var seen: ReadingListener?
    private var watch: ReadingListener?
    /// Frames that were measured, of all formats.
    private var frames: Int64 = 0
    private var isConcluded = false
    private let shared = Guarded<MeterReading?>(nil)
    private let hook: AlarmHook?
    private let web: MeterWeb?
    private let isResetWanted: Guarded<Bool>

    /// - Throws: `failed` where the thread for `--on-alarm` cannot be made.
    init(
        _ configuration: MeteringConfiguration, stop: StopRequest, events: EventQueue, next: any PacketSink
    ) throws(SessionFailure) {
        let isResetWanted = Guarded(false)
        self.isResetWanted = isResetWanted
        web = try configuration.web.map { plan throws(SessionFailure) in
            try MeterWeb(plan) { isResetWanted.write { $0 = true } }
        }
        if let web { events.post(.happened(NamedEvent("web", "levels are at \(web.url)"))) }
        hook = try configuration.alarmCommand.map { command throws(SessionFailure) in
            guard let words = CommandWords(command)?.words else {
                throw .before(
                    .usage("--on-alarm: '\(command)' is no command: a quote is open, or there is nothing in it"))
            }
            return try AlarmHook(
                words: words, timeoutNanoseconds: configuration.alarmTimeoutNanoseconds, events: events)
        }
        self.next = next
        self.configuration = configuration
        self.stop = stop
        self.events = events
        alarms = MeterAlarms(configuration.alarms)
        analysis = SoundAnalysis(SoundAnalysis.Wishes(configuration))
    }

    /// The newest reading; the last of all once the sound is over. - Thread: any.
    var latest: MeterReading? { shared.read { $0 } }

    /// Waits for the commands of alarms, and for browsers to have the last reading.
    func close() {
        hook?.finish()
        web?.close()
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        // A format that cannot be measured is told before anything of it is on its way.
        if case .format = packet {
            try look(packet)
            return try next.take(packet)
        }
        if case .end = packet {
            try look(packet)
            return try next.take(packet)
        }
        try next.take(packet)
        try look(packet)
    }

    func flush() throws(SessionFailure) { try next.flush() }

    // MARK: - Measuring

    private func look(_ packet: Packet) throws(SessionFailure) {
        var wantsReset = false
        isResetWanted.write {
            wantsReset = $0
            $0 = false
        }
        if wantsReset {
            analysis.reset()
            alarms.reset()
            for listener in [\MeterStage.told, \.seen, \.watch] { self[keyPath: listener]?.forget() }
        }
        if case .format(let description) = packet {
            (isLive, hasOwnClock) = (description.isLive, description.hasOwnClock)
            opus = description.pcm == nil ? OpusTap(events: events) : nil
        }
        guard let opus else { return try measure(packet) }
        opus.put(packet)
        while let decoded = opus.next() { try measure(decoded) }
    }

    private func measure(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(let description):
            guard let format = description.pcm else { return }
            try analysis.begin(format, source: description.source)
            if rate != format.rate { try plan(rate: format.rate) }
        case .audio(let audio):
            guard let format = analysis.format, let base = unsafe audio.payload.baseAddress else { return }
            latency = hasOwnClock ? audio.captureTime.flatMap { age(of: $0, at: monotonicNanoseconds()) } : nil
            var done = 0
            while done < audio.frames {
                let count = Int(min(Int64(audio.frames - done), ahead()))
                unsafe analysis.measure(base + done * format.frameBytes, frames: count)
                done += count
                pass(Int64(count))
            }
        case .silence(let silence):
            guard analysis.format != nil else { return }
            var done: Int64 = 0
            while done < silence.frames {
                // Whoever looks on sees a silence of years in steps that grow with it; who is told to end does not wait.
                let count = min(silence.frames - done, stop.isRequested ? .max : ahead(patience: done / 1000))
                analysis.measureSilence(frames: count)
                done += count
                pass(count)
            }
        case .gap(let gap): analysis.note(gap)
        case .event: break
        case .end: conclude()
        }
    }

    /// Measures what is left and makes the last reading, whatever ended the sound; only once.
    func conclude() {
        guard !isConcluded else { return }
        isConcluded = true
        analysis.finish()
        note()
        // What alarms have not looked at yet is too short for a level of its own.
        if let levels = watch?.recent, let reading = read(levels) { ring(reading) }
        guard let reading = read(seen?.levels ?? told?.levels) else { return }
        shared.write { $0 = reading }
        web?.publish(reading)
    }

    // MARK: - Readings

    /// - Throws: `usage` for an interval that is none at this rate.
    private func plan(rate: Int) throws(SessionFailure) {
        self.rate = rate
        func listener(_ span: TimeSpan?) -> ReadingListener? {
            span.map { ReadingListener(ReadingClock($0, rate: rate, origin: frames)) }
        }
        if let interval = configuration.interval,
            !MeteringConfiguration.intervals.contains(interval.nanoseconds(rate: rate))
        {
            throw .before(.usage("--interval: between 10ms and 1h, which so many frames at \(rate) Hz are not"))
        }
        told = listener(configuration.interval)
        let isSeen = configuration.isWatched || configuration.web != nil
        seen = listener(isSeen ? .nanoseconds(MeteringConfiguration.watchedNanoseconds) : nil)
        watch = listener(configuration.alarms.isEmpty ? nil : .nanoseconds(MeteringConfiguration.alarmNanoseconds))
    }

    /// Frames to the next reading of any kind.
    ///
    /// - Parameter patience: so many frames at least to those that nobody counts.
    private func ahead(patience: Int64 = 0) -> Int64 {
        func rest(_ listener: ReadingListener?, _ least: Int64 = 0) -> Int64 {
            listener.map { max($0.clock.next - frames, least) } ?? .max
        }
        return min(rest(told), rest(seen, patience), rest(watch, patience))
    }

    private func pass(_ count: Int64) {
        frames += count
        let (isTold, isSeen, isWatched) = (
            told?.isDue(frames) ?? false, seen?.isDue(frames) ?? false, watch?.isDue(frames) ?? false
        )
        guard isTold || isSeen || isWatched else { return }
        note()
        if isWatched, let reading = read(watch?.levels) {
            ring(reading)
            if !isSeen { shared.write { $0 = reading } }
        }
        if isSeen, let reading = read(seen?.levels) {
            shared.write { $0 = reading }
            web?.publish(reading)
        }
        // One that was passed in the midst, because there was no time for it, is no reading of its time.
        if isTold, told?.clock.next == frames, let reading = read(told?.levels) {
            if seen == nil { shared.write { $0 = reading } }
            tell(reading)
        }
        if isTold { told?.pass(frames) }
        if isSeen { seen?.pass(frames) }
        if isWatched { watch?.pass(frames) }
    }

    /// Gives everybody the levels since the last time.
    private func note() {
        guard let levels = analysis.takeInterval() else { return }
        told?.note(levels)
        seen?.note(levels)
        watch?.note(levels)
    }

    private func read(_ levels: LevelReading?) -> MeterReading? {
        var reading = analysis.read(over: levels)
        reading?.latencyNanoseconds = latency
        return reading
    }

    /// No reading is left out where the source can wait for whoever writes them down.
    private func tell(_ reading: MeterReading) {
        while !isLive, !events.hasRoom, !stop.isRequested { usleep(1000) }
        events.post(.measured(reading))
    }

    private func ring(_ reading: MeterReading) {
        for change in alarms.look(reading) {
            let (alarm, isRaised, measured) =
                switch change {
                case .raised(let alarm, let measured): (alarm, true, measured)
                case .cleared(let alarm): (alarm, false, "")
                }
            let when = "at \(levelText(reading.seconds)) s"
            events.post(
                .happened(
                    NamedEvent(
                        isRaised ? "alarm" : "alarm-over",
                        isRaised ? "\(alarm.text): \(measured) \(when)" : "\(alarm.text) is over \(when)",
                        numbers: [("seconds", reading.seconds)])))
            hook?.post(
                AlarmHook.Call(alarm: alarm.text, isRaised: isRaised, seconds: reading.seconds, measured: measured))
        }
    }
}
