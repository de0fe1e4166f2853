/// What the audio thread says about one period: which frames of the stream they are, when they sounded, what was lost
/// before them.
///
/// The audio thread writes a period's frames into the ``FrameRing`` first and pushes the mark then: whoever pops the
/// mark knows that the frames are there.
///
/// - Thread: any; a plain value.
@frozen
public struct PeriodMark: Equatable, Sendable {
    /// Frames of the stream before this period, lost ones included.
    public var position: Int64
    /// When the first frame of the period was captured or is to sound, on the monotonic clock.
    public var captureTimeNanoseconds: Int64
    /// Frames of the stream that are missing directly before this period.
    public var lostBefore: Int64
    /// Frames of this period in the ring.
    public var frames: Int32
    /// Why frames are missing: a raw value of `GapCause`, 0 where none is.
    public var cause: UInt8

    @_noLocks
    @inlinable
    public init(
        position: Int64, captureTimeNanoseconds: Int64, frames: Int32, lostBefore: Int64 = 0, cause: UInt8 = 0
    ) {
        self.position = position
        self.captureTimeNanoseconds = captureTimeNanoseconds
        self.lostBefore = lostBefore
        self.frames = frames
        self.cause = cause
    }
}

/// A queue of period marks between exactly two threads: a ``FrameRing`` whose frames are marks.
@frozen
public struct PeriodRing: ~Copyable, Sendable {
    public var producer: Producer
    public var consumer: Consumer

    /// The end of the audio thread.
    public struct Producer: ~Copyable, Sendable {
        /// The ring below, for its memory, its gauge and its fill.
        public var ring: FrameRing.Producer

        // MARK: - Audio thread

        /// Puts a mark in; `false` when the ring is full, and then nothing happened.
        @_noLocks
        public mutating func push(_ mark: PeriodMark) -> Bool {
            let regions = unsafe ring.writableRegions(frames: 1)
            guard unsafe regions.frames == 1 else { return false }
            unsafe regions.first.storeBytes(of: mark, as: PeriodMark.self)
            ring.advance(frames: 1)
            return true
        }
    }

    /// The end of the transport thread.
    public struct Consumer: ~Copyable, Sendable {
        /// The ring below, for its memory, its gauge and its fill.
        public var ring: FrameRing.Consumer

        // MARK: - Audio thread

        /// Takes the oldest mark out; `nil` when there is none.
        @_noLocks
        public mutating func pop() -> PeriodMark? {
            let mark = peek()
            if mark != nil { ring.advance(frames: 1) }
            return mark
        }

        /// The oldest mark, left where it is.
        @_noLocks
        public mutating func peek() -> PeriodMark? {
            let regions = unsafe ring.readableRegions(frames: 1)
            guard unsafe regions.frames == 1 else { return nil }
            return unsafe regions.first.load(as: PeriodMark.self)
        }
    }
}

/// Makes a ring of `capacity` marks.
///
/// - Thread: control.
public func makePeriodRing(capacity: Int) -> PeriodRing {
    let ring = makeFrameRing(frameBytes: MemoryLayout<PeriodMark>.stride, capacityFrames: capacity)
    return PeriodRing(
        producer: PeriodRing.Producer(ring: ring.producer), consumer: PeriodRing.Consumer(ring: ring.consumer))
}
