internal import CRealtime

/// What is known so far.
extension SoundMeter {
    // MARK: - Audio thread

    /// What was measured since the last reset.
    public var total: LevelReading {
        @_noLocks get {
            var reading = before
            reading.add(interval)
            return reading
        }
    }

    /// What was measured since ``beginInterval()``.
    public var interval: LevelReading {
        @_noLocks get {
            var reading = LevelReading(channelCount: channels)
            reading.frames = intervalFrames
            reading.products = products
            for channel in 0..<channels {
                let level = unsafe levels[channel]
                var one = ChannelReading()
                one.frames = intervalFrames
                one.samplePeak = level.peak
                // The interpolation of numbers near the largest overflows.
                one.truePeak = min(max(level.true_peak, level.peak), .greatestFiniteMagnitude)
                one.sum = level.sum
                one.squares = level.squares
                one.clippedSamples = level.clipped
                one.longestClip = level.longest_clip
                reading.channels[channel] = one
            }
            return reading
        }
    }

    public var loudness: LoudnessReading {
        @_noLocks get { windows.reading }
    }

    /// Loudness of the last 400 ms and of the last 3 s, LUFS: a small part of what ``loudness`` takes.
    public var momentaryAndShortTerm: (momentary: Double, shortTerm: Double) {
        @_noLocks get { windows.now }
    }

    /// Begins the next interval; the total goes on.
    @_noLocks
    public mutating func beginInterval() {
        before.add(interval)
        clearLevels()
    }

    /// Adds the programme of this meter to others': the loudness of an album.
    @_noLocks
    public func add(to programme: inout ProgrammeLoudness) {
        programme.add(blocks: windows.blocks, shortTerms: windows.shortTerms, reading: windows.reading)
    }

    /// Samples that were no number, infinite, or denormal.
    public var oddNumbers: OddNumbers {
        @_noLocks get {
            OddNumbers(
                notNumbers: odd.not_numbers, infinities: odd.infinities, denormals: odd.denormals)
        }
    }
}
