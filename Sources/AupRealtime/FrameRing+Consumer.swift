internal import Synchronization

extension FrameRing {
    /// The end that takes frames out. It belongs to one thread at a time and may be handed to another.
    ///
    /// `@unchecked Sendable` and `@safe` for the reasons of ``Producer``.
    @safe
    public struct Consumer: ~Copyable, @unchecked Sendable {
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

        /// Frames that were ever taken out.
        public var position: Int {
            @_noLocks get { unsafe side.position }
        }

        /// Frames that can be taken out now. It only grows until the next read.
        public var readableFrames: Int {
            @_noLocks mutating get {
                // Acquiring, because the frames must be seen as the producer left them before it counted them.
                unsafe side.otherPosition = unsafe side.block.pointee.written.load(ordering: .acquiring)
                return unsafe side.otherPosition - side.position
            }
        }

        /// Takes out as many of `frames` frames as there are and returns how many that were.
        @_noLocks
        public mutating func read(into target: UnsafeMutableRawPointer, frames: Int) -> Int {
            let regions = unsafe readableRegions(frames: frames)
            let frameBytes = unsafe side.frameBytes
            let firstBytes = unsafe regions.firstFrames * frameBytes
            unsafe target.copyMemory(from: regions.first, byteCount: firstBytes)
            if unsafe regions.secondFrames > 0 {
                unsafe (target + firstBytes).copyMemory(
                    from: regions.second, byteCount: regions.secondFrames * frameBytes)
            }
            let taken = unsafe regions.frames
            advance(frames: taken)
            return taken
        }

        /// Drops as many of `frames` frames as there are and returns how many that were.
        @_noLocks
        public mutating func skip(frames: Int) -> Int {
            let dropped = unsafe readableRegions(frames: frames).frames
            advance(frames: dropped)
            return dropped
        }

        /// Where the next frames lie, at most `frames` of them, for somebody who reads them in place; then `advance`.
        @_noLocks
        public mutating func readableRegions(frames: Int) -> FrameRegions {
            var filled = unsafe side.otherPosition - side.position
            if filled < frames { filled = readableFrames }
            return unsafe side.regions(min(filled, max(frames, 0)))
        }

        /// Gives the next `frames` frames back, which must have been readable.
        @_noLocks
        public mutating func advance(frames: Int) {
            precondition(
                unsafe frames >= 0 && frames <= side.otherPosition - side.position,
                "a ring advances by frames it offered")
            unsafe side.advance(frames)
            // Releasing, because the frames must have been read before they may be overwritten.
            unsafe side.block.pointee.read.store(side.position, ordering: .releasing)
        }
    }
}
