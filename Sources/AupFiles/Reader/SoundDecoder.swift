internal import AupSound

/// What a container's decoder can do; ``SoundFileReader`` makes exact reading of it.
///
/// - Thread: one at a time.
protocol SoundDecoder: AnyObject {
    /// The sound that ``read(into:frames:)`` gives.
    var format: PCMFormat { get }
    /// Frames the file says it has; `nil` where it does not.
    var totalFrames: Int64? { get }
    /// What the decoder knows of them; ``TagReader`` knows more.
    var tags: [SoundTag] { get }
    /// The rate of the sound before it was encoded, where the codec changed it and says so.
    var originalRate: Int? { get }
    /// How much sound must be decoded before a frame, after a seek, until that frame is what it is in one go.
    var preRollFrames: Int64 { get }
    /// A seek beyond this lands wrong; `nil` where none does.
    var lastLanding: Int64? { get }
    /// The input ended in the midst of an Ogg page; known at the end.
    var isTorn: Bool { get }

    /// Decodes the next frames.
    func read(into target: UnsafeMutableRawPointer, frames: Int) throws(FileError) -> DecodedFrames
    /// Goes to a frame, or as near as the file lets it; `nil` where it cannot or does not know where it is: then it must
    /// be opened again.
    func seek(to frame: Int64) -> Int64?
    /// Begins anew, after an error that the decoder does not come back from.
    func reopen() throws(FileError)
}

extension SoundDecoder {
    var originalRate: Int? { nil }
    var isTorn: Bool { false }
}

/// What a decoder brought.
struct DecodedFrames {
    var count: Int
    /// What follows is damaged: nothing more can be decoded without a seek.
    var isBroken = false
    /// So many of the frames come before a piece that is missing; the others do not belong there.
    var hole: Hole?
    /// Pieces that were missing and are made good already, and so many of the frames that are not what was there.
    var damagedPieces = 0
    var guessedFrames: Int64 = 0

    /// A piece of the sound that is not in the file any more.
    struct Hole: Equatable {
        var first: Int64
        /// Where there is sound again at the earliest.
        var next: Int64
    }
}
