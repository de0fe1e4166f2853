internal import AupSound

/// Where the parts of a WAV file lie, as far as a repair needs to know.
struct WAVChunkMap {
    let fileBytes: UInt64
    let isLong: Bool
    let riffBytes: UInt64
    let format: PCMFormat
    /// Of the first sample.
    let dataOffset: UInt64
    /// As the header has it.
    let dataBytes: UInt64
    /// The chunk right behind `WAVE`, where it is a ds64 or can become one.
    let roomOffset: UInt64?
    let roomBytes: UInt64
    /// Of the number of frames in a fact chunk.
    let factOffset: UInt64?

    /// The header is one that ``WAVHeader`` writes: room for ds64 of exactly its size, and sound as the last chunk.
    var isOwn: Bool { roomOffset != nil && roomBytes == 28 }

    init(fileBytes: UInt64, read: (UInt64, Int) -> [UInt8]) throws(FileError) {
        self.fileBytes = fileBytes
        let head = read(0, 12)
        guard head.count == 12, Array(head[8..<12]) == Array("WAVE".utf8) else { throw Self.noWAV(head) }
        let kind = Array(head[0..<4])
        isLong = kind == Array("RF64".utf8) || kind == Array("BW64".utf8)
        guard isLong || kind == Array("RIFF".utf8) else { throw Self.noWAV(head) }
        var riff = head.little(4, 4)
        var longData: UInt64?
        var found: PCMFormat?
        var room: (offset: UInt64, bytes: UInt64)?
        var fact: UInt64?
        var place: UInt64 = 12
        while true {
            let chunk = read(place, 8)
            guard chunk.count == 8 else { throw .truncated(container: "WAV", byteOffset: place + UInt64(chunk.count)) }
            let name = Array(chunk[0..<4])
            let size = chunk.little(4, 4)
            if name == Array("data".utf8) {
                guard let found else {
                    throw .malformed(
                        container: "WAV", what: "the data chunk comes before the fmt chunk", byteOffset: place)
                }
                format = found
                dataOffset = place + 8
                dataBytes = isLong && size == 0xFFFF_FFFF ? longData ?? size : size
                break
            }
            guard Self.isName(name), size <= UInt64(WAVRepair.headerBytes),
                place + size <= UInt64(WAVRepair.headerBytes)
            else {
                throw .malformed(
                    container: "WAV", what: "no data chunk within \(WAVRepair.headerBytes) bytes", byteOffset: place)
            }
            let body = read(place + 8, Int(min(size, 40)))
            guard UInt64(body.count) == min(size, 40) else {
                throw .truncated(container: "WAV", byteOffset: fileBytes)
            }
            switch name {
            case Array("fmt ".utf8) where size >= 16:
                found = try WAVFormatChunk(body, byteOffset: place + 8).format
            case Array("ds64".utf8) where isLong && size >= 28 && place == 12:
                riff = body.little(0, 8)
                longData = body.little(8, 8)
                room = (place, size)
            case Array("JUNK".utf8) where size >= 28 && place == 12: room = (place, size)
            case Array("fact".utf8) where size >= 4: fact = place + 8
            default: break
            }
            place += 8 + size + size % 2
        }
        riffBytes = riff
        roomOffset = room?.offset
        roomBytes = room?.bytes ?? 0
        factOffset = fact
    }

    /// Whether the stated length is what writers put there who do not know the end.
    var isPlaceholder: Bool {
        if isLong { return dataBytes == 0 || dataBytes == 0xFFFF_FFFF || dataBytes >= 1 << 62 }
        // Sox rounds 0x7FFFF000 down to whole frames; arecord states 0x80000000; others subtract their header.
        let slack = UInt64(format.frameBytes)
        return dataBytes == 0 || (0x7FFF_F000 - slack...0x8000_0000).contains(dataBytes)
            || (dataBytes >= 0xFFFF_F000 - slack && dataBytes <= 0xFFFF_FFFF)
    }

    /// Whether whole chunks, and nothing else, lie from a place to the end of the file.
    func hasChunks(from start: UInt64, read: (UInt64, Int) -> [UInt8]) -> Bool {
        var place = start
        while place < fileBytes {
            let chunk = read(place, 8)
            guard chunk.count == 8, Self.isName(Array(chunk[0..<4])) else { return false }
            let size = chunk.little(4, 4)
            place += 8 + size + size % 2
        }
        // The last pad byte may be missing.
        return place == fileBytes || place == fileBytes + 1
    }

    private static func isName(_ name: [UInt8]) -> Bool { name.allSatisfy { (0x20...0x7E).contains($0) } }

    private static func noWAV(_ head: [UInt8]) -> FileError {
        .refused(
            seen: head.isEmpty ? "an empty file" : "no WAV or RF64 file",
            remedy: "only these can be mended; what aup leaves in other containers opens as it is")
    }
}
