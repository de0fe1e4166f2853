internal import Synchronization

/// Sound of one file on its way from the disk thread to the audio thread, which asks for absolute frames and never waits.
///
///     disk thread ── Filler ──▶ ┌────────────────────────────┐ ──▶ Reader ── audio thread
///         ▲                     │ frames from `served` on    │      │
///         └──── wanted ◀────────┴────────────────────────────┴──────┘
///
/// The frames cross in a ``FrameRing``, whose two ends own their positions: what is read can never be what is being
/// overwritten. Every seek of the reader begins a generation; the filler says at which position of the ring the frames
/// of a generation begin and which frame the first of them is, and the end of the file is told with its generation too.
/// So neither frames nor an end from before a seek are ever taken for those behind it.
///
/// A file that fits is kept whole instead: then there are no seeks, whatever is asked for is there once it was read.
@frozen
public struct ReadAhead: ~Copyable, Sendable {
    public var filler: Filler
    public var reader: Reader
}

/// What the audio thread gets when it asks for frames.
///
/// - Thread: audio.
@frozen
public enum ReadAheadAnswer: Equatable, Sendable {
    /// So many frames were written, at least one.
    case ready(Int)
    /// The disk is not so far; nothing was written.
    case notYet
    /// The file has no such frame.
    case end
}

/// Makes a buffer of `capacityFrames` frames of `frameBytes` bytes each.
///
/// - Parameter wholeFile: the capacity is at least the length of the file, which stays in memory.
/// - Thread: control.
public func makeReadAhead(frameBytes: Int, capacityFrames: Int, wholeFile: Bool = false) -> ReadAhead {
    let ring = makeFrameRing(frameBytes: frameBytes, capacityFrames: wholeFile ? 1 : capacityFrames)
    let block = unsafe ReadAheadBlock.make(frameBytes: frameBytes, wholeFrames: wholeFile ? capacityFrames : 0)
    return unsafe ReadAhead(
        filler: ReadAhead.Filler(block, ring.producer), reader: ReadAhead.Reader(block, ring.consumer))
}

/// What both threads of a read-ahead buffer share besides the ring: requests one way, promises the other.
///
///     0         128            256     384       4096
///     ├ wanted ─┼ served, end ─┼ kept ─┼ owners ─┼ frames of a file that is kept whole
struct ReadAheadBlock: ~Copyable {
    /// Stored by the reader: the frame first, then the generation that asks for it.
    let wantedFrame = Atomic<Int>(0)
    let wantedGeneration = Atomic<Int>(0)
    /// Frames that the reader asked for and did not get.
    let missedFrames = Atomic<Int>(0)
    private let wantedPadding = InlineArray<13, Int>(repeating: 0)
    /// Stored by the filler: the ring's position and the frame that lies there, then their generation.
    let servedPosition = Atomic<Int>(0)
    let servedFrame = Atomic<Int>(0)
    let servedGeneration = Atomic<Int>(0)
    /// The generation whose frames are all in the ring.
    let endGeneration = Atomic<Int>(-1)
    private let servedPadding = InlineArray<12, Int>(repeating: 0)
    /// Frames of a whole file that are there.
    let keptFrames = Atomic<Int>(0)
    private let keptPadding = InlineArray<15, Int>(repeating: 0)
    let owners = Atomic<Int>(2)
    let frameBytes: Int
    let wholeFrames: Int

    static let headerBytes = 4096

    private init(frameBytes: Int, wholeFrames: Int) {
        self.frameBytes = frameBytes
        self.wholeFrames = wholeFrames
    }

    static func make(frameBytes: Int, wholeFrames: Int) -> UnsafeMutablePointer<ReadAheadBlock> {
        precondition(frameBytes > 0 && wholeFrames >= 0, "frames have bytes")
        let bytes = headerBytes + frameBytes * wholeFrames
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 4096)
        // Touched, so that no page of it is new to the audio thread.
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        let block = unsafe memory.bindMemory(to: ReadAheadBlock.self, capacity: 1)
        unsafe block.initialize(to: ReadAheadBlock(frameBytes: frameBytes, wholeFrames: wholeFrames))
        return unsafe block
    }

    /// The last handle frees the block; acquiring and releasing as for a ring's.
    static func release(_ block: UnsafeMutablePointer<ReadAheadBlock>) {
        guard unsafe block.pointee.owners.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        unsafe block.deinitialize(count: 1)
        unsafe UnsafeMutableRawPointer(block).deallocate()
    }
}
