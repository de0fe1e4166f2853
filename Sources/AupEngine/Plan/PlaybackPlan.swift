public import AupSound

/// How sound is brought to a playback device: what `play` asks for beyond the device itself.
public struct PlaybackPlan: Sendable {
    /// A live source that has a clock of its own is followed by stretching the sound; `--no-drift` turns it off.
    public var followsDrift = true
    /// Of a change of rate, which happens only where the device cannot do the sound's own.
    public var quality = ResamplingQuality.high
    /// `nil` mixes by the layouts, and only where the device cannot do the sound's own channels.
    public var mix: MixName?

    /// Where there is no such device the sound is measured and heard by nobody, as in a host without loudspeakers.
    var mayBeMissing = false

    public init() {}
}
