/// A piece of memory that is used again for every packet and only ever grows.
///
/// - Thread: one at a time.
@safe struct ScratchBytes: ~Copyable {
    // Owned alone by this value and freed in its deinit; aligned for the widest vectors.
    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 64)

    deinit { unsafe memory.deallocate() }

    /// `count` bytes, uninitialised or left from the last time.
    mutating func space(_ count: Int) -> UnsafeMutableRawBufferPointer {
        if unsafe memory.count < count {
            unsafe memory.deallocate()
            unsafe memory = .allocate(byteCount: count + count / 2, alignment: 64)
        }
        return unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<count])
    }
}
