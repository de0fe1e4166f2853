import AupSound
import AupWire

/// Stores the samples of a stream otherwise: `-f` on an output.
final class ConversionStage: PacketSink {
    /// `nil` for that of the sound before it was decoded or resampled.
    private let wanted: SampleFormat?
    private var target = SampleFormat.f32
    private let next: any PacketSink
    private var slot = SampleConverterSlot()
    private var format: PCMFormat?
    private var scratch = ScratchBytes()
    private let clipped = Guarded<Int64>(0)

    init(to wanted: SampleFormat?, next: any PacketSink) {
        self.wanted = wanted
        self.next = next
    }

    var clippedSamples: Int64 { clipped.read { $0 } }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(var description):
            guard let source = description.pcm else {
                throw .before(.failed("cannot convert \(description.summary) to \(wanted?.name ?? "PCM")"))
            }
            target = wanted ?? description.original?.sampleFormat ?? source.sampleFormat
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
