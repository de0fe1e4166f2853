internal import CRealtime

/// A gain that walks to its next value on a straight line in amplitude, so that a change makes no click.
///
/// The gain of a frame follows from its number in the ramp, so the result is the same whatever the blocks. A steady
/// gain of exactly 1 leaves the samples untouched and costs nothing.
///
///     gain  start ────────╮
///                          ╲ frames
///                           ╰──────── target
///
/// - Thread: audio; a plain value, one a stream.
public struct GainRamp: Sendable {
    private var start: Double
    private var target: Double
    private var position: UInt64 = 0
    private var length: UInt64 = 0

    /// - Parameter gain: an amplitude ratio; 1 is unity.
    @_noLocks
    public init(gain: Float = 1) {
        start = Double(gain)
        target = Double(gain)
    }

    // MARK: - Audio thread

    /// Where the gain is going, or is.
    public var targetGain: Float {
        @_noLocks get { Float(target) }
    }

    /// The gain of the next frame.
    public var currentGain: Float {
        @_noLocks get { Float(exactGain) }
    }

    /// Whether the gain has arrived.
    public var isSteady: Bool {
        @_noLocks get { position >= length }
    }

    /// Begins to walk from the current gain, in the middle of a ramp too; 0 frames is a jump. The first frame still has
    /// the old gain, the one after `frames` frames has the new one.
    @_noLocks
    public mutating func ramp(to gain: Float, frames: Int) {
        precondition(frames >= 0)
        start = exactGain
        target = Double(gain)
        position = 0
        length = UInt64(frames)
    }

    /// Applies the next `frames` frames of the ramp to interleaved floats, in place.
    @_noLocks
    public mutating func apply(toInterleaved samples: UnsafeMutablePointer<Float>, channels: Int, frames: Int) {
        precondition(frames >= 0 && channels > 0)
        if !isUnity {
            unsafe aup_gain_ramp(samples, channels, frames, start, target, position, length)
        }
        advance(frames)
    }

    /// Applies the next `frames` frames of the ramp to one array of floats a channel, in place.
    @_noLocks
    public mutating func apply(
        toPlanar planes: UnsafePointer<UnsafeMutablePointer<Float>>, channels: Int, frames: Int
    ) {
        precondition(frames >= 0 && channels > 0)
        if !isUnity {
            for channel in 0..<channels {
                unsafe aup_gain_ramp(planes[channel], 1, frames, start, target, position, length)
            }
        }
        advance(frames)
    }

    private var exactGain: Double {
        @_noLocks get {
            isSteady ? target : start + (target - start) / Double(length) * Double(position)
        }
    }

    private var isUnity: Bool {
        @_noLocks get { isSteady && target == 1 }
    }

    /// Stands still at the end, so that an endless stream cannot count past the end of the number.
    @_noLocks
    private mutating func advance(_ frames: Int) { position = min(position + UInt64(frames), length) }
}
