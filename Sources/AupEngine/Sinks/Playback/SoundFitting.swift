import AupRealtime
import AupResampling
import AupSound

/// Brings the frames of a stream to a device: other channels, another rate, another clock, another sample format.
///
///     payload ─▶ doubles ─▶ [mix] ─▶ [rate] ─▶ [clock] ─▶ device's format
///
/// Where nothing of that is called for, bytes pass as they are, or from format to format.
///
/// - Thread: transport.
final class SoundFitting {
    /// Frames that go through at once.
    static let blockFrames = 4096

    let source: PCMFormat
    let target: PCMFormat
    private let mixer: ChannelMixer?
    private var resampler: Resampler?
    /// Set to follow a source's clock.
    private var clock: VariableResampler?
    /// Whether the sound goes through ``clock`` and no longer by it.
    private var isStretching = false
    private var toDoubles: SampleConverter
    private var fromDoubles: SampleConverter
    private var direct = SampleConverterSlot()
    private var samples = ScratchBytes()
    private var mixed = ScratchBytes()
    private var resampled = ScratchBytes()
    private var stretched = ScratchBytes()
    private var output = ScratchBytes()
    private var clipped: Int64 = 0

    init(
        from source: PCMFormat, to target: PCMFormat, matrix: MixMatrix?, quality: ResamplingQuality,
        followsClock: Bool
    ) throws(ResamplingError) {
        self.source = source
        self.target = target
        if let matrix { mixer = ChannelMixer(matrix) } else { mixer = nil }
        if source.rate != target.rate {
            resampler = try Resampler(
                from: source.rate, to: target.rate, channels: target.channels, quality: quality)
        }
        if followsClock { clock = VariableResampler(channels: target.channels) }
        toDoubles = SampleConverter(from: source.sampleFormat, to: .f64)
        fromDoubles = SampleConverter(from: .f64, to: target.sampleFormat)
        direct.plan(from: source.sampleFormat, to: target.sampleFormat)
    }

    /// Samples that did not fit the device's format.
    var clippedSamples: Int64 { clipped + direct.clippedSamples }

    /// Frames of the device that went in and have not come out.
    var pendingFrames: Double { (resampler?.delayFrames ?? 0) + (isStretching ? clock?.pendingFrames ?? 0 : 0) }

    /// From here on the sound goes through the clock's resampler, at this ratio.
    func stretch(by ratio: Double) {
        if !isStretching { clock?.jump(toRatio: 1) }
        isStretching = clock != nil
        clock?.ratio = ratio
    }

    typealias Taker = (UnsafeRawBufferPointer) throws(SessionFailure) -> Void

    /// Hands on what the frames become.
    func fit(_ payload: UnsafeRawBufferPointer, frames: Int, _ take: Taker) throws(SessionFailure) {
        var done = 0
        while done < frames {
            let count = min(frames - done, Self.blockFrames)
            let bytes = unsafe UnsafeRawBufferPointer(
                rebasing: payload[(done * source.frameBytes)..<((done + count) * source.frameBytes)])
            try unsafe fitBlock(bytes, frames: count, take)
            done += count
        }
    }

    /// Hands on what is still inside: no more will come.
    func finish(_ take: Taker) throws(SessionFailure) {
        while resampler != nil {
            let room = resampler!.roomFrames(forSource: Self.blockFrames)
            let space = unsafe resampled.space(room * target.channels * 8)
            let made: Int
            do throws(ResamplingError) {
                made = try unsafe resampler!.finish(into: space.baseAddress!, room: room)
            } catch {
                throw .sink(.failed(error.message))
            }
            if made == 0 { break }
            try unsafe follow(space.baseAddress!.assumingMemoryBound(to: Double.self), frames: made, take)
        }
        guard isStretching else { return }
        let silence = [Double](repeating: 0, count: VariableResampler.latencyFrames * target.channels)
        try unsafe silence.withUnsafeBufferPointer { (buffer) throws(SessionFailure) in
            try unsafe follow(buffer.baseAddress!, frames: VariableResampler.latencyFrames, take)
        }
    }

    private func fitBlock(
        _ payload: UnsafeRawBufferPointer, frames: Int, _ take: Taker
    ) throws(SessionFailure) {
        if mixer == nil, resampler == nil, !isStretching {
            if clock != nil { unsafe remember(payload, frames: frames) }
            guard !direct.isCopy else { return try unsafe take(payload) }
            let space = unsafe output.space(frames * target.frameBytes)
            unsafe direct.convert(payload, into: space, samples: frames * source.channels)
            return try unsafe take(UnsafeRawBufferPointer(space))
        }
        let count = frames * source.channels
        var sound = unsafe samples.space(count * 8).baseAddress!.assumingMemoryBound(to: Double.self)
        _ = unsafe toDoubles.convert(from: payload.baseAddress!, to: sound, samples: count)
        if mixer != nil {
            let space = unsafe mixed.space(frames * target.channels * 8).baseAddress!
                .assumingMemoryBound(to: Double.self)
            unsafe mixer!.mix(sound, frames: frames, into: space)
            unsafe sound = space
        }
        guard resampler != nil else { return try unsafe follow(sound, frames: frames, take) }
        let room = resampler!.roomFrames(forSource: frames)
        let space = unsafe resampled.space(room * target.channels * 8)
        var done = 0
        while done < frames {
            let moved: (taken: Int, made: Int)
            do throws(ResamplingError) {
                moved = try unsafe resampler!.process(
                    sound + done * target.channels, frames: frames - done, into: space.baseAddress!, room: room)
            } catch {
                throw .sink(.failed(error.message))
            }
            done += moved.taken
            if moved.made > 0 {
                try unsafe follow(
                    space.baseAddress!.assumingMemoryBound(to: Double.self), frames: moved.made, take)
            }
        }
    }

    /// What the clock's resampler needs to take over after any frame.
    private func remember(_ payload: UnsafeRawBufferPointer, frames: Int) {
        let count = min(frames, VariableResampler.latencyFrames) * source.channels
        let space = unsafe samples.space(count * 8).baseAddress!.assumingMemoryBound(to: Double.self)
        let start = (frames * source.channels - count) * source.sampleFormat.bytesPerSample
        _ = unsafe toDoubles.convert(from: payload.baseAddress! + start, to: space, samples: count)
        unsafe clock!.pass(space, frames: count / source.channels)
    }

    /// The source's clock, and the device's format.
    private func follow(
        _ sound: UnsafePointer<Double>, frames: Int, _ take: Taker
    ) throws(SessionFailure) {
        guard clock != nil else { return try unsafe store(sound, frames: frames, take) }
        guard isStretching else {
            unsafe clock!.pass(sound, frames: frames)
            return try unsafe store(sound, frames: frames, take)
        }
        let space = unsafe stretched.space(clock!.roomFrames(forSource: frames) * target.channels * 8).baseAddress!
            .assumingMemoryBound(to: Double.self)
        let made = unsafe clock!.process(sound, frames: frames, into: space)
        try unsafe store(space, frames: made, take)
    }

    private func store(
        _ sound: UnsafePointer<Double>, frames: Int, _ take: Taker
    ) throws(SessionFailure) {
        guard frames > 0 else { return }
        let space = unsafe output.space(frames * target.frameBytes)
        clipped += Int64(
            unsafe fromDoubles.convert(from: sound, to: space.baseAddress!, samples: frames * target.channels))
        try unsafe take(UnsafeRawBufferPointer(space))
    }
}
