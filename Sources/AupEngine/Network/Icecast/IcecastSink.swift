import AupFLAC
import AupNetwork
import AupOpus
import AupSound
import AupSystem
import AupWire

/// A stream for an Icecast server: packets of Opus as they come, or samples as FLAC, in Ogg. The source never waits for the
/// network.
///
/// What is not live is sent at the pace at which it sounds. Tags that come in the midst of the sound begin a new logical stream,
/// which is how Ogg says a new title.
///
/// - Thread: transport, but for ``status``.
final class IcecastSink: PacketSink {
    private let name: String
    private let feed: IcecastFeed
    private let isFLAC: Bool
    private let spoolNanoseconds: Int64
    private let plan: RecordingPlan
    private let stop: StopRequest
    private var tags: TagList
    private var hasSoundSinceTags = false
    private var hasNewTags = false
    private var encoders = 0
    private var heading: CodedHeading?
    private var flac: FLACWriter?
    /// Frames of silence that are too few for a packet of Opus.
    private var waitingSilence: Int64 = 0
    private let clock = Doorbell()
    private var pace: SoundPace?
    private var position: Int64 = 0
    private var hasEnded = false

    /// How far a stream that is not live may be ahead of its time.
    private static let leadNanoseconds: Int64 = 100_000_000

    init(
        _ icecast: IcecastPlan, plan: RecordingPlan, stop: StopRequest, events: EventQueue
    ) throws(SessionFailure) {
        name = icecast.address.word
        isFLAC = icecast.codec == .flac
        spoolNanoseconds = icecast.configuration.spoolNanoseconds
        self.plan = plan
        self.stop = stop
        tags = TagList(plan)
        feed = try IcecastFeed(
            icecast, bitsPerSecond: isFLAC ? nil : plan.opus.bitsPerSecond, stop: stop, events: events)
        try feed.start()
    }

    var status: IcecastStatus { feed.status }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(let description): try begin(description)
        case .audio(let audio):
            if let flac {
                try made { try unsafe flac.take(audio) { unsafe add($0, frames: $1, length: $1) } }
            } else {
                // What is no packet decodes to nothing that could be known; as long as it says is the best guess.
                let length = unsafe OpusDecoder.frames(audio.payload) ?? audio.frames
                unsafe add(audio.payload, frames: audio.frames, length: length)
            }
            advance(Int64(audio.frames))
        case .silence(let silence): try skip(silence.frames)
        case .gap(let gap): try skip(gap.frames)
        case .event(let event): take(event)
        case .end: return try end()
        }
        if let failure = feed.failure { throw .sink(.failed(failure)) }
    }

    func flush() throws(SessionFailure) { feed.ring() }

    /// Ends the thread, if the stream did not come to its end.
    func close() { if !hasEnded { feed.finish() } }

    private func begin(_ description: StreamDescription) throws(SessionFailure) {
        try finishCodec()
        pace =
            description.isLive
            ? nil
            : SoundPace(
                rate: description.rate, position: position, lead: Self.leadNanoseconds, now: monotonicNanoseconds())
        encoders += 1
        switch description.coding {
        case .opus(let configuration):
            guard !isFLAC else { throw .before(.failed("\(name): FLAC is made of samples, and this is Opus")) }
            heading = CodedHeading(.opus(configuration), encoder: encoders, tags: tags.tags)
        case .pcm(let format):
            try made {
                let writer = try FLACWriter(format)
                flac = writer
                heading = CodedHeading(
                    .flac(streamInfo: writer.streamInfo, rate: format.rate, channels: format.channels),
                    encoder: encoders, tags: tags.tags)
            }
        }
        hasNewTags = false
    }

    private func take(_ event: EventPacket) {
        guard event.key == TagList.eventKey else { return }
        // What came with the sound before is no longer true of what follows.
        if hasSoundSinceTags { tags = TagList(plan) }
        tags.add(event)
        hasSoundSinceTags = false
        hasNewTags = true
    }

    private func add(_ bytes: UnsafeRawBufferPointer, frames: Int, length: Int) {
        unsafe add(Array(bytes), frames: frames, length: length)
    }

    private func add(_ bytes: [UInt8], frames: Int, length: Int) {
        guard var heading else { return }
        if hasNewTags, heading.tags != tags.tags {
            heading = CodedHeading(heading.codec, encoder: heading.encoder, tags: tags.tags)
            self.heading = heading
        }
        hasNewTags = false
        hasSoundSinceTags = true
        feed.spool.append(CodedPacket(bytes: bytes, frames: frames, length: length, heading: heading))
    }

    /// Silence as packets, a second at a time, since a gap may say that it lasts for years. Of a live one no more than the spool
    /// would keep.
    private func skip(_ frames: Int64) throws(SessionFailure) {
        guard let rate = heading?.rate else { return }
        var rest = frames
        let most = TimeSpan.nanoseconds(spoolNanoseconds).frames(rate: rate)
        if pace == nil, rest > most {
            feed.spool.lose(frames: rest - most)
            rest = most
        }
        repeat {
            let count = min(rest, Int64(rate))
            try addSilence(count)
            advance(count)
            rest -= count
        } while rest > 0 && !stop.isRequested && feed.failure == nil
    }

    /// Of Opus what libopus makes of silence, which are 2.5 ms at the least; what is less waits.
    private func addSilence(_ frames: Int64) throws(SessionFailure) {
        if let flac {
            return try made { try unsafe flac.addSilence(frames) { unsafe add($0, frames: $1, length: $1) } }
        }
        waitingSilence += frames
        while let size = OpusSilence.frameSizes.firstIndex(where: { Int64($0) <= waitingSilence }) {
            addSilence(size, frames: OpusSilence.frameSizes[size])
        }
    }

    private func addSilence(_ size: Int, frames: Int) {
        guard case .opus(let configuration) = heading?.codec else { return }
        let length = OpusSilence.frameSizes[size]
        add(OpusSilence.packet(configuration, size: size), frames: frames, length: length)
        waitingSilence -= Int64(frames)
    }

    /// Brings out what the codec holds.
    private func finishCodec() throws(SessionFailure) {
        if waitingSilence > 0 { addSilence(OpusSilence.frameSizes.count - 1, frames: Int(waitingSilence)) }
        if let flac { try made { try unsafe flac.finish { unsafe add($0, frames: $1, length: $1) } } }
        flac = nil
    }

    private func end() throws(SessionFailure) {
        guard !hasEnded else { return }
        try finishCodec()
        hasEnded = true
        feed.finish()
        if let failure = feed.failure { throw .sink(.failed(failure)) }
    }

    private func made(_ body: () throws -> Void) throws(SessionFailure) {
        do {
            try body()
        } catch let error as FLACError {
            throw .before(.failed(error.message))
        } catch {
            preconditionFailure("a codec has errors of one kind: \(error)")
        }
    }

    // MARK: - Time

    private func advance(_ frames: Int64) {
        feed.ring()
        position += frames
        guard pace != nil else { return }
        while !stop.isRequested, feed.failure == nil {
            let rest = pace!.rest(until: position, now: monotonicNanoseconds())
            guard rest > 0 else { return }
            clock.wait(milliseconds: Int32(clamping: min(rest / 1_000_000 + 1, 200)))
        }
    }
}
