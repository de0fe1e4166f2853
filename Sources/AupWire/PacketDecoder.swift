internal import AupSound

/// Reads a stream that arrives in any pieces, and believes nothing: every rule of docs/wire.md is checked before a
/// packet is handed out, every length before memory is taken.
///
///     var decoder = PacketDecoder()
///     while true {
///         while let packet = try decoder.next() { … }
///         let count = decoder.withFreeSpace { room in read(0, room.baseAddress, room.count) }
///         if count == 0 { break }
///         decoder.commit(count: count)
///     }
///     try decoder.finish()
///
/// Audio payloads are views into its buffer, so sound is copied by nobody on the way in. The buffer never holds
/// more than one largest packet or one read, whichever is more.
///
/// - Thread: control (reader), one at a time.
@safe public struct PacketDecoder: ~Copyable {
    /// The format in force; `nil` before the first.
    public internal(set) var description: StreamDescription?
    /// Frames of the stream so far, silence and gaps included: where the next packet belongs.
    public internal(set) var position: Int64 = 0
    /// Frames of gaps so far.
    public internal(set) var lostFrames: Int64 = 0
    /// The number the next packet must have.
    public internal(set) var sequence: UInt32 = 0
    /// Packets of unknown optional types that were skipped.
    public internal(set) var skippedPackets = 0
    /// Whether the last packet was an end. A format packet may follow and begin another stream.
    public internal(set) var isAtEnd = false

    /// Positions before the stream's first packet; above 0 where the reader joined late.
    public internal(set) var startPosition: Int64 = 0
    var failure: WireError?
    /// Bytes of the packet that has begun, header included, once its header has been checked.
    var pendingBytes = 0
    /// Bytes of one PCM frame, 0 for Opus; kept apart from the description so that audio does not touch it.
    var frameBytes = 0
    /// Whether capture times mean anything.
    var hasClock = false
    /// Bytes of the input before the one at `start`.
    var offset: UInt64 = 0

    // Owned alone by this value and freed in its deinit. Packets are multiples of eight bytes and the first one in the
    // buffer is moved to its start, so payloads lie as they lay on the wire: aligned to eight.
    var base: UnsafeMutableRawPointer
    var start = 0
    var end = 0
    private var capacity: Int
    private let readBytes: Int
    private static let alignment = 64
    static let largestPacket =
        PacketHeader.size + PacketHeader.bodySize(payload: Limits.payloadBytes, isChecked: true)

    /// - Parameter readBytes: how much the buffer holds as long as packets are smaller: one read's worth.
    public init(readBytes: Int = 256 << 10) {
        self.readBytes = min(max(readBytes, 4096), 16 << 20)
        capacity = self.readBytes
        unsafe base = .allocate(byteCount: capacity, alignment: Self.alignment)
    }

    deinit { unsafe base.deallocate() }

    /// Bytes that have arrived and are not yet part of a packet handed out.
    public var bufferedBytes: Int { end - start }

    // MARK: - Bytes in

    /// Lends the free end of the buffer, for a read straight into it; ``commit(count:)`` says how much was put there.
    ///
    /// At least `atLeast` bytes of it (at most a read's worth) if every packet has been taken out with ``next()``
    /// first. Views of earlier audio packets end here.
    public mutating func withFreeSpace<Result, Failure: Error>(
        atLeast count: Int = 1, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        makeRoom(min(max(count, 1), readBytes))
        return unsafe try body(UnsafeMutableRawBufferPointer(start: base + end, count: capacity - end))
    }

    /// Says that the first `count` bytes of the room lent last now hold input.
    public mutating func commit(count: Int) {
        precondition((0...capacity - end).contains(count), "more bytes than there was room for")
        end += count
    }

    /// Takes a copy of as many bytes as there is room for and returns how many: at least one, once every packet has
    /// been taken out with ``next()``, and 0 when none was and the buffer is full.
    public mutating func feed(_ bytes: UnsafeRawBufferPointer) -> Int {
        makeRoom(0)
        let count = min(capacity - end, bytes.count)
        unsafe UnsafeMutableRawBufferPointer(start: base + end, count: count)
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        end += count
        return count
    }

    /// Frees at least `count` bytes behind what is buffered, and room for the whole of the packet that has begun.
    private mutating func makeRoom(_ count: Int) {
        let buffered = end - start
        let wanted = max(buffered + count, pendingBytes)
        if wanted > capacity {
            precondition(wanted <= Self.largestPacket + readBytes, "packets must be taken out before more is put in")
            // In steps, because packets of a stream differ little and each growth copies.
            let larger = (wanted + 0xFFFF) & ~0xFFFF
            let memory = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: Self.alignment)
            unsafe memory.copyMemory(from: base + start, byteCount: buffered)
            unsafe base.deallocate()
            unsafe base = unsafe memory
            capacity = larger
        } else if start > 0, capacity - end < max(count, capacity / 2) {
            // Half the buffer, because a few bytes of room would make a read of a few bytes.
            unsafe base.copyMemory(from: base + start, byteCount: buffered)
        } else {
            return
        }
        start = 0
        end = buffered
    }
}
