internal import AupSound

/// Reads the header of Sony Wave64: WAV with chunk names of 16 bytes and sizes of eight, which count the chunk's own 24.
///
///     0          16     24         40
///     | riff.… | size | wave.… | fmt .… size body | any | data.… size | samples …
///
/// libsndfile reads W64 too, but takes floats in an extensible fmt chunk, as ffmpeg writes them, for integers. Source:
/// Sony Pictures Digital, "Wave64 File Format" (2006).
enum W64Header {
    private static let wave: [UInt8] = guid(0x77, 0x61, 0x76, 0x65)
    private static let fmt: [UInt8] = guid(0x66, 0x6D, 0x74, 0x20)
    private static let data: [UInt8] = guid(0x64, 0x61, 0x74, 0x61)
    /// Chunks before the sound: no file has so many.
    private static let mostChunks = 256

    static func read(_ input: ByteInput) throws(FileError) -> SoundFileHeader {
        let chunk = AlignedBytes(count: 64)
        func bytes(_ place: Int64, _ count: Int) throws(FileError) -> [UInt8] {
            let taken = unsafe input.read(at: place, into: chunk.base, count: count)
            guard taken == count else { throw .truncated(container: "W64", byteOffset: UInt64(place) + UInt64(taken)) }
            return unsafe Array(chunk.bytes[..<count])
        }
        guard try bytes(24, 16) == wave else {
            throw .malformed(container: "W64", what: "it does not hold WAVE", byteOffset: 24)
        }
        var place: Int64 = 40
        var found: WAVFormatChunk?
        for _ in 0..<mostChunks {
            let head = try bytes(place, 24)
            let size = head.little(16, 8)
            let name = Array(head[..<16])
            if name == data {
                guard let found else {
                    throw .malformed(
                        container: "W64", what: "the data chunk comes before the fmt chunk", byteOffset: UInt64(place))
                }
                // A size of no chunk at all, or of more than there can be, was never set right.
                let isKnown = size > 24 && size < 1 << 62
                return SoundFileHeader(
                    container: .w64, format: found.format, storage: .native, dataBytes: isKnown ? size - 24 : nil,
                    headerBytes: UInt64(place) + 24)
            }
            let limit = UInt64(input.fileBytes ?? Int64(ByteInput.aheadBytes))
            guard (24...max(24, limit)).contains(size) else {
                throw .malformed(
                    container: "W64", what: "a chunk of \(size) bytes before the sound", byteOffset: UInt64(place))
            }
            if name == fmt {
                guard size >= 24 + 16 else {
                    throw .malformed(container: "W64", what: "a fmt chunk of \(size) bytes", byteOffset: UInt64(place))
                }
                found = try WAVFormatChunk(
                    try bytes(place + 24, Int(min(size - 24, 40))), byteOffset: UInt64(place) + 24)
            }
            // Chunks are padded to eight bytes.
            place += Int64((size + 7) / 8 * 8)
        }
        throw .malformed(
            container: "W64", what: "\(mostChunks) chunks and no sound", byteOffset: UInt64(place))
    }

    /// The names but the outermost one end alike.
    private static func guid(_ letters: UInt8...) -> [UInt8] {
        letters + [0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0x00, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A]
    }
}
