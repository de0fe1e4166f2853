/// Bytes that wait to be written: whole packets one behind the other, from one reused piece of memory.
///
/// It grows when more is put in than it holds and never shrinks, so a stream in its stride allocates nothing.
///
/// - Thread: any, one at a time.
@safe public struct PacketBuffer: ~Copyable {
    // Owned alone by this value and freed in its deinit; 64 bytes aligned so that copies run at full speed.
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private var start = 0
    private var end = 0
    private static let alignment = 64

    /// - Parameter capacity: bytes to begin with; two packets of 4096 frames of f32 stereo by default.
    public init(capacity: Int = 128 << 10) {
        self.capacity = max(capacity, 4096)
        unsafe base = .allocate(byteCount: self.capacity, alignment: Self.alignment)
    }

    deinit { unsafe base.deallocate() }

    public var count: Int { end - start }
    public var isEmpty: Bool { start == end }

    /// What waits. Valid until the buffer is next changed.
    @unsafe public var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: base + start, count: count)
    }

    /// Drops bytes from the front, after they were written.
    public mutating func consume(_ count: Int) {
        precondition((0...self.count).contains(count))
        start += count
        if start == end { removeAll() }
    }

    public mutating func removeAll() {
        start = 0
        end = 0
    }

    /// Room for `count` bytes behind what waits, uninitialised; ``commit(count:)`` makes them part of it.
    mutating func reserve(_ count: Int) -> UnsafeMutableRawPointer {
        if capacity - end < count { makeRoom(count) }
        return unsafe base + end
    }

    mutating func commit(count: Int) { end += count }

    private mutating func makeRoom(_ count: Int) {
        let waiting = self.count
        if waiting + count <= capacity {
            unsafe base.copyMemory(from: base + start, byteCount: waiting)
        } else {
            let larger = max(waiting + count, 2 * capacity)
            let memory = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: Self.alignment)
            unsafe memory.copyMemory(from: base + start, byteCount: waiting)
            unsafe base.deallocate()
            unsafe base = unsafe memory
            capacity = larger
        }
        start = 0
        end = waiting
    }
}
