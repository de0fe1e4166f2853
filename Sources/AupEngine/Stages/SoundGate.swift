/// Decides, frame by frame, whether a sound-activated recording is open.
///
///     closed ──a frame reaches the threshold──► open ──quiet (below the release) for the hang time──► closed
///
/// Pure: levels in, open or not out.
struct SoundGate: Sendable, Equatable {
    private let threshold: Float
    private let release: Float
    private let hangFrames: Int64
    private var quietFrames: Int64 = 0
    private(set) var isOpen = false

    /// - Parameters:
    ///   - threshold, release: amplitudes; the second is the lower one, and the distance is the hysteresis.
    ///   - hangFrames: quiet frames that still belong to the recording.
    init(threshold: Float, release: Float, hangFrames: Int64) {
        self.threshold = threshold
        self.release = min(release, threshold)
        self.hangFrames = hangFrames
    }

    /// Takes the level of one more frame; whether that frame belongs to a recording.
    mutating func step(_ level: Float) -> Bool {
        if !isOpen {
            isOpen = level >= threshold
            quietFrames = 0
            return isOpen
        }
        quietFrames = level >= release ? 0 : quietFrames + 1
        isOpen = quietFrames <= hangFrames
        return isOpen
    }

    /// Frames that are lost count as quiet ones.
    mutating func pass(frames: Int64) {
        guard isOpen else { return }
        quietFrames += frames
        isOpen = quietFrames <= hangFrames
    }
}
