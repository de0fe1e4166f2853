import AupSound
import CALSA

// What a device says of itself when nothing, or only a part, has been chosen.
extension HardwareParameters {
    /// Runs of rates that are looked for at most; a clock with a divider has hundreds of single ones.
    private static let mostRuns = 64

    var formats: [SampleFormat] { SampleFormat.allCases.filter { offers($0) } }

    /// Every rate on offer within what can be handled: single ones, and runs in which each whole number is offered.
    var rates: [ClosedRange<Int>] {
        let range = rateRange.clamped(to: Limits.rates)
        var runs: [ClosedRange<Int>] = []
        var next = offers(rate: range.lowerBound) ? range.lowerBound : nextRate(after: range.lowerBound)
        while let first = next, first <= range.upperBound, runs.count < Self.mostRuns {
            let last = endOfRun(from: first, upTo: range.upperBound)
            runs.append(first...last)
            next = last < range.upperBound ? nextRate(after: last) : nil
        }
        return runs
    }

    /// The lowest offered rate above this one. Where the driver's arithmetic hides it, the next usual one.
    private func nextRate(after rate: Int) -> Int? {
        lowestRate(from: rate + 1)
            ?? DeviceAbilities.usualRates.first { $0 > rate && offers(rate: $0) }
    }

    /// Lists hold no two neighbours, so a rate that is followed by its neighbour begins a run without holes.
    private func endOfRun(from first: Int, upTo limit: Int) -> Int {
        guard first < limit, offers(rate: first + 1) else { return first }
        if offers(rate: limit), offers(rate: (first + limit) / 2) { return limit }
        var (inside, outside) = (first + 1, limit)
        while outside - inside > 1 {
            let middle = (inside + outside) / 2
            if offers(rate: middle) { inside = middle } else { outside = middle }
        }
        return inside
    }

    /// Channel counts on offer, up to what can be handled.
    var channelCounts: [ClosedRange<Int>] {
        let range = channelRange
        let counts = (max(range.lowerBound, 1)...max(min(range.upperBound, Limits.channels), 1)).filter {
            offers(channels: $0)
        }
        return counts.reduce(into: []) { runs, count in
            if let last = runs.last, last.upperBound + 1 == count {
                runs[runs.count - 1] = last.lowerBound...count
            } else {
                runs.append(count...count)
            }
        }
    }

    var accesses: [DeviceAbilities.Access] {
        let all: [(DeviceAbilities.Access, snd_pcm_access_t)] = [
            (.memoryMapped, SND_PCM_ACCESS_MMAP_INTERLEAVED), (.readWrite, SND_PCM_ACCESS_RW_INTERLEAVED),
            (.memoryMappedPlanar, SND_PCM_ACCESS_MMAP_NONINTERLEAVED),
            (.readWritePlanar, SND_PCM_ACCESS_RW_NONINTERLEAVED),
            (.memoryMappedComplex, SND_PCM_ACCESS_MMAP_COMPLEX),
        ]
        return all.filter { unsafe snd_pcm_hw_params_test_access(pcm, parameters, $0.1) == 0 }.map(\.0)
    }

    /// Frames of a period, from the shortest to the longest, with what has been chosen so far.
    var periodLimits: ClosedRange<Int>? {
        var (low, high) = (UInt(0), UInt(0))
        var direction: Int32 = 0
        guard unsafe snd_pcm_hw_params_get_period_size_min(parameters, &low, &direction) == 0,
            unsafe snd_pcm_hw_params_get_period_size_max(parameters, &high, &direction) == 0
        else { return nil }
        return Self.limits(low, high)
    }

    var bufferLimits: ClosedRange<Int>? {
        var (low, high) = (UInt(0), UInt(0))
        guard unsafe snd_pcm_hw_params_get_buffer_size_min(parameters, &low) == 0,
            unsafe snd_pcm_hw_params_get_buffer_size_max(parameters, &high) == 0
        else { return nil }
        return Self.limits(low, high)
    }

    var periodCountLimits: ClosedRange<Int>? {
        var (low, high) = (UInt32(0), UInt32(0))
        var direction: Int32 = 0
        guard unsafe snd_pcm_hw_params_get_periods_min(parameters, &low, &direction) == 0,
            unsafe snd_pcm_hw_params_get_periods_max(parameters, &high, &direction) == 0
        else { return nil }
        return Self.limits(UInt(low), UInt(high))
    }

    /// `nil` of what the driver has not said: alsa-lib answers 0 for both.
    var traits: DeviceAbilities.Traits {
        var traits = DeviceAbilities.Traits()
        traits.canPause = unsafe snd_pcm_hw_params_can_pause(parameters) != 0
        traits.canResume = unsafe snd_pcm_hw_params_can_resume(parameters) != 0
        traits.canStartInSync = unsafe snd_pcm_hw_params_can_sync_start(parameters) != 0
        traits.isBatch = unsafe snd_pcm_hw_params_is_batch(parameters) != 0
        traits.isHalfDuplex = unsafe snd_pcm_hw_params_is_half_duplex(parameters) != 0
        traits.isJointDuplex = unsafe snd_pcm_hw_params_is_joint_duplex(parameters) != 0
        traits.canDoWithoutPeriodWakeups = unsafe snd_pcm_hw_params_can_disable_period_wakeup(parameters) != 0
        let bits = unsafe snd_pcm_hw_params_get_sbits(parameters)
        traits.significantBits = bits > 0 ? Int(bits) : nil
        return traits
    }

    /// Plugins say "any" with the largest numbers of their type, which is more than anybody can have.
    private static func limits(_ low: UInt, _ high: UInt) -> ClosedRange<Int>? {
        guard low <= high else { return nil }
        return Int(clamping: low)...Int(clamping: high)
    }
}
