import AupNetwork
import AupSound
import AupSystem
import AupWire
import Glibc

/// Several senders at once as one live stream: the sum of what each has at the moment, in f32, so that nothing is clipped that
/// somebody behind it might still turn down.
///
/// ```
///   sender ─▶ MixVoice ─┐
///   sender ─▶ MixVoice ─┼─▶ + ─▶ a block of 10 ms, when the clock of this machine says that it is due
///   sender ─▶ MixVoice ─┘
/// ```
///
/// The rate and the channels are those that were asked for, else the first sender's. A sender that has nothing is silence, and
/// counted. Without `--keep` the mix ends when the last sender has; with it, it goes on in silence.
///
/// - Thread: transport, but for what ``ComingSource`` has for main.
final class MixingSource: ComingSource {
    static let blocksPerSecond = 100
    /// A line that stood still for longer than this has lost what was not mixed meanwhile.
    private static let patienceNanoseconds: Int64 = 1_000_000_000

    private let door: SenderDoor
    private let keeps: Bool
    private let wanted: (rate: Int?, channels: Int?)
    private let stopRequest: StopRequest
    private let events: EventQueue
    private var voices: [MixVoice] = []
    private var format: PCMFormat?
    private var formatPacket: Packet?
    private var block: [Float] = []
    private var blockFrames = 0
    /// When the mix began, and its blocks since.
    private var start: Int64 = 0
    private var position: Int64 = 0
    private var lostFrames: Int64 = 0
    private var past = ReceivingStatus()
    private var isStopping = false
    private var hasEnded = false
    private let shared = Guarded((status: ReceivingStatus(), isWaiting: true))

    init(
        _ door: SenderDoor, keeps: Bool, rate: Int?, channels: Int?, stop: StopRequest, events: EventQueue
    ) throws(SessionFailure) {
        self.door = door
        self.keeps = keeps
        wanted = (rate, channels)
        stopRequest = stop
        self.events = events
        try door.start()
    }

    var ending: SessionEnding { .done }
    var reconnects: Int64 { 0 }
    var isWaiting: Bool { shared.read { $0.isWaiting } }
    var receiving: ReceivingStatus? {
        var status = door.status
        let mixed = shared.read { $0.status }
        (status.starvedFrames, status.skippedFrames) = (mixed.starvedFrames, mixed.skippedFrames)
        return status
    }

    func next() -> Packet? {
        if hasEnded { return nil }
        if let packet = formatPacket {
            formatPacket = nil
            return packet
        }
        if isStopping { return end(.stopped) }
        listen()
        guard let format else { return nil }
        if formatPacket != nil { return next() }
        if voices.isEmpty, !keeps { return end(.normal) }
        let now = monotonicNanoseconds()
        guard now >= due(format) else { return nil }
        return missed(now, format) ?? mixed(format)
    }

    func wait() {
        if stopRequest.isRequested { isStopping = true }
        guard !isStopping else { return }
        var entries = [pollfd(fd: door.arrivalBell.number, events: Int16(POLLIN), revents: 0)]
        for voice in voices where !voice.isOver && voice.hasRoom {
            entries.append(pollfd(fd: voice.sender.descriptor.number, events: Int16(POLLIN), revents: 0))
        }
        for (sender, _) in waiting {
            entries.append(pollfd(fd: sender.descriptor.number, events: Int16(POLLIN), revents: 0))
        }
        let rest = format.map { max(0, due($0) - monotonicNanoseconds()) } ?? 200_000_000
        // Rounded up: a wait that ends a moment early would be followed by one of no time at all.
        _ = unsafe poll(&entries, nfds_t(entries.count), Int32(clamping: min((rest + 999_999) / 1_000_000, 200)))
        if entries[0].revents != 0 { door.arrivalBell.answer() }
    }

    func stop() { isStopping = true }

    func close() {
        for voice in voices { voice.source.close() }
        for (_, source) in waiting { source.close() }
        door.stop()
    }

    // MARK: - In

    private func listen() {
        while let sender = door.take() { waiting.append((sender, source(sender))) }
        if format == nil { begin() } else { admit() }
        let now = monotonicNanoseconds()
        for voice in voices where !voice.isOver { hear(voice, now) }
        for voice in voices where voice.isSpent { farewell(voice) }
        voices.removeAll(where: \.isSpent)
    }

    /// Those who came and are not in the mix yet.
    private var waiting: [(sender: Sender, source: OpusDecodingSource)] = []

    private func source(_ sender: Sender) -> OpusDecodingSource {
        OpusDecodingSource(
            StreamSource(sender.descriptor, name: sender.name, firstBytes: sender.firstBytes, stop: StopRequest()),
            events: events)
    }

    private func admit() {
        guard let format else { return }
        for (sender, source) in waiting {
            voices.append(MixVoice(sender, source: source, target: format))
            events.post(.happened(NamedEvent("source_came", "\(door.name): \(sender.name) is mixed in", isQuiet: true)))
        }
        waiting = []
    }

    /// Whoever first says its format says what the mix is, where nobody else did. One that stops in mid-word holds up nobody.
    private func begin() {
        waiting.removeAll { sender, source in
            guard sender.isOusted else { return false }
            source.close()
            return true
        }
        for (sender, source) in waiting {
            // Only where there is something, so that nobody is waited for here.
            var packet = source.next()
            if packet == nil, sender.descriptor.waitReadable(milliseconds: 0) {
                sender.heard(monotonicNanoseconds())
                source.wait()
                packet = source.next()
            }
            guard let packet else { continue }
            waiting.removeAll { $0.sender === sender }
            if begin(with: packet, of: sender, source) { return admit() }
            door.dismiss(sender)
            source.close()
        }
    }

    /// False where its first word is no format that a mix can have.
    private func begin(with packet: Packet, of first: Sender, _ opener: OpusDecodingSource) -> Bool {
        guard case .format(let description) = packet, let pcm = description.pcm,
            let chosen = PCMFormat(
                .f32, rate: wanted.rate ?? pcm.rate, channels: wanted.channels ?? pcm.channels,
                layout: wanted.channels ?? pcm.channels == pcm.channels ? pcm.layout : nil)
        else { return false }
        format = chosen
        blockFrames = max(chosen.rate / Self.blocksPerSecond, 1)
        block = [Float](repeating: 0, count: blockFrames * chosen.channels)
        start = monotonicNanoseconds()
        formatPacket = .format(StreamDescription(chosen, isLive: true, source: "mix at \(door.name)"))
        let voice = MixVoice(first, source: opener, target: chosen)
        voice.take(packet, now: start)
        voices.append(voice)
        events.post(.happened(NamedEvent("source_came", "\(door.name): \(first.name) begins the mix", isQuiet: true)))
        return true
    }

    private func hear(_ voice: MixVoice, _ now: Int64) {
        if voice.sender.isOusted { return voice.leave("it said nothing, and another came") }
        // So many packets in one look, so that one sender does not hold up the mix.
        for _ in 0..<64 where !voice.isOver && voice.hasRoom {
            if let packet = voice.source.next() {
                voice.take(packet, now: now)
            } else {
                guard voice.sender.descriptor.waitReadable(milliseconds: 0) else {
                    let stream = voice.source.inner as? StreamSource
                    // It said that it ends, and hangs where it should hang up.
                    guard stream?.holdsEnd ?? false, voice.sender.silence(now) > 1_000_000_000 else { return }
                    stream?.concludeEnd()
                    continue
                }
                voice.sender.heard(now)
                voice.source.wait()
            }
        }
    }

    private func farewell(_ voice: MixVoice) {
        door.dismiss(voice.sender)
        voice.source.close()
        past.starvedFrames += voice.starvedFrames
        past.skippedFrames += voice.skippedFrames
        var text = "\(door.name): \(voice.sender.name) left the mix after \(voice.heardFrames) frames"
        if voice.starvedFrames > 0 { text += ", silent for \(voice.starvedFrames) more because nothing came" }
        if let complaint = voice.complaint { text += ": \(complaint)" }
        events.post(
            .happened(
                NamedEvent(
                    "source_left", text,
                    numbers: [
                        ("frames", Double(voice.heardFrames)), ("starved_frames", Double(voice.starvedFrames)),
                        ("skipped_frames", Double(voice.skippedFrames)), ("lost_frames", Double(voice.lostFrames)),
                    ], isQuiet: voice.complaint == nil && voice.starvedFrames == 0)))
    }

    // MARK: - Out

    /// When the next block is.
    private func due(_ format: PCMFormat) -> Int64 {
        start + TimeSpan.frames(position + Int64(blockFrames)).nanoseconds(rate: format.rate)
    }

    private func missed(_ now: Int64, _ format: PCMFormat) -> Packet? {
        let late = now - due(format)
        guard late > Self.patienceNanoseconds else { return nil }
        let frames = TimeSpan.nanoseconds(late).frames(rate: format.rate)
        defer {
            position += frames
            lostFrames += frames
        }
        return .gap(
            GapPacket(position: position, captureTime: nil, frames: frames, cause: .overflow, seenBy: "mix"))
    }

    private func mixed(_ format: PCMFormat) -> Packet {
        for index in block.indices { block[index] = 0 }
        let due = due(format)
        var isHeard = false
        for voice in voices {
            // Everybody, so no short cut.
            if voice.add(to: &block, frames: blockFrames, due: due) { isHeard = true }
        }
        tell()
        defer { position += Int64(blockFrames) }
        guard isHeard else {
            return .silence(SilencePacket(position: position, captureTime: nil, frames: Int64(blockFrames)))
        }
        let space = unsafe scratch.space(block.count * 4)
        unsafe block.withUnsafeBytes { unsafe space.copyMemory(from: $0) }
        return .audio(
            unsafe AudioPacket(
                position: position, captureTime: nil, frames: blockFrames, payload: UnsafeRawBufferPointer(space)))
    }

    private var scratch = ScratchBytes()

    private func tell() {
        var status = past
        for voice in voices {
            status.starvedFrames += voice.starvedFrames
            status.skippedFrames += voice.skippedFrames
        }
        let (sum, isWaiting) = (status, voices.isEmpty)
        shared.write { $0 = (sum, isWaiting) }
    }

    private func end(_ reason: EndReason) -> Packet {
        hasEnded = true
        tell()
        return .end(EndPacket(totalFrames: position, lostFrames: lostFrames, reason: reason))
    }
}
