/// Finds silence: where nothing exceeds a level. Told in steps of 10 ms.
///
/// - Thread: any, one at a time; a plain value.
public struct SilenceReading: Equatable, Sendable {
    /// Frames since the last sound, however few.
    public internal(set) var currentFrames: Int64 = 0
    /// The longest stretch.
    public internal(set) var longestFrames: Int64 = 0
    /// Frames before the first sound.
    public internal(set) var leadingFrames: Int64 = 0

    @_noLocks init() {}

    private var hasSounded = false

    /// Takes the next frames.
    @_noLocks
    mutating func add(frames: Int64, isQuiet: Bool) {
        guard isQuiet else {
            currentFrames = 0
            hasSounded = true
            return
        }
        currentFrames += frames
        if !hasSounded { leadingFrames = currentFrames }
        longestFrames = max(longestFrames, currentFrames)
    }

    /// Adds what was found in the sound that follows: silence that spans the seam is one stretch.
    @_noLocks
    mutating func append(_ next: SilenceReading) {
        let seam = currentFrames + next.leadingFrames
        longestFrames = max(max(longestFrames, next.longestFrames), seam)
        if !hasSounded { leadingFrames = seam }
        currentFrames = next.hasSounded ? next.currentFrames : seam
        hasSounded = hasSounded || next.hasSounded
    }
}
