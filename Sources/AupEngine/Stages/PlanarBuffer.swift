import Glibc

/// One array of floats for each channel, as plugins want sound.
@safe struct PlanarBuffer: ~Copyable {
    // Owned alone by this value and freed in its deinit; each channel begins on a cache line.
    private let memory: UnsafeMutablePointer<Float>
    private let table: UnsafeMutablePointer<UnsafeMutablePointer<Float>>

    init(channels: Int, frames: Int) {
        let stride = (frames + 15) & ~15
        let bytes = channels * stride * MemoryLayout<Float>.stride
        unsafe memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
            .bindMemory(to: Float.self, capacity: channels * stride)
        unsafe memory.initialize(repeating: 0, count: channels * stride)
        unsafe table = .allocate(capacity: channels)
        for channel in 0..<channels { unsafe (table + channel).initialize(to: memory + channel * stride) }
    }

    deinit {
        unsafe table.deallocate()
        unsafe memory.deallocate()
    }

    /// The table of channel pointers.
    var planes: UnsafePointer<UnsafeMutablePointer<Float>> { unsafe UnsafePointer(table) }

    /// Whether the first frames are the same to the bit.
    func isEqual(to other: borrowing PlanarBuffer, channels: Int, frames: Int) -> Bool {
        for channel in 0..<channels
        where unsafe memcmp(table[channel], other.table[channel], frames * MemoryLayout<Float>.stride) != 0 {
            return false
        }
        return true
    }
}
