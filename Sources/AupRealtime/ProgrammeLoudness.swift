/// The loudness of several sounds as one: an album, or a file that was measured in pieces.
///
/// The blocks of all of them pass the gates together, so it is not the mean of their loudnesses. No block spans two.
///
/// - Thread: any, one at a time; made on a control thread, after which it neither allocates nor waits.
@safe
public struct ProgrammeLoudness: ~Copyable {
    private var blocks = LoudnessHistogram()
    private var shortTerms = LoudnessHistogram()
    private var maxMomentary = -Double.infinity
    private var maxShortTerm = -Double.infinity

    /// - Thread: control.
    public init() {}

    /// Integrated loudness, range and maxima of all that was added; momentary and short-term are of no use here.
    public var reading: LoudnessReading {
        @_noLocks get {
            var reading = LoudnessMeter.programme(blocks: blocks, shortTerms: shortTerms)
            reading.maxMomentary = maxMomentary
            reading.maxShortTerm = maxShortTerm
            return reading
        }
    }

    /// Forgets what was added.
    @_noLocks
    public mutating func reset() {
        blocks.reset()
        shortTerms.reset()
        maxMomentary = -Double.infinity
        maxShortTerm = -Double.infinity
    }

    /// Adds what another has.
    @_noLocks
    public mutating func add(_ other: borrowing ProgrammeLoudness) {
        blocks.merge(other.blocks)
        shortTerms.merge(other.shortTerms)
        maxMomentary = max(maxMomentary, other.maxMomentary)
        maxShortTerm = max(maxShortTerm, other.maxShortTerm)
    }

    @_noLocks
    mutating func add(
        blocks: borrowing LoudnessHistogram, shortTerms: borrowing LoudnessHistogram, reading: LoudnessReading
    ) {
        self.blocks.merge(blocks)
        self.shortTerms.merge(shortTerms)
        maxMomentary = max(maxMomentary, reading.maxMomentary)
        maxShortTerm = max(maxShortTerm, reading.maxShortTerm)
    }
}
