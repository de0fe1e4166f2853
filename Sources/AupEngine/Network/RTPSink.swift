import AupNetwork
import AupOpus
import AupSound
import AupSystem
import AupWire

/// A stream as packets of RTP: samples as L16 or L24, packets of Opus as they are.
///
/// ```
///   samples ─▶ convert ─▶ big endian ─▶ │ ptime │ ptime │ ─▶ packet, packet, …
///   Opus    ───────────────────────────────────────────▶ one packet each
///   silence, gap ─▶ nothing; the timestamp moves on, and the next packet is marked
/// ```
///
/// A stream that is not live is sent at the pace at which it sounds. Every five seconds, more or less, a report says how much was
/// sent; a goodbye ends it.
///
/// - Thread: transport, but for ``status``.
final class RTPSink: PacketSink {
    private let plan: RTPConfiguration
    private let link: RTPSenderLink
    private let description: RTPDescriptionFile?
    private let stop: StopRequest
    private let events: EventQueue
    private var transmission: RTPTransmission?
    private var payload: RTPPayload?
    private var schedule = ReportSchedule(now: 0, chance: 0)
    private var slot = SampleConverterSlot()
    private var source: PCMFormat?
    private var scratch = ScratchBytes()
    /// Samples that do not fill a packet yet, as they will be sent.
    private var waiting: [UInt8] = []
    private var packetFrames = 1
    private var pace: SoundPace?
    /// Nobody rings: a wait that a kick ends.
    private let bell = Doorbell()
    private var hasToldSize = false
    private var hasToldFailure = false
    private var hasEnded = false
    /// The codec says that there is nothing to hear.
    private var isSilent = false
    /// Whether the codec was told to leave silence out, which the description says.
    var leavesSilenceOut = false
    private var lastHearing: Int64 = 0
    private let shared = Guarded(RTPStatus())

    init(
        host: String, port: Int, _ plan: RTPConfiguration, overwrite: Bool, stop: StopRequest, events: EventQueue
    ) throws(SessionFailure) {
        self.plan = plan
        self.stop = stop
        self.events = events
        link = try RTPSenderLink(host: host, port: port, plan)
        description = try plan.descriptionPath.map { (path) throws(SessionFailure) in
            try RTPDescriptionFile(path, overwrite: overwrite)
        }
        shared.write { $0.isSender = true }
    }

    var status: RTPStatus { shared.read { $0 } }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(let description): try begin(description)
        case .audio(let audio):
            if source == nil { try unsafe sendOpus(audio.payload) } else { convert(audio) }
        case .silence(let silence): skip(silence.frames)
        case .gap(let gap): skip(gap.frames)
        case .event: return
        case .end: end()
        }
    }

    func flush() throws(SessionFailure) { tend() }

    // MARK: - Formats

    private func begin(_ description: StreamDescription) throws(SessionFailure) {
        let wanted = try wantedPayload(description)
        if let payload, payload != wanted {
            throw .before(
                .failed(
                    "the sound is \(wanted.map) now and was \(payload.map), which receivers of RTP cannot be told; convert it before"
                ))
        }
        let now = monotonicNanoseconds()
        if transmission == nil { try open(wanted, description, now) }
        source = description.pcm
        if let source, let target = wanted.coding.sampleFormat {
            slot.plan(from: source.sampleFormat, to: target)
            packetFrames = wanted.packetFrames(
                nanoseconds: plan.packetNanoseconds ?? 20_000_000, bytes: plan.payloadBytes)
        }
        pace =
            description.isLive
            ? nil : SoundPace(rate: wanted.rate, position: transmission?.clock.position ?? 0, now: now)
    }

    private func wantedPayload(_ description: StreamDescription) throws(SessionFailure) -> RTPPayload {
        let coding: RTPPayload.Coding
        switch description.coding {
        case .opus: coding = .opus
        case .pcm(let format):
            coding = plan.payload?.coding ?? (format.sampleFormat.significantBits > 16 ? .l24 : .l16)
        }
        guard let payload = RTPPayload(coding, rate: description.rate, channels: description.channels) else {
            throw .before(
                .failed(
                    "RTP carries Opus of one or two channels, and these are \(description.channels); send l16 or l24, or fewer"
                ))
        }
        try check(payload)
        return payload
    }

    /// What was asked for in so many words must be what it is: nobody is told otherwise.
    private func check(_ payload: RTPPayload) throws(SessionFailure) {
        guard let word = plan.payloadWord, let asked = plan.payload else { return }
        let isSaid = word.contains("/") && asked.coding != .opus
        guard asked.coding != payload.coding || isSaid && asked != payload else { return }
        throw .before(
            .failed(
                "--payload \(word): the sound is \(payload.map); leave out what differs, or convert the sound before"))
    }

    private func open(_ payload: RTPPayload, _ description: StreamDescription, _ now: Int64) throws(SessionFailure) {
        self.payload = payload
        let name = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
        let transmission = RTPTransmission(
            payloadType: payload.usualType, rate: payload.rate, source: .random(in: 1 ... .max),
            start: .random(in: .min ... .max), sequence: .random(in: .min ... .max), canonicalName: name)
        self.transmission = transmission
        schedule = ReportSchedule(now: now, chance: .random(in: 0...1), isAtOnce: !link.target.isGroup)
        var text = SessionDescription(
            name: plan.name, session: UInt64(max(0, WallClock.nanoseconds() / 1_000_000_000)) + 2_208_988_800,
            origin: link.ownHost, address: link.target.host, port: link.target.port, payloadType: payload.usualType,
            payload: payload)
        if link.target.isGroup { text.timeToLive = plan.hops }
        if case .opus(let opus) = description.coding {
            text.isStereo = payload.channels == 2
            text.packetNanoseconds = Int64(opus.frameSize) * 1_000_000_000 / 48_000
            text.hasErrorCorrection = true
            text.hasDiscontinuousTransmission = leavesSilenceOut
            text.lookAheadFrames = opus.preSkipFrames
        } else {
            let frames = payload.packetFrames(
                nanoseconds: plan.packetNanoseconds ?? 20_000_000, bytes: plan.payloadBytes)
            text.packetNanoseconds = Int64(frames) * 1_000_000_000 / Int64(payload.rate)
        }
        try self.description?.write(text.text)
    }

    // MARK: - Sound

    private func convert(_ audio: AudioPacket) {
        guard let source, let target = payload?.coding.sampleFormat else { return }
        let samples = audio.frames * source.channels
        let space = unsafe scratch.space(samples * target.bytesPerSample)
        unsafe slot.convert(audio.payload, into: space, samples: samples)
        unsafe RTPPayload.swapBytes(space, bytesPerSample: target.bytesPerSample)
        unsafe waiting += space
        let frameBytes = target.bytesPerSample * source.channels
        let size = packetFrames * frameBytes
        var place = 0
        while waiting.count - place >= size {
            send(Array(waiting[place..<(place + size)]), frames: packetFrames)
            place += size
        }
        waiting.removeFirst(place)
    }

    /// What does not fill a packet any more.
    private func sendRest() {
        guard let frameBytes = payload?.frameBytes, !waiting.isEmpty else { return }
        let rest = waiting
        waiting = []
        send(rest, frames: rest.count / frameBytes)
    }

    private func sendOpus(_ bytes: UnsafeRawBufferPointer) throws(SessionFailure) {
        // What it holds and not what it stands for: the clock goes by the packet (RFC 7587, section 4.1).
        guard let frames = unsafe OpusDecoder.frames(bytes) else {
            throw .before(.failed("a packet of the input is no Opus, and cannot be sent"))
        }
        // The first packet that says "nothing to hear" tells it, so that nobody takes the silence for a loss; those that say it
        // again are left out, as RFC 7587, section 3.1.3, has it.
        let wasSilent = isSilent
        isSilent = bytes.count <= RTPPayload.silenceBytes
        if isSilent, wasSilent { return skip(Int64(frames)) }
        unsafe send(Array(bytes), frames: frames)
    }

    private func send(_ bytes: [UInt8], frames: Int) {
        waitForTime()
        tellSize(bytes.count)
        guard let packet = transmission?.packet(bytes, frames: Int64(frames), now: monotonicNanoseconds()) else {
            return
        }
        let departure = link.send(packet.bytes())
        shared.write {
            if departure == .gone {
                $0.packets += 1
                $0.bytes += Int64(bytes.count)
            } else {
                $0.refused += 1
            }
        }
        if case .failed(let error) = departure, !hasToldFailure {
            hasToldFailure = true
            events.post(.warning("\(link.name): \(error.reason); packets are lost until that is over"))
        }
        tend()
    }

    private func tellSize(_ bytes: Int) {
        guard bytes > plan.payloadBytes, !hasToldSize else { return }
        hasToldSize = true
        events.post(
            .warning(
                "a packet of \(bytes) bytes cannot be divided into \(plan.payloadBytes); a shorter --ptime or fewer bits make it smaller"
            ))
    }

    private func skip(_ frames: Int64) {
        sendRest()
        transmission?.skip(frames: frames)
        waitForTime()
    }

    private func end() {
        guard !hasEnded else { return }
        hasEnded = true
        sendRest()
        guard let transmission, transmission.packets > 0 else { return }
        link.report(
            transmission.report(
                now: monotonicNanoseconds(), unixNanoseconds: WallClock.nanoseconds(), leaving: true))
    }

    // MARK: - Time

    /// Until what comes next is due.
    private func waitForTime() {
        guard pace != nil, let position = transmission?.clock.position else { return }
        while !stop.isRequested {
            let rest = pace!.rest(until: position, now: monotonicNanoseconds())
            guard rest > 0 else { return }
            bell.wait(milliseconds: Int32(clamping: min((rest + 999_999) / 1_000_000, 200)))
            tend()
        }
    }

    /// Tells how it goes, when it is time.
    private func tend() {
        let now = monotonicNanoseconds()
        hear(now)
        guard let transmission, transmission.packets > 0, schedule.isDue(now: now, chance: .random(in: 0...1)) else {
            return
        }
        link.report(transmission.report(now: now, unixNanoseconds: WallClock.nanoseconds()))
    }

    /// What receivers say, which is looked for four times a second.
    private func hear(_ now: Int64) {
        guard let transmission, now - lastHearing >= 250_000_000 else { return }
        lastHearing = now
        let rate = transmission.clock.rate
        for (block, arrival) in link.heard(about: transmission.source) {
            let trip = Self.roundTrip(block, unixNanoseconds: WallClock.nanoseconds() - (now - arrival))
            shared.write {
                $0.toldLoss = Double(block.fractionLost) / 256
                $0.jitterNanoseconds = Int64(block.jitter) * 1_000_000_000 / Int64(rate)
                $0.roundTripNanoseconds = trip ?? $0.roundTripNanoseconds
            }
        }
    }

    /// The way there and back, of a report that arrived at a time of day (RFC 3550, section 6.4.1).
    private static func roundTrip(_ block: RTCPPacket.ReportBlock, unixNanoseconds: Int64) -> Int64? {
        guard block.lastReport != 0 else { return nil }
        let arrival = NTPTime(unixNanoseconds: unixNanoseconds).middle
        let units = Int32(bitPattern: arrival &- block.lastReport &- block.delaySinceLastReport)
        // Clocks are read to some microseconds here, and 1/65536 s is 15 of them.
        return units >= -64 ? Int64(max(units, 0)) * 1_000_000_000 / 65_536 : nil
    }
}
