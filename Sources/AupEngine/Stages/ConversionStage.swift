import AupSound
import AupWire

/// Stores the samples of a stream otherwise: `-f` on an output.
final class ConversionStage: PacketSink {
    private let target: SampleFormat
    private let next: any PacketSink
    private var slot = SampleConverterSlot()
    private var format: PCMFormat?
    private var scratch = ScratchBytes()
    private let clipped = Guarded<Int64>(0)

    init(to target: SampleFormat, next: any PacketSink) {
        self.target = target
        self.next = next
    }

    var clippedSamples: Int64 { clipped.read { $0 } }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(var description):
            guard let source = description.pcm else {
                throw .before(.failed("cannot convert \(description.summary) to \(target.name)"))
            }
            slot.plan(from: source.sampleFormat, to: target)
            format = source
            description.coding = .pcm(source.with(target))
            try next.take(.format(description))
        case .audio(let audio):
            guard let format else { return }
            if format.sampleFormat == target { return try next.take(packet) }
            let samples = audio.frames * format.channels
            let space = unsafe scratch.space(samples * target.bytesPerSample)
            unsafe slot.convert(audio.payload, into: space, samples: samples)
            let total = slot.clippedSamples
            clipped.write { $0 = total }
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
