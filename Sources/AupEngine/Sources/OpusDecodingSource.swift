import AupOpus
import AupSound
import AupWire

/// Opus of a stream as samples, so that every command takes it; everything else passes.
///
/// A packet that is damaged, and the first moments of a gap, are replaced by what the codec guesses from what was before
/// them. Both are told and counted, and the length stays what was promised.
///
/// - Thread: transport, but for ``lost``.
final class OpusDecodingSource: PacketSource {
    /// How much of a gap is guessed; what the codec makes of more is hardly more than a hum. 120 ms.
    static let guessFrames = Int64(OpusDecoder.packetFrames)

    /// What was guessed in the place of gaps.
    struct Lost: Sendable {
        var gaps: Int64 = 0
        var frames: Int64 = 0
        /// What the packet behind a gap repeated, which is not counted as lost.
        var repairedFrames: Int64 = 0
    }

    let inner: any PacketSource
    private let events: EventQueue
    private var decoder: OpusDecoder?
    /// What follows a packet that was given in part.
    private var rest: Packet?
    private var failure: SessionEnding?
    private var hasEnded = false
    private var damaged = 0
    /// Frames that were guessed without a packet between.
    private var guessedInRow: Int64 = 0
    private let shared = Guarded(Lost())

    init(_ inner: any PacketSource, events: EventQueue) {
        self.inner = inner
        self.events = events
    }

    var lost: Lost { shared.read { $0 } }
    var ending: SessionEnding { failure ?? inner.ending }
    var expectedFrames: Int64? { inner.expectedFrames }

    func wait() { inner.wait() }
    func stop() { inner.stop() }
    func close() { inner.close() }

    func next() -> Packet? {
        if hasEnded { return nil }
        if let packet = rest {
            rest = nil
            return packet
        }
        guard let packet = inner.next() else { return nil }
        switch packet {
        case .format(let description): return plan(description)
        case .audio(let audio): return decoder.map { decode(audio, $0) } ?? packet
        case .gap(let gap): return decoder.map { guess(gap, $0) } ?? packet
        case .silence(let silence): return decoder.map { comfort(silence, $0) } ?? packet
        default: return packet
        }
    }

    private func plan(_ description: StreamDescription) -> Packet {
        guard case .opus(let configuration) = description.coding else {
            decoder = nil
            return .format(description)
        }
        do throws(OpusError) {
            decoder = try OpusDecoder(configuration)
        } catch {
            return fail(error.message)
        }
        guard
            let format = PCMFormat(
                .f32, rate: OpusConfiguration.rate, channels: configuration.channels, layout: configuration.layout)
        else { return fail("an Opus stream of \(configuration.channels) channels cannot be decoded") }
        var changed = description
        changed.coding = .pcm(format)
        changed.original = .init(rate: configuration.originalRate, sampleFormat: configuration.originalFormat)
        return .format(changed)
    }

    private func decode(_ audio: AudioPacket, _ decoder: OpusDecoder) -> Packet {
        let samples: UnsafeBufferPointer<Float>
        guessedInRow = 0
        do throws(OpusError) {
            unsafe samples = try unsafe decoder.decode(audio.payload, frames: audio.frames)
        } catch {
            tellDamage(error, audio)
            unsafe samples = decoder.conceal(frames: audio.frames)
        }
        let frames = samples.count / decoder.channels
        if frames < audio.frames {
            // A packet that holds less than it says: the length of the stream is what was promised.
            let silence = SilencePacket(
                position: audio.position + Int64(frames), captureTime: nil, frames: Int64(audio.frames - frames))
            guard frames > 0 else { return .silence(silence) }
            rest = .silence(silence)
        }
        return .audio(
            unsafe AudioPacket(
                position: audio.position, captureTime: audio.captureTime, frames: frames,
                payload: UnsafeRawBufferPointer(samples)))
    }

    /// What the codec makes of a pause of its own: the noise that was before it, so that nobody thinks the line is dead.
    private func comfort(_ silence: SilencePacket, _ decoder: OpusDecoder) -> Packet {
        guard (inner as? any RepairingSource)?.isPause ?? false else { return .silence(silence) }
        let samples = unsafe decoder.conceal(frames: Int(min(silence.frames, Self.guessFrames)))
        let frames = Int64(samples.count / decoder.channels)
        guard frames > 0 else { return .silence(silence) }
        if frames < silence.frames {
            rest = Packet.silence(silence).part(
                first: frames, count: silence.frames - frames, rate: OpusConfiguration.rate,
                position: silence.position + frames)
        }
        return .audio(
            unsafe AudioPacket(
                position: silence.position, captureTime: silence.captureTime, frames: Int(frames),
                payload: UnsafeRawBufferPointer(samples)))
    }

    private func guess(_ gap: GapPacket, _ decoder: OpusDecoder) -> Packet {
        if let packet = repaired(gap, decoder) { return packet }
        guard guessedInRow < Self.guessFrames else { return .gap(gap) }
        let samples = unsafe decoder.conceal(frames: Int(min(gap.frames, Self.guessFrames)))
        let frames = Int64(samples.count / decoder.channels)
        guard frames > 0 else { return .gap(gap) }
        guessedInRow += frames
        shared.write {
            $0.gaps += 1
            $0.frames += frames
        }
        // What is left of the gap is told as any other.
        events.post(.gap(position: gap.position, frames: frames, cause: gap.cause, origin: gap.seenBy))
        if frames < gap.frames {
            rest = Packet.gap(gap).part(
                first: frames, count: gap.frames - frames, rate: OpusConfiguration.rate,
                position: gap.position + frames)
        }
        return .audio(
            unsafe AudioPacket(
                position: gap.position, captureTime: gap.captureTime, frames: Int(frames),
                payload: UnsafeRawBufferPointer(samples)))
    }

    /// The sound of a gap out of the packet behind it, if that is here and repeats what was before it.
    private func repaired(_ gap: GapPacket, _ decoder: OpusDecoder) -> Packet? {
        guard let bytes = (inner as? any RepairingSource)?.behindGap, gap.frames <= Self.guessFrames,
            OpusPacketParts.repeatsPrevious(bytes)
        else { return nil }
        let samples = unsafe bytes.withUnsafeBytes { unsafe decoder.recover(before: $0, frames: Int(gap.frames)) }
        let frames = Int64(samples.count / decoder.channels)
        guard frames == gap.frames else { return nil }
        guessedInRow = 0
        shared.write { $0.repairedFrames += frames }
        return .audio(
            unsafe AudioPacket(
                position: gap.position, captureTime: gap.captureTime, frames: Int(frames),
                payload: UnsafeRawBufferPointer(samples)))
    }

    private func tellDamage(_ error: OpusError, _ audio: AudioPacket) {
        damaged += 1
        guard damaged == 1 else { return }
        events.post(
            .warning(
                "frame \(audio.position): \(error.message); its sound is guessed, and so is that of others like it"))
    }

    private func fail(_ message: String) -> Packet {
        failure = .failed(message)
        hasEnded = true
        inner.stop()
        return .end(EndPacket(totalFrames: 0, lostFrames: 0, reason: .error, code: 1, message: message))
    }
}
