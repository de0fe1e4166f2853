internal import Synchronization

extension ReadAhead {
    /// The end of the audio thread.
    ///
    /// `@unchecked Sendable` and `@safe` for the reasons of ``FrameRing/Consumer``.
    @safe
    public struct Reader: ~Copyable, @unchecked Sendable {
        private let block: UnsafeMutablePointer<ReadAheadBlock>
        /// Where the frames of a file lie that is kept whole.
        private let kept: UnsafeMutableRawPointer
        private var ring: FrameRing.Consumer
        private var generation = 0
        /// Whether the filler has answered this generation.
        private var isServed = true
        /// The frame that the ring gives next, or, until the seek is answered, the frame that was asked for.
        private var next = 0
        private var missed = 0

        init(_ block: UnsafeMutablePointer<ReadAheadBlock>, _ ring: consuming FrameRing.Consumer) {
            unsafe self.block = block
            unsafe kept = UnsafeMutableRawPointer(block) + ReadAheadBlock.headerBytes
            self.ring = ring
        }

        deinit { unsafe ReadAheadBlock.release(block) }

        /// The ring's memory, in whole pages, for `mlock`.
        public var memory: UnsafeRawBufferPointer { unsafe ring.memory }

        // MARK: - Audio thread

        /// Writes as many of `count` frames of the file, from an absolute frame on, as are there.
        ///
        /// What follows the last answer comes from the ring. A frame further ahead, within a buffer's length, is waited
        /// for: the frames before it are dropped as they come. Any other one is a seek, which the disk thread answers;
        /// until then it is not there yet.
        @_noLocks
        public mutating func frames(
            at frame: Int, into target: UnsafeMutableRawPointer, count: Int
        ) -> ReadAheadAnswer {
            precondition(frame >= 0 && count > 0, "frames are counted from 0")
            let answer =
                unsafe block.pointee.wholeFrames > 0
                ? wholeFrames(at: frame, into: target, count: count)
                : ringFrames(at: frame, into: target, count: count)
            if case .notYet = answer {
                missed += count
                unsafe block.pointee.missedFrames.store(missed, ordering: .relaxed)
            }
            return answer
        }

        /// Asks for a frame before it is needed.
        @_noLocks
        public mutating func prepare(at frame: Int) {
            precondition(frame >= 0, "frames are counted from 0")
            if unsafe block.pointee.wholeFrames == 0 { goTo(frame) }
        }

        /// Frames that were asked for and were not there.
        public var missedFrames: Int {
            @_noLocks get { missed }
        }

        /// Whether the disk thread should be rung: it has a seek to answer, or half of the buffer to fill.
        public var wantsDisk: Bool {
            @_noLocks mutating get {
                if unsafe block.pointee.wholeFrames > 0 { return false }
                return !isServed || ring.readableFrames * 2 < ring.capacityFrames
            }
        }

        /// Frames that are there, from the last answer on.
        public var readableFrames: Int {
            @_noLocks mutating get {
                guard unsafe block.pointee.wholeFrames == 0 else {
                    return unsafe block.pointee.keptFrames.load(ordering: .acquiring)
                }
                settle()
                return isServed ? ring.readableFrames : 0
            }
        }

        @_noLocks
        private func wholeFrames(
            at frame: Int, into target: UnsafeMutableRawPointer, count: Int
        ) -> ReadAheadAnswer {
            // The end before the frames, so that none can come between the two looks. Both acquiring, because the
            // frames must be seen as the filler left them.
            let isEnded = unsafe block.pointee.endGeneration.load(ordering: .acquiring) == generation
            let there = unsafe block.pointee.keptFrames.load(ordering: .acquiring)
            guard frame < there else { return isEnded ? .end : .notYet }
            let taken = min(count, there - frame)
            let frameBytes = unsafe block.pointee.frameBytes
            unsafe target.copyMemory(from: kept + frame * frameBytes, byteCount: taken * frameBytes)
            return .ready(taken)
        }

        @_noLocks
        private mutating func ringFrames(
            at frame: Int, into target: UnsafeMutableRawPointer, count: Int
        ) -> ReadAheadAnswer {
            settle()
            goTo(frame)
            guard isServed else { return .notYet }
            // The end before the frames, as above.
            let isEnded = unsafe block.pointee.endGeneration.load(ordering: .acquiring) == generation
            if frame > next { next += ring.skip(frames: frame - next) }
            if frame == next {
                let taken = unsafe ring.read(into: target, frames: count)
                next += taken
                if taken > 0 { return .ready(taken) }
            }
            return isEnded ? .end : .notYet
        }

        /// Takes note of an answer to the last seek: what is in the ring from before it goes.
        @_noLocks
        private mutating func settle() {
            // Acquiring, so that position and frame are those of the generation, and the ring's frames before it there.
            guard !isServed, unsafe block.pointee.servedGeneration.load(ordering: .acquiring) == generation
            else { return }
            isServed = true
            next = unsafe block.pointee.servedFrame.load(ordering: .relaxed)
            let stale = unsafe block.pointee.servedPosition.load(ordering: .relaxed) - ring.position
            let dropped = ring.skip(frames: stale)
            precondition(dropped == stale, "frames from before a seek are in the ring before it is answered")
        }

        /// Asks the disk thread for another place unless the frame comes by itself.
        @_noLocks
        private mutating func goTo(_ frame: Int) {
            if frame >= next, frame - next <= ring.capacityFrames { return }
            next = frame
            isServed = false
            generation += 1
            unsafe block.pointee.wantedFrame.store(frame, ordering: .relaxed)
            // Releasing, so that whoever sees the generation sees its frame.
            unsafe block.pointee.wantedGeneration.store(generation, ordering: .releasing)
        }
    }
}
