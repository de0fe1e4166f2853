import AupFiles
import AupSound
import AupSystem
import AupWire

/// Several files, streams and headerless inputs as one source: played one after the other without a frame between.
///
/// Positions go on over the borders of files. A format packet comes where the format changes; the name and the title of
/// each file come as events. What cannot be played is told, skipped and counted, and the session fails at its end.
///
///     words ─▶ PlayOrder ─▶ entry ─▶ SoundFileReader ─▶ aup.disk ─▶ packets
///                       ╰─▶ entry ─▶ StreamSource, … ──────────────╯
///
/// - Thread: transport, but for ``now(isPaused:)``.
final class PlaylistSource: PacketSource {
    /// Where the sound goes, as far as jumping about in it needs to know.
    struct Outlet {
        /// Sound that was handed over and is not heard yet, in nanoseconds. Any thread.
        var unheardNanoseconds: () -> Int64 = { 0 }
        /// Whether that sound is on its way out, so that one may wait until it is heard.
        var isSounding: () -> Bool = { false }
        /// Drops what is not on its way out yet; returns how many nanoseconds of sound that were.
        var discard: () -> Int64 = { 0 }
        /// Told that all there is to play was handed over, or that there is more again.
        var setComplete: (Bool) -> Void = { _ in }
    }

    let configuration: SessionConfiguration
    let playlist: PlaylistConfiguration
    let stopRequest: StopRequest
    let events: EventQueue
    let timeline = Guarded(PlaybackTimeline())
    let entries: [PlayOrder.Entry]
    var outlet = Outlet()
    var disk: DiskThread?

    /// What is playing and what is opened ahead of its turn.
    var current: PlayedEntry?
    var upcoming: PlayedEntry?
    /// The entry whose turn is next.
    var nextIndex = 0
    /// Passes through the order that have begun, and frames given in this one.
    var pass = 1
    var passFrames: Int64 = 0
    /// What is left to be skipped of this pass, and the length of the files that were.
    var skip: TimeSpan?
    var skippedNanoseconds: Int64 = 0
    /// Entries that could not be played, and what the first one's message was.
    var failed: Set<Int> = []
    var firstProblem: SessionEnding?
    private(set) var position: Int64 = 0
    private var lostFrames: Int64 = 0
    private var format: PCMFormat?
    private var waitingEvents: [EventPacket] = []
    /// The entry whose name and title were said.
    private var announced: PlayedEntry?
    private var isStopping = false
    private var isOver = false
    private var hasEnded = false
    private(set) var ending = SessionEnding.done
    private let clock = Doorbell()

    /// Sound that is still unheard at the end of the order is waited for while a listener may want to go back, down to
    /// this much: the rest is heard while the device is drained.
    private static let lastNanoseconds: Int64 = 150_000_000

    init(
        _ playlist: PlaylistConfiguration, _ configuration: SessionConfiguration, stop: StopRequest, events: EventQueue
    ) throws(SessionFailure) {
        self.playlist = playlist
        self.configuration = configuration
        stopRequest = stop
        self.events = events
        entries = PlayOrder(playlist.words).entries
        skip = playlist.start
        let count = entries.count
        timeline.write { $0.count = count }
        let playable = entries.contains { if case .refused = $0.place { false } else { true } }
        guard !playable else { return }
        // Every reason but the last is told as it is met in a longer order; here the last one ends the session.
        let reasons = entries.compactMap { if case .refused(let why) = $0.place { why } else { nil } }
        for reason in reasons.dropLast() { events.post(.warning(reason)) }
        throw .before(.failed(reasons.last ?? "there is nothing to play; name a file, a folder or a playlist"))
    }

    // MARK: - Packets

    func next() -> Packet? {
        if hasEnded { return nil }
        if isStopping { return end(.stopped) }
        if playlist.controls.isJumpPending { jump(playlist.controls.takeJumps()) }
        while true {
            if let event = waitingEvents.popLast() { return .event(event) }
            if isOver { return isHeardOut ? end(.normal) : nil }
            guard let entry = current ?? openNext() else {
                isOver = true
                outlet.setComplete(true)
                continue
            }
            prepareUpcoming(entry)
            switch entry.next() {
            case .notYet: return nil
            case .end: leave(entry)
            case .packet(let packet):
                if let packet = pass(packet, of: entry) { return packet }
            }
        }
    }

    func wait() {
        if isOver { _ = clock.wait(milliseconds: 20) } else { current?.wait() }
    }

    func stop() {
        current?.stop()
        // A live stream's own end is waited for as by itself.
        if entries.count > 1 || current?.isSeekable ?? true { isStopping = true }
    }

    func close() {
        current?.close()
        upcoming?.close()
        disk?.stop()
        disk = nil
    }

    /// What is heard now. - Thread: any.
    func now(isPaused: Bool) -> NowPlaying? {
        let unheard = outlet.unheardNanoseconds()
        return timeline.read { $0.now(unheard: unheard, isPaused: isPaused) }
    }

    /// What comes of an entry's packet here; `nil` when it is nothing.
    private func pass(_ packet: Packet, of entry: PlayedEntry) -> Packet? {
        switch packet {
        case .format(var description):
            begin(entry, description)
            // Sound that lies on a disk or stands in a queue of others is played at the device's pace.
            if entries.count > 1 || entry.isSeekable || playlist.passes != 1 { description.isLive = false }
            guard description.pcm != format || description.pcm == nil else {
                return waitingEvents.popLast().map { .event($0) }
            }
            format = description.pcm
            return .format(description)
        case .event(let event):
            return .event(
                EventPacket(position: position, captureTime: event.captureTime, key: event.key, value: event.value))
        case .end: return nil
        case .audio, .silence, .gap: return sound(packet)
        }
    }

    private func sound(_ packet: Packet) -> Packet? {
        guard let span = packet.span, let rate = format?.rate else { return nil }
        var first: Int64 = 0
        // Files were sought in; what passes once is passed over.
        if let rest = skip?.frames(rate: rate), rest > 0 {
            first = min(rest, span.frames)
            let left = rest - first
            skip = left > 0 ? .frames(left) : nil
            skippedNanoseconds += TimeSpan.frames(first).nanoseconds(rate: rate)
            guard first < span.frames else { return nil }
        }
        let frames = span.frames - first
        if case .gap = packet { lostFrames += frames }
        let part = packet.part(first: first, count: frames, rate: rate, position: position)
        position += frames
        passFrames += frames
        timeline.write { $0.produce(frames: frames) }
        return part
    }

    /// Says what begins here.
    private func begin(_ entry: PlayedEntry, _ description: StreamDescription) {
        let item = PlaybackTimeline.Item(
            index: entry.index, file: entry.name, title: entry.title, totalFrames: entry.totalFrames,
            rate: description.rate)
        let frame = entry.frame
        timeline.write { $0.mark(item, frame: frame) }
        guard announced !== entry else { return }
        announced = entry
        // Taken from the end.
        waitingEvents = []
        if let title = entry.title { waitingEvents.append(event("title", title)) }
        waitingEvents.append(event("file", entry.name))
    }

    private func event(_ key: String, _ value: String) -> EventPacket {
        EventPacket(position: position, captureTime: nil, key: key, value: value)
    }

    // MARK: - The end

    private var isHeardOut: Bool {
        guard playlist.hasControls, outlet.isSounding() else { return true }
        return outlet.unheardNanoseconds() <= Self.lastNanoseconds
    }

    /// The order goes on behind an entry that was left by a jump at the very end.
    func reopen() {
        isOver = false
        outlet.setComplete(false)
    }

    private func end(_ reason: EndReason) -> Packet {
        hasEnded = true
        if ending == .done { ending = verdict() }
        return .end(
            EndPacket(
                totalFrames: position, lostFrames: lostFrames, reason: ending == .done ? reason : .error,
                message: ending.message ?? ""))
    }

    private func verdict() -> SessionEnding {
        if let start = playlist.start, skip != nil, passFrames == 0, pass == 1, !isStopping,
            failed.count < entries.count
        {
            let length = clockText(Double(skippedNanoseconds) / 1e9)
            return .failed(
                "--start \(Self.text(start)) lies beyond the end: all there is to play is \(length) long; give less")
        }
        guard let firstProblem else { return .done }
        guard entries.count > 1 else { return firstProblem }
        return .failed(
            "\(failed.count) of \(entries.count) entries were not played, or not to their end; see what was said of them"
        )
    }

    private static func text(_ span: TimeSpan) -> String {
        switch span {
        case .frames(let frames): "\(frames)f"
        case .nanoseconds(let nanoseconds): clockText(Double(nanoseconds) / 1e9)
        }
    }
}

/// `0:01:02.345`.
private func clockText(_ seconds: Double) -> String {
    let thousandths = Int64((seconds * 1000).rounded())
    let two = { (value: Int64) in value < 10 ? "0\(value)" : "\(value)" }
    let rest = String(String(1000 + thousandths % 1000).dropFirst())
    return "\(thousandths / 3_600_000):\(two(thousandths / 60_000 % 60)):\(two(thousandths / 1000 % 60)).\(rest)"
}
