/// The last frames that were heard, for a recording that begins before its cause.
///
/// - Thread: transport.
@safe struct PreRollBuffer: ~Copyable {
    // Owned alone by this value and freed in its deinit.
    private let memory: UnsafeMutableRawPointer
    private let frameBytes: Int
    let capacity: Int
    private var start = 0
    private(set) var count = 0

    /// The most that is held: ten minutes of stereo at 48 kHz and 16 bit, three times over.
    static let largestBytes = 384 << 20

    init(frames: Int, frameBytes: Int) {
        capacity = min(frames, Self.largestBytes / frameBytes)
        self.frameBytes = frameBytes
        unsafe memory = .allocate(byteCount: max(capacity * frameBytes, 1), alignment: 64)
    }

    deinit { unsafe memory.deallocate() }

    /// Takes frames in; returns how many older ones, or of these, no longer fit and are out.
    mutating func push(_ source: UnsafeRawPointer, frames: Int) -> Int {
        let kept = min(frames, capacity)
        let evicted = min(max(count + kept - capacity, 0), count)
        drop(evicted)
        var done = 0
        while done < kept {
            let at = (start + count) % capacity
            let piece = min(kept - done, capacity - at)
            unsafe (memory + at * frameBytes).copyMemory(
                from: source + (frames - kept + done) * frameBytes, byteCount: piece * frameBytes)
            count += piece
            done += piece
        }
        return evicted + frames - kept
    }

    /// The oldest frames, as many as lie together, at most so many.
    func first(atMost limit: Int) -> UnsafeRawBufferPointer {
        let frames = min(count, limit, capacity - start)
        return unsafe UnsafeRawBufferPointer(start: memory + start * frameBytes, count: frames * frameBytes)
    }

    mutating func drop(_ frames: Int) {
        count -= frames
        start = count == 0 ? 0 : (start + frames) % capacity
    }
}
