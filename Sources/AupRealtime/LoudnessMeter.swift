internal import CRealtime

/// Loudness from the weighted power of every hundredth of a second: windows, gates, range, maxima.
///
///     10 ms  |.|.|.|.|.|.|.|.|.|.|.|.|.|.|   units; the last 300 are kept
///     400 ms |←──── 40 units ────→|          momentary, anew with each unit; a gating block with each tenth
///     3 s    |←──── 300 units ────────…→|    short-term, anew with each unit; for the range with each tenth
///
/// Windows begin and end on units, so a maximum can lie 5 ms beside the best place: 0.05 LU for a momentary loudness
/// that comes out of silence. Where a hundredth of a second is no whole number of frames, units begin at the frame
/// before, and each window is divided by the frames it has.
///
/// - Thread: any, one at a time; made on a control thread, after which it neither allocates nor waits.
@safe
struct LoudnessMeter: ~Copyable {
    private static var momentaryUnits: Int { @_noLocks get { 40 } }
    private static var shortTermUnits: Int { @_noLocks get { 300 } }

    private let rate: Int
    // Owned alone by this value, freed in its deinit: a ring of 300 units, twice, so that every window lies in one piece.
    private let powers: UnsafeMutablePointer<Double>
    private var units = 0
    /// Whether windows are only filled, and nothing is kept of them: what goes before a piece.
    var isPriming = false
    private var momentary = 0.0
    private var shortTerm = 0.0
    private var maxMomentary = 0.0
    private var maxShortTerm = 0.0
    var blocks: LoudnessHistogram
    var shortTerms: LoudnessHistogram

    /// - Thread: control.
    init(rate: Int) {
        self.rate = rate
        unsafe powers = .allocate(capacity: 600)
        unsafe powers.initialize(repeating: 0, count: 600)
        blocks = LoudnessHistogram()
        shortTerms = LoudnessHistogram()
    }

    deinit { unsafe powers.deallocate() }

    /// The frame at which a unit begins.
    @_noLocks
    static func start(ofUnit unit: Int, rate: Int) -> Int { unit / 100 * rate + unit % 100 * rate / 100 }

    // MARK: - Audio thread

    /// Takes the weighted sum of squares of the next unit.
    @_noLocks
    mutating func add(_ sum: Double) {
        let place = units % Self.shortTermUnits
        unsafe powers[place] = sum
        unsafe powers[place + Self.shortTermUnits] = sum
        units += 1
        // The last of a window's units is `place`, or the one a round later.
        let end = place + 1 + Self.shortTermUnits
        momentary =
            unsafe aup_measure_sum(powers + end - Self.momentaryUnits, Self.momentaryUnits)
            / frames(ofLast: Self.momentaryUnits)
        shortTerm =
            unsafe aup_measure_sum(powers + end - Self.shortTermUnits, Self.shortTermUnits)
            / frames(ofLast: Self.shortTermUnits)
        guard !isPriming else { return }
        maxMomentary = max(maxMomentary, momentary)
        maxShortTerm = max(maxShortTerm, shortTerm)
        guard units % 10 == 0 else { return }
        if units >= Self.momentaryUnits { blocks.add(power: momentary) }
        if units >= Self.shortTermUnits { shortTerms.add(power: shortTerm) }
    }

    /// Whether nothing is heard in the longest window.
    var isEmpty: Bool { @_noLocks get { momentary == 0 && shortTerm == 0 } }

    /// Goes on at a later unit, as if nothing had been before.
    @_noLocks
    mutating func skip(toUnit unit: Int) { units = unit }

    /// Adds what another one measured of the sound that follows.
    @_noLocks
    mutating func append(_ next: borrowing LoudnessMeter) {
        blocks.merge(next.blocks)
        shortTerms.merge(next.shortTerms)
        maxMomentary = max(maxMomentary, next.maxMomentary)
        maxShortTerm = max(maxShortTerm, next.maxShortTerm)
        momentary = next.momentary
        shortTerm = next.shortTerm
        units = next.units
        for unit in 0..<600 { unsafe powers[unit] = next.powers[unit] }
    }

    /// The frames of the last so many units; before the beginning lies silence of the same length.
    @_noLocks
    private func frames(ofLast count: Int) -> Double {
        let first = max(0, units - count)
        return Double(Self.start(ofUnit: first + count, rate: rate) - Self.start(ofUnit: first, rate: rate))
    }

    /// The windows alone, LUFS; the rest is computed from the histograms.
    var now: (momentary: Double, shortTerm: Double) {
        @_noLocks get { (loudness(ofPower: momentary), loudness(ofPower: shortTerm)) }
    }

    var reading: LoudnessReading {
        @_noLocks get {
            var reading = Self.programme(blocks: blocks, shortTerms: shortTerms)
            reading.momentary = loudness(ofPower: momentary)
            reading.shortTerm = loudness(ofPower: shortTerm)
            reading.maxMomentary = loudness(ofPower: maxMomentary)
            reading.maxShortTerm = loudness(ofPower: maxShortTerm)
            return reading
        }
    }

    /// What follows from the histograms alone.
    @_noLocks
    static func programme(
        blocks: borrowing LoudnessHistogram, shortTerms: borrowing LoudnessHistogram
    ) -> LoudnessReading {
        var reading = LoudnessReading()
        if blocks.blocks > 0 {
            let gate = blocks.mean * 0.1
            let gated = blocks.gatedMean(above: gate)
            reading.gate = loudness(ofPower: gate)
            reading.integrated = loudness(ofPower: gated.power)
        }
        if shortTerms.blocks > 0 {
            let ends = shortTerms.percentiles(above: shortTerms.mean * 0.01)
            reading.rangeLow = loudness(ofPower: ends.low)
            reading.rangeHigh = loudness(ofPower: ends.high)
            reading.range = reading.rangeHigh - reading.rangeLow
        }
        return reading
    }

    @_noLocks
    mutating func reset() {
        for unit in 0..<600 { unsafe powers[unit] = 0 }
        units = 0
        isPriming = false
        momentary = 0
        shortTerm = 0
        maxMomentary = 0
        maxShortTerm = 0
        blocks.reset()
        shortTerms.reset()
    }
}
