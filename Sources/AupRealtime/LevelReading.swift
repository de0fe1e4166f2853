internal import CRealtime

/// What is known of one channel over some time. Full scale is 1; a sine of full scale has an rms of 0.707 (-3.01 dBFS).
public struct ChannelReading: Equatable, Sendable {
    /// Frames it was measured over.
    public internal(set) var frames: Int64 = 0
    /// The largest magnitude of a sample.
    public internal(set) var samplePeak: Float = 0
    /// The largest magnitude of the sound between samples too: never below ``samplePeak``.
    public internal(set) var truePeak: Float = 0
    /// The sum of the samples, and that of their squares.
    public internal(set) var sum = 0.0
    public internal(set) var squares = 0.0
    /// Samples at or beyond the clip level, and the most in a row.
    public internal(set) var clippedSamples: Int64 = 0
    public internal(set) var longestClip: Int64 = 0

    @_noLocks init() {}

    /// The mean of the samples: DC offset.
    public var offset: Double {
        @_noLocks get { frames > 0 ? sum / Double(frames) : 0 }
    }

    /// The mean of their squares: 10·log10 of it is the level in dBFS.
    public var meanSquare: Double {
        @_noLocks get { frames > 0 ? squares / Double(frames) : 0 }
    }

    public var rms: Double {
        @_noLocks get { aup_square_root(meanSquare) }
    }

    /// Peak over rms, an amplitude ratio; 0 for silence.
    public var crest: Double {
        @_noLocks get { rms > 0 ? Double(samplePeak) / rms : 0 }
    }

    @_noLocks
    mutating func add(_ later: ChannelReading) {
        frames += later.frames
        samplePeak = max(samplePeak, later.samplePeak)
        truePeak = max(truePeak, later.truePeak)
        sum += later.sum
        squares += later.squares
        clippedSamples += later.clippedSamples
        longestClip = max(longestClip, later.longestClip)
    }
}

/// The levels of all channels over some time.
public struct LevelReading: Sendable {
    public let channelCount: Int
    public internal(set) var frames: Int64 = 0
    /// Of the pair whose correlation is measured: sums of the products of left with right, and of each with itself.
    var products = (both: 0.0, one: 0.0, other: 0.0)
    var channels = InlineArray<64, ChannelReading>(repeating: ChannelReading())

    @_noLocks
    init(channelCount: Int) { self.channelCount = channelCount }

    /// - Parameter channel: below ``channelCount``.
    public subscript(channel: Int) -> ChannelReading {
        @_noLocks get {
            precondition(channel >= 0 && channel < channelCount)
            return channels[channel]
        }
    }

    /// How alike left and right are: 1 for the same sound, 0 for strangers or silence, -1 for opposite phase.
    public var correlation: Double {
        @_noLocks get {
            let size = aup_square_root(products.one) * aup_square_root(products.other)
            return size > 0 ? min(max(products.both / size, -1), 1) : 0
        }
    }

    /// All channels as one: the largest of the peaks, and the mean of the rest.
    public var all: ChannelReading {
        @_noLocks get {
            var sum = ChannelReading()
            for channel in 0..<channelCount { sum.add(channels[channel]) }
            return sum
        }
    }

    /// Goes on with what followed, of as many channels.
    @_noLocks
    public mutating func add(_ later: LevelReading) {
        precondition(later.channelCount == channelCount)
        frames += later.frames
        products.both += later.products.both
        products.one += later.products.one
        products.other += later.products.other
        for channel in 0..<channelCount { channels[channel].add(later.channels[channel]) }
    }
}
