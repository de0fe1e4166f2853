import AupFiles
import AupSound
import AupSystem
import AupWire

/// A stream in somebody else's format: WAV or AU without end, or headerless samples (`--as`).
///
/// These formats know neither gaps nor silence packets nor errors: both become silence of the right length, so that
/// time stays right, and an upstream error is left to the exit code.
///
/// - Thread: transport.
final class ForeignStreamSink: PacketSink {
    private var output: StreamOutput
    private let container: StreamContainer
    private var layout: ForeignLayout?
    private var converter: SampleConverterSlot
    private var scratch = ScratchBytes()
    private var sourceFormat: PCMFormat?

    init(_ output: StreamOutput, container: StreamContainer) {
        self.output = output
        self.container = container
        converter = SampleConverterSlot()
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(let description): try accept(description)
        case .audio(let audio):
            guard let source = sourceFormat, let layout else { return }
            let samples = audio.frames * source.channels
            let space = unsafe scratch.space(samples * layout.format.sampleFormat.bytesPerSample)
            unsafe converter.convert(audio.payload, into: space, samples: samples)
            unsafe layout.store(space)
            try unsafe write(UnsafeRawBufferPointer(space))
        case .silence(let silence): try writeSilence(silence.frames)
        case .gap(let gap): try writeSilence(gap.frames)
        case .event, .end: break
        }
    }

    func flush() throws(SessionFailure) {}

    private func accept(_ description: StreamDescription) throws(SessionFailure) {
        guard let format = description.pcm else {
            throw .sink(.failed("cannot write \(description.summary) as \(container.rawValue)"))
        }
        output.isLive = description.isLive
        let isFirst = layout == nil
        let wanted = layout ?? ForeignLayout(container, format)
        guard format.rate == wanted.format.rate, format.channels == wanted.format.channels else {
            throw .sink(
                .failed(
                    "the stream changed to \(format.summary), which \(container.rawValue) cannot follow; write an aup stream, or start anew"
                ))
        }
        layout = wanted
        sourceFormat = format
        converter.plan(from: format.sampleFormat, to: wanted.format.sampleFormat)
        guard isFirst else { return }
        let header = wanted.endlessHeader
        let space = unsafe scratch.space(header.count)
        unsafe space.copyBytes(from: header)
        try unsafe write(UnsafeRawBufferPointer(space))
    }

    private func writeSilence(_ frames: Int64) throws(SessionFailure) {
        guard let layout else { return }
        var rest = frames
        while rest > 0 {
            let count = Int(min(rest, 4096))
            let space = unsafe scratch.space(count * layout.format.frameBytes)
            unsafe space.initializeMemory(as: UInt8.self, repeating: layout.format.sampleFormat.silenceByte)
            unsafe layout.store(space)
            try unsafe write(UnsafeRawBufferPointer(space))
            rest -= Int64(count)
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws(SessionFailure) {
        try unsafe output.put(bytes)
    }
}

/// How samples lie in a foreign container: the header before them and the order of their bytes and channels.
private struct ForeignLayout {
    let format: PCMFormat
    let endlessHeader: [UInt8]
    private let channelSources: [Int]?
    private let storage: SampleStorage

    init(_ container: StreamContainer, _ wanted: PCMFormat) {
        switch container {
        case .wav:
            let header = WAVHeader(wanted, for: .pipe)
            (format, endlessHeader) = (header.format, header.endlessBytes)
            (channelSources, storage) = (header.channelSources, .native)
        case .au:
            let header = AUHeader(wanted)
            (format, endlessHeader) = (header.format, header.endlessBytes)
            (channelSources, storage) = (header.channelSources, header.storage)
        case .raw:
            (format, endlessHeader) = (wanted, [])
            (channelSources, storage) = (nil, .native)
        }
    }

    /// Brings interleaved little endian samples into the container's order, in place.
    func store(_ bytes: UnsafeMutableRawBufferPointer) {
        unsafe reorderChannels(bytes, format, sources: channelSources)
        unsafe storage.convert(bytes, format.sampleFormat)
    }
}
