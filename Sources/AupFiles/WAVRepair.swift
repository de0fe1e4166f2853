internal import AupSound

/// What it takes to mend a WAV file whose header lies about its length: worked out from the bytes, nothing is written.
///
/// Lengths are wrong where a writer was killed, wrote to a pipe or counted in 32 bits: 0, about 2 GiB, about 4 GiB,
/// 0xFFFFFFFF, what is left after dividing by 4 GiB, or more than the file has. In each case the sound itself tells
/// the length, because it is the last thing in the file. A file in which something else lies behind the sound, that is
/// no chunk and explained by none of these, is refused: guessing could turn it into noise.
///
/// - Thread: any.
public struct WAVRepair: FileRepair, Equatable, Sendable {
    /// Bytes that are written over what is at a place of the file, or behind its end.
    public struct Patch: Equatable, Sendable {
        public let offset: UInt64
        public let bytes: [UInt8]
    }

    /// What was wrong, for people; empty when the file is in order, and then nothing else is set.
    public internal(set) var findings: [String] = []
    /// Applied to the file as it is, in this order.
    public internal(set) var patches: [Patch] = []
    /// Bytes that must first be put in, moving all behind them: room for a ds64 chunk, where a file outgrew 4 GiB.
    public internal(set) var insertion: Patch?
    /// The length of the file afterwards, counted with the insertion.
    public internal(set) var fileBytes: UInt64 = 0
    /// The sound afterwards.
    public internal(set) var frames: UInt64 = 0

    /// Chunks before the sound lie within this, or the file is refused.
    static let headerBytes = 1 << 20

    /// - Parameters:
    ///   - fileBytes: the length of the file.
    ///   - read: bytes of the file from a place on; fewer than asked at its end.
    public init(fileBytes: UInt64, read: (_ offset: UInt64, _ count: Int) -> [UInt8]) throws(FileError) {
        let layout = try WAVChunkMap(fileBytes: fileBytes, read: read)
        let frameBytes = UInt64(layout.format.frameBytes)
        let available = fileBytes - layout.dataOffset
        let sound = try Self.soundBytes(layout, available: available, read: read)
        let whole = sound.bytes - sound.bytes % frameBytes
        frames = whole / frameBytes
        findings = sound.finding.map { [$0] } ?? []
        let end = layout.dataOffset + whole
        let pad = whole % 2
        // Only where sound reaches to the end of the file may its end be moved.
        let isLast = end + pad >= fileBytes || sound.bytes == available
        if isLast, sound.bytes % frameBytes != 0 { findings.append("the last frame is torn") }
        self.fileBytes = isLast ? end + pad : fileBytes
        if isLast, pad == 1, end == fileBytes {
            if !layout.isLong, findings.isEmpty, layout.riffBytes + 8 == fileBytes || layout.riffBytes + 8 == end + 1 {
                // A missing pad byte alone is what many writers do and no reader minds.
                self.fileBytes = fileBytes
                return
            }
            patches.append(Patch(offset: end, bytes: [0]))
        }
        let riffBytes = self.fileBytes - 8
        if findings.isEmpty, layout.riffBytes != riffBytes, layout.riffBytes + 1 != riffBytes {
            findings.append("the RIFF length is \(layout.riffBytes), the file has \(riffBytes)")
        }
        if findings.isEmpty {
            patches = []
            self.fileBytes = fileBytes
            return
        }
        write(layout, dataBytes: whole, riffBytes: riffBytes)
    }

    /// The patches, for lengths in 32 bits where they suffice and in a ds64 chunk where not.
    private mutating func write(_ layout: WAVChunkMap, dataBytes: UInt64, riffBytes: UInt64) {
        let needsLong = riffBytes >= WAVHeader.longBytes || layout.isLong
        if needsLong {
            let shift: UInt64 = layout.roomOffset == nil ? 36 : 0
            if shift > 0 {
                insertion = Patch(offset: 12, bytes: [UInt8](repeating: 0, count: 36))
                fileBytes += shift
                patches = patches.map { Patch(offset: $0.offset + shift, bytes: $0.bytes) }
            }
            let room = layout.roomOffset ?? 12
            var sizes: [UInt8] = []
            sizes.appendLittle(riffBytes + shift, 8)
            sizes.appendLittle(dataBytes, 8)
            sizes.appendLittle(frames, 8)
            var head: [UInt8] = []
            head.appendName("ds64")
            // The chunk keeps the length it had; a table behind the three sizes would be wrong by now.
            head.appendLittle(max(layout.roomBytes, 28), 4)
            sizes.appendLittle(0, 4)
            patches.append(Patch(offset: room, bytes: head + sizes))
            patches.append(Patch(offset: 0, bytes: Array("RF64".utf8) + [0xFF, 0xFF, 0xFF, 0xFF]))
            patches.append(Patch(offset: layout.dataOffset - 4 + shift, bytes: [0xFF, 0xFF, 0xFF, 0xFF]))
            appendFact(layout, shift)
            return
        }
        var size: [UInt8] = []
        size.appendLittle(riffBytes, 4)
        patches.append(Patch(offset: 4, bytes: size))
        size = []
        size.appendLittle(dataBytes, 4)
        patches.append(Patch(offset: layout.dataOffset - 4, bytes: size))
        appendFact(layout, 0)
    }

    private mutating func appendFact(_ layout: WAVChunkMap, _ shift: UInt64) {
        guard let fact = layout.factOffset else { return }
        var count: [UInt8] = []
        count.appendLittle(min(frames, 0xFFFF_FFFF), 4)
        patches.append(Patch(offset: fact + shift, bytes: count))
    }

    /// How much sound there is, and what was wrong with what the header says of it.
    private static func soundBytes(
        _ layout: WAVChunkMap, available: UInt64, read: (UInt64, Int) -> [UInt8]
    ) throws(FileError) -> (bytes: UInt64, finding: String?) {
        let stated = layout.dataBytes
        if stated == available || stated + 1 == available { return (stated, nil) }
        if stated > available {
            let finding =
                layout.isPlaceholder
                ? "the length of the sound was never filled in (\(stated))"
                : "the sound is cut off: \(available) of \(stated) bytes are there"
            return (available, finding)
        }
        let end = layout.dataOffset + stated + stated % 2
        if layout.hasChunks(from: end, read: read) { return (stated, nil) }
        if layout.isPlaceholder { return (available, "the length of the sound was never filled in (\(stated))") }
        // What 32 bits hold of a longer length, with nothing behind it, a pad byte or chunks.
        if !layout.isLong {
            let wraps = (available - stated) >> 32
            let unwrapped = stated + wraps << 32
            let rest = layout.dataOffset + unwrapped + unwrapped % 2
            if wraps > 0, available - unwrapped <= 1 || layout.hasChunks(from: rest, read: read) {
                return (unwrapped, "the length of the sound passed 4 GiB \(wraps) times and says only \(stated)")
            }
        }
        // Our own writer leaves room for ds64 and refreshes its lengths: what is behind them is sound.
        if layout.isOwn, layout.riffBytes + 8 <= end {
            return (available, "the recording was cut off \(available - stated) bytes after its last header")
        }
        throw .refused(
            seen: "a WAV file with \(available - stated) bytes behind its sound that are neither sound nor chunks",
            remedy: "cut them off, or read all of it with --raw")
    }
}
