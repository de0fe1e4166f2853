import AupOpus
import AupSound
import AupWire

/// Sound as Opus packets, at one of the codec's rates: what else came was resampled and filled before.
///
/// Frames out are frames in, whatever the frame size: the first packets stand for less by the codec's look-ahead, the
/// last one for what is left. Where the format changes the old sound is brought out and a new encoder begins.
///
/// - Thread: transport, but for ``status``.
final class OpusEncodingStage: PacketSink {
    private let settings: OpusSettings
    private let next: any PacketSink
    private var encoder: OpusEncoder?
    private var slot = SampleConverterSlot()
    private var source: PCMFormat?
    private var scratch = ScratchBytes()
    private var anchor = CaptureAnchor()
    private var position: Int64 = 0
    /// Events whose sound is still in the encoder, and the frame of its sound at which they happened.
    private var waitingEvents: [(frame: Int64, event: EventPacket)] = []
    private let shared = Guarded(EncodingStatus())

    init(_ settings: OpusSettings, next: any PacketSink) {
        self.settings = settings
        self.next = next
    }

    var status: EncodingStatus { shared.read { $0 } }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(let description):
            try finish()
            try plan(description)
        case .audio(let audio): try encode(audio)
        case .silence, .gap: preconditionFailure("silence is samples before it is encoded")
        case .event(let event):
            // Said by whoever made the sound so narrow.
            if event.key == RateStage.lengthKey, let encoder {
                encoder.expectedFrames = RateStage.codecFrames(event.value)
            }
            if let encoder { waitingEvents.append((encoder.takenFrames, event)) } else { try give(event) }
            try giveEvents(before: 1)
        case .end(let end):
            try finish()
            try next.take(
                .end(
                    EndPacket(
                        totalFrames: position, lostFrames: 0, reason: end.reason, code: end.code, message: end.message))
            )
        }
    }

    func flush() throws(SessionFailure) { try next.flush() }

    private func plan(_ description: StreamDescription) throws(SessionFailure) {
        guard let format = description.pcm, OpusSettings.rates.contains(format.rate) else {
            throw .before(.failed("Opus does not take \(description.summary)"))
        }
        let original = description.original
        var settings = settings
        // Beyond eight channels two seconds are more memory than that is worth.
        settings.looksAhead = settings.looksAhead && !description.isLive && format.channels <= 8
        let encoder: OpusEncoder
        do throws(OpusError) {
            encoder = try OpusEncoder(
                settings, rate: format.rate, channels: format.channels, layout: format.layout,
                originalRate: original?.rate ?? format.rate,
                originalFormat: original?.sampleFormat ?? format.sampleFormat)
        } catch {
            throw .before(.failed(error.message))
        }
        self.encoder = encoder
        source = format
        anchor = CaptureAnchor()
        slot.plan(from: format.sampleFormat, to: .f32)
        let late = encoder.configuration.frameSize + encoder.configuration.preSkipFrames
        shared.write {
            $0.codec = "opus"
            $0.delayNanoseconds = Int64(late) * 1_000_000_000 / Int64(OpusConfiguration.rate)
        }
        var changed = description
        changed.coding = .opus(encoder.configuration)
        changed.original = nil
        try next.take(.format(changed))
    }

    // MARK: - Sound

    private func encode(_ audio: AudioPacket) throws(SessionFailure) {
        guard let source, let encoder else { return }
        anchor.note(position: encoder.takenFrames, time: audio.captureTime)
        let count = audio.frames * source.channels
        var bytes = unsafe audio.payload
        if !slot.isCopy {
            let space = unsafe scratch.space(count * MemoryLayout<Float>.stride)
            unsafe slot.convert(audio.payload, into: space, samples: count)
            unsafe bytes = UnsafeRawBufferPointer(space)
        }
        // Audio of a stream lies on eight bytes, and so does our own.
        let samples = unsafe UnsafeBufferPointer(
            start: bytes.baseAddress?.assumingMemoryBound(to: Float.self), count: count)
        var place = 0
        while let packet = try made({ () throws(OpusError) in try unsafe encoder.take(samples, from: &place) }) {
            try give(packet, encoder)
        }
    }

    private func give(_ packet: OpusPacket, _ encoder: OpusEncoder) throws(SessionFailure) {
        // In front of the packet in whose sound it happened: packets are not cut.
        try giveEvents(before: encoder.madeFrames)
        shared.write {
            $0.packets += 1
            $0.bytes += Int64(unsafe packet.bytes.count)
            $0.frames += Int64(packet.frames)
        }
        let place = encoder.madeFrames - Int64(packet.frames)
        try next.take(
            .audio(
                unsafe AudioPacket(
                    position: position, captureTime: anchor.time(at: Double(place), rate: OpusConfiguration.rate),
                    frames: packet.frames, payload: packet.bytes)))
        position += Int64(packet.frames)
    }

    private func made(_ body: () throws(OpusError) -> OpusPacket?) throws(SessionFailure) -> OpusPacket? {
        do throws(OpusError) {
            return try body()
        } catch {
            throw .before(.failed(error.message))
        }
    }

    /// Gives the events that happened before a frame of the encoder's sound.
    private func giveEvents(before frame: Int64) throws(SessionFailure) {
        while let first = waitingEvents.first, first.frame < frame {
            waitingEvents.removeFirst()
            try give(first.event)
        }
    }

    private func give(_ event: EventPacket) throws(SessionFailure) {
        try next.take(
            .event(
                EventPacket(
                    position: position, captureTime: event.captureTime, key: event.key, value: event.value)))
    }

    /// Brings out what the encoder holds; what follows is another sound, or the end.
    func finish() throws(SessionFailure) {
        guard let encoder else { return }
        while let packet = try made({ () throws(OpusError) in try encoder.finish() }) { try give(packet, encoder) }
        try giveEvents(before: .max)
        self.encoder = nil
    }
}
