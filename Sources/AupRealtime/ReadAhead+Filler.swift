internal import Synchronization

extension ReadAhead {
    /// The end of the disk thread.
    ///
    /// `@unchecked Sendable` and `@safe` for the reasons of ``FrameRing/Producer``.
    @safe
    public struct Filler: ~Copyable, @unchecked Sendable {
        private let block: UnsafeMutablePointer<ReadAheadBlock>
        private var ring: FrameRing.Producer
        private var generation = 0
        /// Frames of a whole file written so far.
        private var kept = 0
        /// Whether the frames of this generation are all there.
        public private(set) var isAtEnd = false

        init(_ block: UnsafeMutablePointer<ReadAheadBlock>, _ ring: consuming FrameRing.Producer) {
            unsafe self.block = block
            self.ring = ring
        }

        deinit { unsafe ReadAheadBlock.release(block) }

        /// A seek that has not been answered: the frame, and the number to answer with.
        public func request() -> (frame: Int, generation: Int)? {
            // Acquiring, so that the frame is at least as new as the generation. It may be newer: then the generation
            // that it belongs to is asked for next.
            let wanted = unsafe block.pointee.wantedGeneration.load(ordering: .acquiring)
            guard wanted != generation else { return nil }
            return unsafe (block.pointee.wantedFrame.load(ordering: .relaxed), wanted)
        }

        /// Answers a seek: what is written from here on begins at this frame.
        public mutating func begin(at frame: Int, generation: Int) {
            self.generation = generation
            isAtEnd = false
            unsafe block.pointee.servedFrame.store(frame, ordering: .relaxed)
            unsafe block.pointee.servedPosition.store(ring.position, ordering: .relaxed)
            // Releasing, so that whoever sees the generation sees where it begins. Nobody reads the two while they are
            // stored: the reader looks at them only when it sees the generation it waits for, and asks for no other
            // until it has.
            unsafe block.pointee.servedGeneration.store(generation, ordering: .releasing)
        }

        /// Frames that the buffer holds when it is full.
        public var capacityFrames: Int {
            unsafe block.pointee.wholeFrames > 0 ? block.pointee.wholeFrames : ring.capacityFrames
        }

        /// Frames that can be written now.
        public var writableFrames: Int {
            mutating get {
                unsafe block.pointee.wholeFrames > 0 ? block.pointee.wholeFrames - kept : ring.writableFrames
            }
        }

        /// Where the next frames go, at most `frames` of them: decoders write there, so that nothing decoded is ever
        /// left over; then ``advance(frames:)``.
        public mutating func space(frames: Int) -> (start: UnsafeMutableRawPointer, frames: Int) {
            if unsafe block.pointee.wholeFrames > 0 {
                let start = unsafe UnsafeMutableRawPointer(block) + ReadAheadBlock.headerBytes
                return unsafe (start + kept * block.pointee.frameBytes, min(frames, block.pointee.wholeFrames - kept))
            }
            let regions = unsafe ring.writableRegions(frames: frames)
            return unsafe (regions.first, regions.firstFrames)
        }

        /// Hands over the next frames, which must have been written into ``space(frames:)``.
        public mutating func advance(frames: Int) {
            guard unsafe block.pointee.wholeFrames > 0 else { return ring.advance(frames: frames) }
            precondition(
                unsafe frames >= 0 && frames <= block.pointee.wholeFrames - kept, "a buffer advances by what it offered"
            )
            kept += frames
            // Releasing, because the frames must be there before the counter says so.
            unsafe block.pointee.keptFrames.store(kept, ordering: .releasing)
        }

        /// The file has no more frames.
        public mutating func end() {
            isAtEnd = true
            // Releasing, so that whoever sees the end sees all frames before it.
            unsafe block.pointee.endGeneration.store(generation, ordering: .releasing)
        }
    }
}
