internal import CRealtime

/// A long sound in pieces, each by its own thread.
///
///     0 s                    60 s                   120 s
///     |──── first ───────────|──── second ──────────|────
///                     |primes|               |primes|
///
/// A piece begins on a whole second, and its meter hears the four seconds before it first: after one of them the
/// filters have forgotten that they began in the midst (their slowest part falls by 2000 dB a second), and three more
/// fill the longest window. Peaks, clips and silence are those of a single pass to the bit, loudness is within 1e-9 LU,
/// and sums are but for the order they are taken in. A run of clipped samples longer than a piece is counted as long as
/// the piece and its four seconds.
///
///     var meter = SoundMeter(configuration, piece: 60)
///     meter.measure(…)        // from meter.primingSecond to 60 s
///     meter.beginPiece()
///     meter.measure(…)        // from 60 s to 120 s, or to the end, and then finish()
///     first.append(meter)
extension SoundMeter {
    /// A meter for the piece that begins at a whole second.
    ///
    /// - Thread: control.
    public init(_ configuration: MeterConfiguration, piece second: Int) {
        precondition(second >= 0)
        self.init(configuration)
        let start = Self.primingSecond(ofPiece: second)
        unit = start * 100
        windows.skip(toUnit: unit)
        windows.isPriming = second > 0
    }

    /// From where a meter has to hear the sound that is to measure it from a second on.
    public static func primingSecond(ofPiece second: Int) -> Int { max(0, second - 4) }

    /// Ends what goes before: from here on the sound is measured.
    @_noLocks
    public mutating func beginPiece() {
        precondition(filled == 0)
        clearLevels()
        before = LevelReading(channelCount: channels)
        windows.isPriming = false
        odd = .init()
        silence = SilenceReading()
        frames = 0
    }

    /// Adds what another meter measured of the piece that follows this one. Then this can be read, but not go on.
    @_noLocks
    public mutating func append(_ next: borrowing SoundMeter) {
        before.add(interval)
        clearLevels()
        before.add(next.total)
        windows.append(next.windows)
        odd.not_numbers += next.odd.not_numbers
        odd.infinities += next.odd.infinities
        odd.denormals += next.odd.denormals
        silence.append(next.silence)
        frames += next.frames
    }
}
