import AupPlugins
import AupRealtime
import AupSound
import AupWire

/// A chain of plugins in a stream: planar floats in the middle, exact where the chain changes nothing.
///
///     packet ─▶ planar f32 ─▶ chain ─▶ unchanged? ─yes─▶ the samples as they came
///                                          └──no──▶ interleaved in the output's format
///
/// What leaves is f32, or f64 where more came in: room above full scale between two processes, and no second dither.
/// The chain's latency is taken out again: the first frames are dropped, the last ones are called for at the end and
/// before a gap. A change of format makes the chain anew.
///
/// - Thread: transport, but for ``status``.
final class PluginStage: PacketSink {
    /// Frames of one block at most; longer packets are cut.
    static let blockFrames = 4096

    /// What other threads may know of this stage.
    struct Status: Sendable {
        var invalidSamples: Int64 = 0
        var clippedSamples: Int64 = 0
        var latencyFrames = 0
    }

    private let specs: [PluginSpec]
    private let library = PluginLibrary()
    private let target: SampleFormat?
    private let keepsSampleFormat: Bool
    private let isBypassed: Bool
    private let keepsDenormals: Bool
    private let next: any PacketSink
    private let events: EventQueue
    private var chain: PluginChain?
    private var source: PCMFormat?
    private var output: PCMFormat?
    private var input = PlanarBuffer(channels: 1, frames: PluginStage.blockFrames)
    private var result = PlanarBuffer(channels: 1, frames: PluginStage.blockFrames)
    private var deinterleaver = SampleConverter(from: .f32, to: .f32)
    private var interleaver = SampleConverter(from: .f32, to: .f32)
    private var exactCopy = SampleConverterSlot()
    private var scratch = ScratchBytes()
    /// Frames of the chain's latency that are still to be dropped from its output.
    private var pendingLatency = 0
    private var position: Int64 = 0
    private let shared = Guarded(Status())

    /// - Parameters:
    ///   - target: the sample format that was asked for, if any.
    ///   - keepsSampleFormat: the output is a file, which is stored as its input was.
    init(
        _ specs: [PluginSpec], isBypassed: Bool, keepsDenormals: Bool = false, target: SampleFormat?,
        keepsSampleFormat: Bool, events: EventQueue, next: any PacketSink
    ) {
        self.specs = specs
        self.isBypassed = isBypassed
        self.keepsDenormals = keepsDenormals
        self.target = target
        self.keepsSampleFormat = keepsSampleFormat
        self.events = events
        self.next = next
    }

    var status: Status { shared.read { $0 } }

    /// Loads every plugin for a stereo stream at 48 kHz and lets go of it again: mistakes in the chain are told before
    /// the first frame is waited for.
    func check() throws(SessionFailure) {
        do throws(PluginError) {
            try PluginChecker.check(specs, library)
        } catch {
            throw .before(error.code == .usage ? .usage(error.message) : .failed(error.message))
        }
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(let description): try plan(description)
        case .audio(let audio): try run(audio)
        case .silence(let silence): try runSilence(silence.frames)
        case .gap(let gap):
            try callForLatency()
            position += gap.frames
            try next.take(packet)
        case .event: try next.take(packet)
        case .end:
            try callForLatency()
            try next.take(packet)
        }
    }

    func flush() throws(SessionFailure) { try next.flush() }

    // MARK: - Format

    private func plan(_ description: StreamDescription) throws(SessionFailure) {
        guard let format = description.pcm else {
            throw .before(.failed("cannot process \(description.summary): only PCM streams are processed"))
        }
        if source != nil { try callForLatency() }
        let chain: PluginChain
        do throws(PluginError) {
            chain = try PluginChain(
                specs: specs, library: library, rate: format.rate, maxFrames: Self.blockFrames,
                channels: format.channels, isOffline: !description.isLive,
                keepsDenormals: keepsDenormals)
        } catch {
            throw .before(error.code == .usage ? .usage(error.message) : .failed(error.message))
        }
        let outputChannels = isBypassed ? format.channels : chain.outputChannels
        guard
            let output = PCMFormat(
                sampleFormat(for: format.sampleFormat), rate: format.rate, channels: outputChannels,
                layout: outputChannels == format.channels ? format.layout : nil)
        else { throw .before(.failed("the chain makes \(outputChannels) channels, which no stream holds")) }
        self.chain = chain
        source = format
        self.output = output
        pendingLatency = isBypassed ? 0 : chain.latencyFrames
        input = PlanarBuffer(channels: format.channels, frames: Self.blockFrames)
        result = PlanarBuffer(channels: outputChannels, frames: Self.blockFrames)
        deinterleaver = SampleConverter(from: format.sampleFormat, to: .f32)
        interleaver = SampleConverter(from: .f32, to: output.sampleFormat)
        exactCopy.plan(from: format.sampleFormat, to: output.sampleFormat)
        let latency = pendingLatency
        shared.write { $0.latencyFrames = latency }
        if !isBypassed { for note in chain.channelNotes { events.post(.warning(note)) } }
        if outputChannels != format.channels {
            events.post(.warning("the chain turns \(format.channels) channels into \(outputChannels)"))
        }
        var changed = description
        changed.coding = .pcm(output)
        try next.take(.format(changed))
    }

    private func sampleFormat(for source: SampleFormat) -> SampleFormat {
        if let target { return target }
        if keepsSampleFormat { return source }
        return source == .s32 || source == .f64 ? .f64 : .f32
    }

    // MARK: - Sound

    private func run(_ audio: AudioPacket) throws(SessionFailure) {
        guard let source, let output else { return }
        var done = 0
        while done < audio.frames {
            let count = min(audio.frames - done, Self.blockFrames)
            let bytes = unsafe UnsafeRawBufferPointer(
                rebasing: audio.payload[(done * source.frameBytes)..<((done + count) * source.frameBytes)])
            let space = unsafe scratch.space(count * output.frameBytes)
            if isBypassed {
                unsafe exactCopy.convert(bytes, into: space, samples: count * source.channels)
            } else {
                try unsafe process(bytes, into: space, frames: count)
            }
            let time = audio.captureTime.map { $0 + Int64(done) * 1_000_000_000 / Int64(source.rate) }
            try unsafe hand(on: space, frames: count, captureTime: time)
            done += count
        }
    }

    private func process(
        _ bytes: UnsafeRawBufferPointer, into space: UnsafeMutableRawBufferPointer, frames: Int
    ) throws(SessionFailure) {
        guard let source, let output, let chain else { return }
        let invalid = unsafe deinterleaver.deinterleave(
            from: bytes.baseAddress!, to: input.planes, channels: source.channels, frames: frames)
        let status = unsafe chain.process(input: input.planes, output: result.planes, frames: frames)
        if let error = chain.error(for: status) { throw .before(.failed(error.message)) }
        if pendingLatency == 0, chain.latencyFrames == 0, source.channels == output.channels,
            input.isEqual(to: result, channels: source.channels, frames: frames), invalid == 0
        {
            unsafe exactCopy.convert(bytes, into: space, samples: frames * source.channels)
            return
        }
        let clipped = unsafe interleaver.interleave(
            from: result.planes, to: space.baseAddress!, channels: output.channels, frames: frames)
        if clipped + invalid > 0 {
            shared.write { status in
                status.clippedSamples += Int64(clipped)
                status.invalidSamples += Int64(invalid)
            }
        }
    }

    private func runSilence(_ frames: Int64) throws(SessionFailure) {
        guard let source else { return }
        var silence = ScratchBytes()
        let space = unsafe silence.space(Self.blockFrames * source.frameBytes)
        unsafe space.initializeMemory(as: UInt8.self, repeating: source.sampleFormat.silenceByte)
        var rest = frames
        while rest > 0 {
            let count = Int(min(rest, Int64(Self.blockFrames)))
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: space[..<(count * source.frameBytes)])
            try run(unsafe AudioPacket(position: position, captureTime: nil, frames: count, payload: bytes))
            rest -= Int64(count)
        }
    }

    /// Hands on what came out of the chain, without the frames that are only its latency.
    private func hand(
        on space: UnsafeMutableRawBufferPointer, frames: Int, captureTime: Int64?
    ) throws(SessionFailure) {
        guard let output else { return }
        let dropped = min(pendingLatency, frames)
        pendingLatency -= dropped
        guard dropped < frames else { return }
        let payload = unsafe UnsafeRawBufferPointer(rebasing: space[(dropped * output.frameBytes)...])
        try next.take(
            .audio(
                unsafe AudioPacket(
                    position: position, captureTime: captureTime, frames: frames - dropped, payload: payload)))
        position += Int64(frames - dropped)
    }

    /// Calls for the frames that the chain's latency still holds, with silence; what follows begins with a new latency.
    private func callForLatency() throws(SessionFailure) {
        guard let chain, !isBypassed, chain.latencyFrames > 0, pendingLatency < chain.latencyFrames else { return }
        // Frames that never came in have nothing to wait for.
        let held = chain.latencyFrames - pendingLatency
        try runSilence(Int64(held))
        chain.reset()
        pendingLatency = chain.latencyFrames
    }
}
