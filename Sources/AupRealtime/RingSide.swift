/// What both ends of a ring keep to themselves: where the frames lie and where this end stands.
///
/// A copyable value inside a handle that is not: only the handle owns.
@usableFromInline
@unsafe
struct RingSide {
    let block: UnsafeMutablePointer<RingBlock>
    let frames: UnsafeMutableRawPointer
    let frameBytes: Int
    let capacityFrames: Int
    /// This end's own counter.
    var position = 0
    /// The other end's counter when it was last looked at: never ahead of the truth.
    var otherPosition = 0
    /// `position` modulo the capacity, kept beside it because a division a call is the dearest step of all.
    var slot = 0

    init(_ block: UnsafeMutablePointer<RingBlock>) {
        unsafe self.block = block
        unsafe frames = UnsafeMutableRawPointer(block) + RingBlock.headerBytes
        unsafe frameBytes = block.pointee.frameBytes
        unsafe capacityFrames = block.pointee.capacityFrames
    }

    // MARK: - Audio thread

    /// The next `count` frames from this end's slot on.
    @_noLocks
    func regions(_ count: Int) -> FrameRegions {
        let firstFrames = unsafe min(count, capacityFrames - slot)
        return unsafe FrameRegions(
            first: frames + slot * frameBytes, firstFrames: firstFrames, second: frames,
            secondFrames: count - firstFrames)
    }

    @_noLocks
    mutating func advance(_ count: Int) {
        unsafe position += count
        unsafe slot += count
        if unsafe slot >= capacityFrames { unsafe slot -= capacityFrames }
    }
}
