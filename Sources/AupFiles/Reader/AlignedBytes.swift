/// A piece of memory of a size that does not change, aligned for any sample.
///
/// - Thread: one at a time.
@safe struct AlignedBytes: ~Copyable {
    // Owned alone by this value and freed in its deinit.
    let bytes: UnsafeMutableRawBufferPointer

    init(count: Int) {
        unsafe bytes = .allocate(byteCount: count, alignment: 64)
        // So that nothing of anybody else's memory is ever read.
        unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit { unsafe bytes.deallocate() }

    var base: UnsafeMutableRawPointer { unsafe bytes.baseAddress! }
}
