import AupRealtime
import AupSound
import AupWire

/// Multiplies every sample: `play --volume`. What leaves is f32, wide enough for what came in.
final class VolumeStage: PacketSink {
    private let next: any PacketSink
    private var ramp: GainRamp
    private var slot = SampleConverterSlot()
    private var format: PCMFormat?
    private var scratch = ScratchBytes()

    /// - Parameter volume: an amplitude factor.
    init(volume: Double, next: any PacketSink) {
        self.next = next
        ramp = GainRamp(gain: Float(volume))
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(var description):
            guard let source = description.pcm else {
                throw .before(.failed("cannot change the volume of \(description.summary)"))
            }
            slot.plan(from: source.sampleFormat, to: .f32)
            format = source
            description.coding = .pcm(source.with(.f32))
            try next.take(.format(description))
        case .audio(let audio):
            guard let format else { return }
            let samples = audio.frames * format.channels
            let space = unsafe scratch.space(samples * 4)
            unsafe slot.convert(audio.payload, into: space, samples: samples)
            unsafe ramp.apply(
                toInterleaved: space.baseAddress!.assumingMemoryBound(to: Float.self), channels: format.channels,
                frames: audio.frames)
            try next.take(
                .audio(
                    unsafe AudioPacket(
                        position: audio.position, captureTime: audio.captureTime, frames: audio.frames,
                        payload: UnsafeRawBufferPointer(space))))
        default: try next.take(packet)
        }
    }

    func flush() throws(SessionFailure) { try next.flush() }
}
