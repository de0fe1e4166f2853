extension PacketEncoder {
    /// Whether packets that were encoded with this number and place may go on as they are.
    public func isNext(sequence: UInt32, position: Int64) -> Bool {
        self.sequence == sequence && self.position == position
    }

    /// Counts packets that the caller writes instead: whole ones of the format in force, of another encoder whose next
    /// packet was this one's (``isNext(sequence:position:)``).
    public mutating func count(packets: Int, frames: Int64, lostFrames: Int64) {
        skip(packets: packets, frames: frames, lost: lostFrames)
    }

    /// Puts in packets of another encoder with the same format, under numbers of its own. Formats and ends are not among
    /// them: those are encoded here.
    ///
    /// - Parameters:
    ///   - frames: of all of them together.
    ///   - lostFrames: of those, what gaps stand for.
    public mutating func adopt(_ bytes: UnsafeRawBufferPointer, frames: Int64, lostFrames: Int64) {
        var done = 0
        var packets = 0
        let (first, shift) = (sequence, position)
        var offset: UInt64?
        while bytes.count - done >= PacketHeader.size {
            var header = unsafe PacketHeader(load: bytes.baseAddress! + done)
            let size = PacketHeader.size + header.bodySize
            precondition(bytes.count - done >= size, "a packet in pieces")
            offset = offset ?? header.position
            header.sequence = first &+ UInt32(truncatingIfNeeded: packets)
            header.position = header.position &- (offset ?? 0) &+ UInt64(shift)
            let place = unsafe output.reserve(size)
            unsafe place.copyMemory(from: bytes.baseAddress! + done, byteCount: size)
            unsafe header.store(to: place)
            output.commit(count: size)
            done += size
            packets += 1
        }
        skip(packets: packets, frames: frames, lost: lostFrames)
    }
}
