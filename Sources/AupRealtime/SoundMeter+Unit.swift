internal import CRealtime

/// What is done with a unit of 10 ms.
extension SoundMeter {
    // MARK: - Audio thread

    @_noLocks
    mutating func measureUnit() {
        let now = unsafe sound + Self.past * channels
        let peak =
            if isPlain {
                unsafe aup_measure_levels_plain(now, channels, filled, clipLevel, levels, runs)
            } else {
                unsafe aup_measure_levels(now, channels, filled, clipLevel, levels, runs)
            }
        if let pair {
            unsafe products.both += aup_measure_product(now, channels, filled, pair.one, pair.other)
            unsafe products.one += aup_measure_product(now, channels, filled, pair.one, pair.one)
            unsafe products.other += aup_measure_product(now, channels, filled, pair.other, pair.other)
        }
        if measuresTruePeak { searchTruePeak(frames: filled) }
        silence.add(frames: Int64(filled), isQuiet: peak <= quietPeak)
        intervalFrames += Int64(filled)
        frames += Int64(filled)
    }

    @_noLocks
    mutating func searchTruePeak(frames count: Int) {
        let gain = skipsNothing ? Float.infinity : filter.gain
        if isPlain {
            unsafe searchedBlocks += aup_true_peak_plain(sound, channels, count, filter.table, gain, levels)
        } else {
            unsafe searchedBlocks += aup_true_peak(sound, channels, count, filter.table, gain, levels)
        }
    }

    /// The weighted sum of squares of a whole unit.
    @_noLocks
    mutating func weigh() -> Double {
        let states = unsafe numbers + 16
        let energies = unsafe states + 4 * lanes
        let weights = unsafe energies + lanes
        let now = unsafe sound + Self.past * channels
        if isPlain {
            unsafe aup_k_weight_plain(now, channels, filled, numbers, states, energies)
        } else {
            unsafe aup_k_weight(now, channels, filled, numbers, states, energies)
        }
        var sum = 0.0
        for channel in 0..<channels { unsafe sum += weights[channel] * energies[channel] }
        return sum
    }

    /// Moves the last frames to where the taps of the next unit look for them.
    @_noLocks
    mutating func keepPast() {
        let from = filled * channels
        for sample in 0..<Self.past * channels { unsafe sound[sample] = sound[from + sample] }
        filled = 0
    }

    @_noLocks
    mutating func clearLevels() {
        for channel in 0..<channels { unsafe levels[channel] = AupChannelLevel() }
        products = (0, 0, 0)
        intervalFrames = 0
    }
}
