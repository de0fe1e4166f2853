internal import AupSound
internal import CRealtime

/// Everything `meter` says of a sound but its spectrum: levels, true peak, loudness, clips, silence.
///
/// Frames are collected into units of 10 ms that begin at the same frames whatever the packets, and only whole units
/// are measured. So the same sound has the same measures, bit for bit, however it was cut, and readings lag behind the
/// sound by less than 10 ms (the true peak by 12 frames more). ``finish()`` measures what is left at the end.
///
///     measure(packet) ─▶ unit of 10 ms ─┬─▶ levels ─▶ interval ─▶ total, silence
///                                       ├─▶ interpolation ─▶ true peak
///                                       └─▶ K-weighting ─▶ power ─▶ windows ─▶ histograms
///
/// Memory is the same after a week as after a second: 1 MB, and 2.5 kB a channel at 48 kHz. What is no number is
/// silence, what is infinite is full scale, denormal numbers are zero, each is counted; finite floats beyond full scale
/// are measured as they are.
///
/// - Thread: audio, one at a time; made on a control thread, after which it neither allocates nor waits. Readings are
///   plain values that may go anywhere.
@safe
public struct SoundMeter: ~Copyable {
    public let configuration: MeterConfiguration
    public let channels: Int
    /// Frames that were measured: all but those of the unit that is not whole yet.
    public internal(set) var frames: Int64 = 0
    public internal(set) var silence = SilenceReading()

    let formatCode: Int32
    let sampleBytes: Int
    let clipLevel: Float
    let quietPeak: Float
    let pair: (one: Int, other: Int)?
    let filter: TruePeakFilter
    let measuresTruePeak: Bool
    var odd = AupOddNumbers()
    var before: LevelReading
    var products = (both: 0.0, one: 0.0, other: 0.0)
    var windows: LoudnessMeter
    var unit = 0
    var intervalFrames: Int64 = 0

    // Owned alone by this value, freed in its deinit. `sound` holds the taps' past, then the unit, then padding.
    let sound: UnsafeMutablePointer<Float>
    var filled = 0
    let levels: UnsafeMutablePointer<AupChannelLevel>
    let runs: UnsafeMutablePointer<Int64>
    // The filters' coefficients, their states, the channels' powers and weights, in one piece.
    let numbers: UnsafeMutablePointer<Double>
    let lanes: Int

    static var past: Int { @_noLocks get { 23 } }
    /// Runs the kernels built for the oldest machine, and looks for peaks where there can be none: tests compare.
    var isPlain = false
    var skipsNothing = false
    /// Blocks in which the search for a true peak could not be spared.
    var searchedBlocks = 0

    /// - Thread: control.
    public init(_ configuration: MeterConfiguration) {
        precondition(MeterConfiguration.rates.contains(configuration.rate))
        self.configuration = configuration
        channels = configuration.layout.positions.count
        formatCode = Int32(configuration.format.rawValue)
        sampleBytes = configuration.format.bytesPerSample
        clipLevel = configuration.clipLevel
        measuresTruePeak = configuration.measuresTruePeak
        quietPeak = Float(amplitude(decibels: configuration.silenceDecibels))
        pair = MeterConfiguration.pair(of: configuration.layout)
        filter = TruePeakFilter()
        before = LevelReading(channelCount: channels)
        windows = LoudnessMeter(rate: configuration.rate)
        let unitFrames = configuration.rate / 100 + 1
        let samples = (Self.past + unitFrames) * channels + Int(AUP_MEASURE_PADDING)
        unsafe sound = UnsafeMutableRawPointer.allocate(byteCount: samples * 4, alignment: 64)
            .bindMemory(to: Float.self, capacity: samples)
        unsafe sound.initialize(repeating: 0, count: samples)
        unsafe levels = .allocate(capacity: channels)
        unsafe levels.initialize(repeating: AupChannelLevel(), count: channels)
        unsafe runs = .allocate(capacity: channels)
        unsafe runs.initialize(repeating: 0, count: channels)
        lanes = (channels + 7) / 8 * 8
        let weighting = KWeighting(rate: configuration.rate)
        let weights = MeterConfiguration.weights(of: configuration.layout, isDualMono: configuration.isDualMono)
        let count = 16 + 6 * lanes
        unsafe numbers = .allocate(capacity: count)
        unsafe numbers.initialize(repeating: 0, count: count)
        for (index, value) in (weighting.shelf.stateSpace + weighting.highPass.stateSpace).enumerated() {
            unsafe numbers[index] = value
        }
        for (index, weight) in weights.enumerated() { unsafe numbers[16 + 5 * lanes + index] = weight }
    }

    deinit {
        unsafe sound.deallocate()
        unsafe levels.deallocate()
        unsafe runs.deallocate()
        unsafe numbers.deallocate()
    }

    // MARK: - Audio thread

    /// Measures interleaved frames of the configured format, at any alignment.
    @_noLocks
    public mutating func measure(_ source: UnsafeRawPointer, frames count: Int) {
        precondition(count >= 0)
        var done = 0
        while done < count {
            let block = min(count - done, unitFrames - filled)
            unsafe aup_measure_load(
                source + done * channels * sampleBytes, formatCode, sound + (Self.past + filled) * channels,
                block * channels, &odd)
            done += block
            collect(block)
        }
    }

    /// Takes frames that were put behind those of the unit that is being collected; measures it when it is whole.
    @_noLocks
    mutating func collect(_ block: Int) {
        filled += block
        guard filled == unitFrames else { return }
        measureUnit()
        windows.add(weigh())
        unit += 1
        keepPast()
    }

    /// Measures what is left of the last unit, and the sound between the last samples. Loudness takes no part in it:
    /// it knows whole units only. Afterwards the meter can be read, and reset.
    @_noLocks
    public mutating func finish() {
        if filled > 0 {
            measureUnit()
            keepPast()
        }
        let rest = Self.past * channels
        for sample in 0..<rest { unsafe sound[rest + sample] = 0 }
        guard measuresTruePeak else { return }
        searchTruePeak(frames: Self.past)
        for sample in 0..<rest { unsafe sound[sample] = 0 }
    }

    /// Begins anew, as if nothing had been heard.
    @_noLocks
    public mutating func reset() {
        clearLevels()
        before = LevelReading(channelCount: channels)
        for channel in 0..<channels { unsafe runs[channel] = 0 }
        for state in 0..<4 * lanes { unsafe numbers[16 + state] = 0 }
        for sample in 0..<Self.past * channels { unsafe sound[sample] = 0 }
        windows.reset()
        odd = AupOddNumbers()
        silence = SilenceReading()
        filled = 0
        unit = 0
        frames = 0
    }

    /// The frames of the unit that is being collected.
    var unitFrames: Int {
        @_noLocks get {
            let rate = configuration.rate
            return LoudnessMeter.start(ofUnit: unit + 1, rate: rate) - LoudnessMeter.start(ofUnit: unit, rate: rate)
        }
    }
}
