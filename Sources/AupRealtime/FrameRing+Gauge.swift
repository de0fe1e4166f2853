internal import Synchronization

extension FrameRing {
    /// A look at the fill from any thread, for statistics and the progress line. It keeps the memory alive.
    ///
    /// `@unchecked Sendable` and `@safe`, because it only loads the two atomic counters of a block it keeps alive.
    @safe
    public struct Gauge: ~Copyable, @unchecked Sendable {
        private let block: UnsafeMutablePointer<RingBlock>

        init(_ block: UnsafeMutablePointer<RingBlock>) {
            unsafe RingBlock.share(block)
            unsafe self.block = block
        }

        deinit { unsafe RingBlock.release(block) }

        /// Frames the ring holds when it is full.
        public var capacityFrames: Int {
            @_noLocks get { unsafe block.pointee.capacityFrames }
        }

        /// Frames that were ever put in.
        public var writtenFrames: Int {
            @_noLocks get { unsafe block.pointee.written.load(ordering: .relaxed) }
        }

        /// Frames that were ever taken out.
        public var readFrames: Int {
            @_noLocks get { unsafe block.pointee.read.load(ordering: .relaxed) }
        }

        /// Frames in the ring, between 0 and the capacity. Both ends move while it looks, so it is a moment old.
        public var filledFrames: Int {
            @_noLocks get {
                // `read` first and acquiring, so that `written` cannot be older than it and the difference negative.
                let read = unsafe block.pointee.read.load(ordering: .acquiring)
                let written = unsafe block.pointee.written.load(ordering: .acquiring)
                return unsafe min(written - read, block.pointee.capacityFrames)
            }
        }
    }
}
