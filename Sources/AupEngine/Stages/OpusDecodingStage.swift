import AupOpus
import AupSound
import AupWire

/// Opus of a stream as samples, for whatever comes behind it; everything else passes.
///
/// A packet that is damaged is replaced by what the codec guesses from what was before it, counted, and told once.
///
/// - Thread: transport, but for ``damagedPackets``.
final class OpusDecodingStage: PacketSink {
    private let next: any PacketSink
    private let events: EventQueue
    private var decoder: OpusDecoder?
    private let damaged = Guarded<Int64>(0)

    init(events: EventQueue, next: any PacketSink) {
        self.events = events
        self.next = next
    }

    var damagedPackets: Int64 { damaged.read { $0 } }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(let description): try plan(description)
        case .audio(let audio):
            guard let decoder else { return try next.take(packet) }
            try decode(audio, decoder)
        default: try next.take(packet)
        }
    }

    func flush() throws(SessionFailure) { try next.flush() }

    private func plan(_ description: StreamDescription) throws(SessionFailure) {
        guard case .opus(let configuration) = description.coding else {
            decoder = nil
            return try next.take(.format(description))
        }
        do throws(OpusError) {
            decoder = try OpusDecoder(configuration)
        } catch {
            throw .before(.failed(error.message))
        }
        guard
            let format = PCMFormat(
                .f32, rate: OpusConfiguration.rate, channels: configuration.channels, layout: configuration.layout)
        else { throw .before(.failed("an Opus stream of \(configuration.channels) channels cannot be decoded")) }
        var changed = description
        changed.coding = .pcm(format)
        try next.take(.format(changed))
    }

    private func decode(_ audio: AudioPacket, _ decoder: OpusDecoder) throws(SessionFailure) {
        let samples: UnsafeBufferPointer<Float>
        do throws(OpusError) {
            unsafe samples = try unsafe decoder.decode(audio.payload, frames: audio.frames)
        } catch {
            tellDamage(error)
            unsafe samples = decoder.conceal(frames: audio.frames)
        }
        let frames = samples.count / decoder.channels
        if frames > 0 {
            try next.take(
                .audio(
                    unsafe AudioPacket(
                        position: audio.position, captureTime: audio.captureTime, frames: frames,
                        payload: UnsafeRawBufferPointer(samples))))
        }
        // A packet that holds less than it says: the length of the stream is what was promised.
        guard frames < audio.frames else { return }
        let rest = SilencePacket(
            position: audio.position + Int64(frames), captureTime: nil, frames: Int64(audio.frames - frames))
        try next.take(.silence(rest))
    }

    private func tellDamage(_ error: OpusError) {
        var count: Int64 = 0
        damaged.write {
            $0 += 1
            count = $0
        }
        guard count == 1 else { return }
        events.post(.warning("\(error.message); its sound is guessed, and so is that of others like it"))
    }
}
