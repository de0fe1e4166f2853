internal import CRealtime

/// Sound that holds nothing.
extension SoundMeter {
    // MARK: - Audio thread

    /// Measures frames that are zero in all channels, to the bit as if they had been there: until filters, taps and
    /// windows have forgotten the sound before, and by counting from then on. So a silence of years takes no longer than
    /// one of some seconds.
    @_noLocks
    public mutating func measureSilence(frames count: Int64) {
        precondition(count >= 0)
        var rest = count
        while rest > 0 {
            if filled == 0, isAtRest {
                let counted = countUnits(within: rest)
                rest -= counted
                if rest == 0 { return }
            }
            let block = Int(min(rest, Int64(unitFrames - filled)))
            let from = (Self.past + filled) * channels
            for sample in from..<from + block * channels { unsafe sound[sample] = 0 }
            rest -= Int64(block)
            collect(block)
        }
    }

    /// Whether nothing of a sound is left in filters, taps and windows.
    private var isAtRest: Bool {
        @_noLocks get {
            guard windows.isEmpty else { return false }
            for state in 0..<4 * lanes where unsafe numbers[16 + state] != 0 { return false }
            for sample in 0..<Self.past * channels where unsafe sound[sample] != 0 { return false }
            return true
        }
    }

    /// Passes as many whole units as so many frames have; returns their frames.
    @_noLocks
    private mutating func countUnits(within count: Int64) -> Int64 {
        let rate = configuration.rate
        let start = LoudnessMeter.start(ofUnit: unit, rate: rate)
        let end = start + Int(count)
        // The last unit that begins no later than there; rounding may have put it one too far or too near.
        var last = end / rate * 100 + end % rate * 100 / rate
        while LoudnessMeter.start(ofUnit: last + 1, rate: rate) <= end { last += 1 }
        while LoudnessMeter.start(ofUnit: last, rate: rate) > end { last -= 1 }
        guard last > unit else { return 0 }
        let passed = Int64(LoudnessMeter.start(ofUnit: last, rate: rate) - start)
        for channel in 0..<channels { unsafe runs[channel] = 0 }
        silence.add(frames: passed, isQuiet: true)
        intervalFrames += passed
        frames += passed
        unit = last
        windows.skip(toUnit: last)
        return passed
    }
}
