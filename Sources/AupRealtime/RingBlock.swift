internal import Synchronization

/// The memory of a ring: what both threads share, then the frames, in one piece of whole pages.
///
///     0            128          256          384 … 4096           4096 + capacity × frameBytes
///     ├ written ───┼ read ──────┼ owners ────┼──────┼ frames ─────┤
///
/// The counters lie 128 bytes apart, because x86-64 fetches cache lines of 64 bytes in pairs: nearer, each side would
/// take the other's line away with every step. They count frames since the beginning and never wrap.
struct RingBlock: ~Copyable {
    /// Frames that were ever put in. Only the producer stores it.
    let written = Atomic<Int>(0)
    private let writtenPadding = InlineArray<15, Int>(repeating: 0)
    /// Frames that were ever taken out. Only the consumer stores it.
    let read = Atomic<Int>(0)
    private let readPadding = InlineArray<15, Int>(repeating: 0)
    /// Handles that are still alive.
    let owners: Atomic<Int>
    let frameBytes: Int
    let capacityFrames: Int

    /// One page for the counters, so that the frames begin on a page of their own.
    static let headerBytes = 4096
    static let pageBytes = 4096

    private init(frameBytes: Int, capacityFrames: Int, owners: Int) {
        self.owners = Atomic(owners)
        self.frameBytes = frameBytes
        self.capacityFrames = capacityFrames
    }

    /// Allocates and clears, so that no page of it is touched for the first time on the audio thread.
    static func make(frameBytes: Int, capacityFrames: Int, owners: Int) -> UnsafeMutablePointer<RingBlock> {
        precondition(frameBytes > 0 && capacityFrames > 0, "a ring holds at least one frame of at least one byte")
        let bytes = totalBytes(frameBytes: frameBytes, capacityFrames: capacityFrames)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: pageBytes)
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        let block = unsafe memory.bindMemory(to: RingBlock.self, capacity: 1)
        unsafe block.initialize(
            to: RingBlock(frameBytes: frameBytes, capacityFrames: capacityFrames, owners: owners))
        return unsafe block
    }

    static func totalBytes(frameBytes: Int, capacityFrames: Int) -> Int {
        headerBytes + (frameBytes * capacityFrames + pageBytes - 1) / pageBytes * pageBytes
    }

    /// Another handle shares the block. Relaxed, because whoever shares it holds a handle already.
    static func share(_ block: UnsafeMutablePointer<RingBlock>) {
        unsafe block.pointee.owners.add(1, ordering: .relaxed)
    }

    /// The last handle frees the block. Acquiring and releasing, so that everything the other threads did with the
    /// memory is over before it goes back to the allocator.
    static func release(_ block: UnsafeMutablePointer<RingBlock>) {
        guard unsafe block.pointee.owners.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        unsafe block.deinitialize(count: 1)
        unsafe UnsafeMutableRawPointer(block).deallocate()
    }

    /// Everything the threads touch, for `mlock`: whole pages.
    static func memory(_ block: UnsafeMutablePointer<RingBlock>) -> UnsafeRawBufferPointer {
        let bytes = unsafe totalBytes(
            frameBytes: block.pointee.frameBytes, capacityFrames: block.pointee.capacityFrames)
        return unsafe UnsafeRawBufferPointer(start: block, count: bytes)
    }
}
