internal import Synchronization

extension FrameRing {
    /// The end that puts frames in. It belongs to one thread at a time and may be handed to another.
    ///
    /// `@unchecked Sendable`, because its pointers are to the block both ends share, whose counters are atomic and
    /// whose frames are touched by one end at a time: those between `read` and `written` by the consumer, the
    /// others by this handle. `@safe`, because the block lives as long as any handle and every region lies in it.
    @safe
    public struct Producer: ~Copyable, @unchecked Sendable {
        private var side: RingSide

        init(_ block: UnsafeMutablePointer<RingBlock>) { unsafe side = unsafe RingSide(block) }

        deinit { unsafe RingBlock.release(side.block) }

        /// A handle for a third thread that wants to see the fill. - Thread: control.
        public func makeGauge() -> Gauge { unsafe Gauge(side.block) }

        /// Everything the two threads touch, in whole pages, for `mlock`. It stays until the last handle is gone.
        public var memory: UnsafeRawBufferPointer { unsafe RingBlock.memory(side.block) }

        // MARK: - Audio thread

        /// Frames the ring holds when it is full.
        public var capacityFrames: Int {
            @_noLocks get { unsafe side.capacityFrames }
        }

        /// Bytes of one frame.
        public var frameBytes: Int {
            @_noLocks get { unsafe side.frameBytes }
        }

        /// Frames that were ever put in.
        public var position: Int {
            @_noLocks get { unsafe side.position }
        }

        /// Frames that can be put in now. It only grows until the next write.
        public var writableFrames: Int {
            @_noLocks mutating get {
                // Acquiring, because the consumer must be done with the frames before they are overwritten.
                unsafe side.otherPosition = unsafe side.block.pointee.read.load(ordering: .acquiring)
                return unsafe side.capacityFrames - (side.position - side.otherPosition)
            }
        }

        /// Puts in as many of `frames` frames as fit and returns how many that were: none when the ring is full.
        @_noLocks
        public mutating func write(from source: UnsafeRawPointer, frames: Int) -> Int {
            let regions = unsafe writableRegions(frames: frames)
            let frameBytes = unsafe side.frameBytes
            let firstBytes = unsafe regions.firstFrames * frameBytes
            unsafe regions.first.copyMemory(from: source, byteCount: firstBytes)
            if unsafe regions.secondFrames > 0 {
                unsafe regions.second.copyMemory(
                    from: source + firstBytes, byteCount: regions.secondFrames * frameBytes)
            }
            let written = unsafe regions.frames
            advance(frames: written)
            return written
        }

        /// Where the next frames go, at most `frames` of them, for a device that writes them itself; then `advance`.
        @_noLocks
        public mutating func writableRegions(frames: Int) -> FrameRegions {
            var free = unsafe side.capacityFrames - (side.position - side.otherPosition)
            if free < frames { free = writableFrames }
            return unsafe side.regions(min(free, max(frames, 0)))
        }

        /// Hands over the next `frames` frames, which must have been filled and be writable.
        @_noLocks
        public mutating func advance(frames: Int) {
            precondition(
                unsafe frames >= 0 && frames <= side.capacityFrames - (side.position - side.otherPosition),
                "a ring advances by frames it offered")
            unsafe side.advance(frames)
            // Releasing, because the frames must be there before the counter says so.
            unsafe side.block.pointee.written.store(side.position, ordering: .releasing)
        }
    }
}
