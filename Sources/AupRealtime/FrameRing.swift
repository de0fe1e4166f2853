/// A queue of frames between exactly two threads, neither of which ever waits for the other: the turnstile between
/// the audio thread and the rest.
///
///     audio thread ── Producer ──▶ ┌──────────────┐ ──▶ Consumer ── transport thread
///                                  │ frames, once │
///     statistics   ◀── Gauge ───── └──────────────┘
///
/// A handle can neither be copied nor used by two threads at once (writing mutates it), which is the whole proof that
/// there is one producer and one consumer; a class would pay a retain and a release round every call. Each handle
/// keeps its own position, and the other's as last seen, so the shared cache lines are touched only when the last
/// look is not enough. The memory is freed with the last handle: end the audio thread before its handle goes.
///
/// The parts are taken out by use: `let ring = makeFrameRing(…)`, then hand `ring.producer` to one thread and
/// `ring.consumer` to the other.
@frozen
public struct FrameRing: ~Copyable, Sendable {
    public var producer: Producer
    public var consumer: Consumer
}

/// Makes a ring of `capacityFrames` frames of `frameBytes` bytes each, all of them usable; its memory has been touched.
///
/// - Thread: control.
public func makeFrameRing(frameBytes: Int, capacityFrames: Int) -> FrameRing {
    let block = unsafe RingBlock.make(frameBytes: frameBytes, capacityFrames: capacityFrames, owners: 2)
    return unsafe FrameRing(producer: FrameRing.Producer(block), consumer: FrameRing.Consumer(block))
}

/// Frames of a ring that can be written or read in place: two stretches of memory, because a ring wraps. The second is
/// empty unless it does. Valid until the handle that gave them advances.
@frozen
@unsafe
public struct FrameRegions {
    public let first: UnsafeMutableRawPointer
    public let firstFrames: Int
    public let second: UnsafeMutableRawPointer
    public let secondFrames: Int

    @_noLocks
    init(
        first: UnsafeMutableRawPointer, firstFrames: Int, second: UnsafeMutableRawPointer, secondFrames: Int
    ) {
        unsafe self.first = unsafe first
        unsafe self.firstFrames = firstFrames
        unsafe self.second = unsafe second
        unsafe self.secondFrames = secondFrames
    }

    /// Frames of both stretches.
    public var frames: Int {
        @_noLocks get { unsafe firstFrames + secondFrames }
    }
}
