import AupOpus
import AupResampling
import AupSound
import AupWire

/// Sound as Opus packets: at 48 kHz, or at a narrower rate that the codec knows.
///
/// ```
///   packet ─▶ f32 ─▶ [48 kHz] ─▶ encoder ─▶ packet ─▶ …
/// ```
///
/// Frames out are frames in, whatever the frame size: the first packets stand for less by the codec's look-ahead, the
/// last one for what is left. Silence and gaps are encoded as silence of their length, a gap with an event that says so.
///
/// - Thread: transport, but for ``status``.
final class OpusEncodingStage: PacketSink {
    struct Status: Sendable {
        var packets: Int64 = 0
        var bytes: Int64 = 0
        /// At 48 kHz.
        var frames: Int64 = 0
        /// What a frame is late by: a packet and the codec's look-ahead.
        var latencyNanoseconds: Int64 = 0
        var clippedSamples: Int64 = 0
    }

    private let settings: OpusSettings
    private let next: any PacketSink
    private let events: EventQueue
    private var encoder: OpusEncoder?
    private var resampler: Resampler?
    private var slot = SampleConverterSlot()
    private var source: PCMFormat?
    private var scratch = ScratchBytes()
    private var resampled = ScratchBytes()
    private var position: Int64 = 0
    private var totalLost: Int64 = 0
    private let shared = Guarded(Status())

    init(_ settings: OpusSettings, events: EventQueue, next: any PacketSink) {
        self.settings = settings
        self.events = events
        self.next = next
    }

    var status: Status { shared.read { $0 } }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(let description):
            try finish()
            try plan(description)
        case .audio(let audio): try encode(audio)
        case .silence(let silence): try encodeSilence(silence.frames)
        case .gap(let gap): try encodeGap(gap)
        case .event(let event):
            try next.take(
                .event(EventPacket(position: position, captureTime: nil, key: event.key, value: event.value)))
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
        guard let format = description.pcm else {
            throw .before(.failed("cannot encode \(description.summary): only PCM streams are encoded"))
        }
        let rate = OpusSettings.rates.contains(format.rate) ? format.rate : OpusConfiguration.rate
        let encoder: OpusEncoder
        do throws(OpusError) {
            encoder = try OpusEncoder(
                settings, rate: rate, channels: format.channels, layout: format.layout, originalRate: format.rate,
                originalFormat: format.sampleFormat)
        } catch {
            throw .before(.failed(error.message))
        }
        resampler = nil
        if rate != format.rate {
            do throws(ResamplingError) {
                resampler = try Resampler(
                    from: format.rate, to: rate, channels: format.channels, sampleFormat: .f32, quality: .high)
            } catch {
                throw .before(.failed("encoding \(format.rate) Hz: \(error.message)"))
            }
        }
        self.encoder = encoder
        source = format
        slot.plan(from: format.sampleFormat, to: .f32)
        let late = encoder.configuration.frameSize + encoder.configuration.preSkipFrames
        shared.write {
            $0.latencyNanoseconds = Int64(late) * 1_000_000_000 / Int64(OpusConfiguration.rate)
        }
        var changed = description
        changed.coding = .opus(encoder.configuration)
        try next.take(.format(changed))
    }

    // MARK: - Sound

    private func encode(_ audio: AudioPacket) throws(SessionFailure) {
        guard let source else { return }
        let samples = audio.frames * source.channels
        let space = unsafe scratch.space(samples * MemoryLayout<Float>.stride)
        unsafe slot.convert(audio.payload, into: space, samples: samples)
        try unsafe encode(UnsafeRawBufferPointer(space), frames: audio.frames)
    }

    private func encode(_ floats: UnsafeRawBufferPointer, frames: Int) throws(SessionFailure) {
        guard let source else { return }
        guard resampler != nil else { return try unsafe hand(floats) }
        let frameBytes = source.channels * MemoryLayout<Float>.stride
        var done = 0
        while done < frames {
            let room = resampler!.roomFrames(forSource: frames - done)
            let space = unsafe resampled.space(room * frameBytes)
            let made: Int
            do throws(ResamplingError) {
                let step = try unsafe resampler!.process(
                    floats.baseAddress! + done * frameBytes, frames: frames - done, into: space.baseAddress!, room: room
                )
                done += step.taken
                made = step.made
            } catch {
                throw .before(.failed(error.message))
            }
            try unsafe hand(UnsafeRawBufferPointer(rebasing: space[..<(made * frameBytes)]))
        }
    }

    private func hand(_ floats: UnsafeRawBufferPointer) throws(SessionFailure) {
        guard let encoder else { return }
        let samples = unsafe floats.assumingMemoryBound(to: Float.self)
        var place = 0
        while let packet = try made({ () throws(OpusError) in try unsafe encoder.take(samples, from: &place) }) {
            try put(packet)
        }
    }

    private func put(_ packet: OpusPacket) throws(SessionFailure) {
        shared.write {
            $0.packets += 1
            $0.bytes += Int64(unsafe packet.bytes.count)
            $0.frames += Int64(packet.frames)
        }
        try next.take(
            .audio(
                unsafe AudioPacket(
                    position: position, captureTime: nil, frames: packet.frames, payload: packet.bytes)))
        position += Int64(packet.frames)
    }

    private func made(_ body: () throws(OpusError) -> OpusPacket?) throws(SessionFailure) -> OpusPacket? {
        do throws(OpusError) {
            return try body()
        } catch {
            throw .before(.failed(error.message))
        }
    }

    private func encodeSilence(_ frames: Int64) throws(SessionFailure) {
        guard let source else { return }
        let step = 4096
        let frameBytes = source.channels * MemoryLayout<Float>.stride
        // Of its own, because what is resampled goes through the other one.
        var silence = ScratchBytes()
        let zeros = unsafe silence.space(step * frameBytes)
        unsafe zeros.initializeMemory(as: UInt8.self, repeating: 0)
        var rest = frames
        while rest > 0 {
            let count = Int(min(rest, Int64(step)))
            try unsafe encode(UnsafeRawBufferPointer(rebasing: zeros[..<(count * frameBytes)]), frames: count)
            rest -= Int64(count)
        }
    }

    /// An encoder knows no gaps.
    private func encodeGap(_ gap: GapPacket) throws(SessionFailure) {
        guard let source else { return }
        let seconds = Double(gap.frames) / Double(source.rate)
        try next.take(
            .event(
                EventPacket(
                    position: position, captureTime: nil, key: "gap",
                    value: "\(gap.frames) frames at \(source.rate) Hz lost (\(gap.cause)), silence in their place")))
        events.post(
            .happened(
                NamedEvent(
                    "gap_filled", "\(gap.frames) frames are missing in the input; silence takes their place",
                    numbers: [("frames", Double(gap.frames)), ("seconds", seconds)])))
        totalLost += gap.frames
        try encodeSilence(gap.frames)
    }

    /// Brings out what the resampler and the encoder hold.
    private func finish() throws(SessionFailure) {
        guard let encoder, let source else { return }
        let frameBytes = source.channels * MemoryLayout<Float>.stride
        while resampler != nil {
            let space = unsafe resampled.space(4096 * frameBytes)
            let made: Int
            do throws(ResamplingError) {
                made = try unsafe resampler!.finish(into: space.baseAddress!, room: 4096)
            } catch {
                throw .before(.failed(error.message))
            }
            if made == 0 { break }
            try unsafe hand(UnsafeRawBufferPointer(rebasing: space[..<(made * frameBytes)]))
        }
        while let packet = try made({ () throws(OpusError) in try encoder.finish() }) { try put(packet) }
        self.encoder = nil
        resampler = nil
    }
}
