public import AupSound
internal import CRealtime

/// The largest sample and the power of each channel since the last reset: the level before and after.
///
/// Full scale is 1. The peak is the sample peak, not the true peak between samples. What is no finite number counts as
/// the converter would make it: silence, or full scale.
///
/// - Thread: audio, and a copy of it anywhere; a plain value of fixed size.
public struct PeakMeter: Sendable {
    /// Channels that are measured, 1 to `Limits.channels`.
    public let channels: Int
    /// Frames since the last reset.
    public private(set) var frames: Int64 = 0
    private let sourceCode: Int32
    private var peaks = InlineArray<64, Float>(repeating: 0)
    private var squares = InlineArray<64, Double>(repeating: 0)

    /// - Parameter format: of the interleaved samples that will come.
    public init(_ format: SampleFormat, channels: Int) {
        precondition((1...mostChannels).contains(channels))
        self.channels = channels
        sourceCode = Int32(format.rawValue)
    }

    // MARK: - Audio thread

    /// Measures interleaved frames at any alignment.
    @_noLocks
    public mutating func measure(_ source: UnsafeRawPointer, frames: Int) {
        precondition(frames >= 0)
        // Borrowed as raw memory, because a closure over two mutable spans counts references.
        unsafe aup_meter(source, sourceCode, channels, frames, &peaks, &squares)
        self.frames += Int64(frames)
    }

    /// The largest magnitude of a channel, 0 to 1 (more for floats beyond full scale).
    @_noLocks
    public func peak(channel: Int) -> Float {
        precondition(channel < channels)
        return peaks[channel]
    }

    /// The largest magnitude of all channels.
    public var peak: Float {
        @_noLocks get {
            var largest: Float = 0
            for channel in 0..<channels { largest = max(largest, peaks[channel]) }
            return largest
        }
    }

    /// The sum of the squares of a channel's samples.
    @_noLocks
    public func sumOfSquares(channel: Int) -> Double {
        precondition(channel < channels)
        return squares[channel]
    }

    /// The mean square of all samples of all channels: 10·log10 of it is the level in dBFS.
    public var meanSquare: Double {
        @_noLocks get {
            guard frames > 0 else { return 0 }
            var sum = 0.0
            for channel in 0..<channels { sum += squares[channel] }
            return sum / (Double(frames) * Double(channels))
        }
    }

    /// Begins anew.
    @_noLocks
    public mutating func reset() {
        for channel in 0..<channels {
            peaks[channel] = 0
            squares[channel] = 0
        }
        frames = 0
    }
}
