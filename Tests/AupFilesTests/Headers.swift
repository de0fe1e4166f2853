import AupFiles
import AupSound

/// Bytes for tests, spelled as a header's page spells them.
enum Bytes {
    static func little(_ value: UInt64, _ width: Int) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }

    static func big(_ value: UInt64, _ width: Int) -> [UInt8] { little(value, width).reversed() }

    static func chunk(_ name: String, _ body: [UInt8], size: UInt64? = nil) -> [UInt8] {
        Array(name.utf8) + little(size ?? UInt64(body.count), 4) + body + (body.count % 2 == 1 ? [0] : [])
    }

    static func fmt(
        tag: UInt64 = 1, channels: UInt64 = 2, rate: UInt64 = 48_000, bits: UInt64 = 16, block: UInt64? = nil,
        more: [UInt8] = []
    ) -> [UInt8] {
        let frame = block ?? channels * ((bits + 7) / 8)
        return little(tag, 2) + little(channels, 2) + little(rate, 4) + little(rate * frame & 0xFFFF_FFFF, 4)
            + little(frame & 0xFFFF, 2) + little(bits, 2) + more
    }

    static func extensible(_ tag: UInt64, mask: UInt64, valid: UInt64) -> [UInt8] {
        little(22, 2) + little(valid, 2) + little(mask, 4) + little(tag, 2)
            + [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]
    }

    static func wav(_ chunks: [UInt8], riff: String = "RIFF", size: UInt64? = nil) -> [UInt8] {
        Array(riff.utf8) + little(size ?? UInt64(chunks.count + 4), 4) + Array("WAVE".utf8) + chunks
    }

    /// A `data` chunk's first eight bytes.
    static func data(_ size: UInt64) -> [UInt8] { Array("data".utf8) + little(size, 4) }
}

/// Feeds a reader in pieces of one size and returns the header and how many bytes it took.
func readWAV(_ bytes: [UInt8], piece: Int = .max, totalBytes: UInt64? = nil) throws(FileError) -> SoundFileHeader? {
    var reader = WAVReader(totalBytes: totalBytes)
    var position = 0
    while position < bytes.count, reader.header == nil {
        let end = piece == .max ? bytes.count : min(position + piece, bytes.count)
        position += try reader.feed(Array(bytes[position..<end]).span)
    }
    try reader.finish()
    return reader.header
}

func readAU(_ bytes: [UInt8], piece: Int = .max, totalBytes: UInt64? = nil) throws(FileError) -> SoundFileHeader? {
    var reader = AUReader(totalBytes: totalBytes)
    var position = 0
    while position < bytes.count, reader.header == nil {
        let end = piece == .max ? bytes.count : min(position + piece, bytes.count)
        position += try reader.feed(Array(bytes[position..<end]).span)
    }
    try reader.finish()
    return reader.header
}

func fileError(_ body: () throws(FileError) -> Void) -> FileError? {
    do throws(FileError) { try body() } catch { return error }
    return nil
}

/// Every format that containers are tried with.
let manyFormats: [PCMFormat] = SampleFormat.allCases.flatMap { sample in
    [1, 2, 3, 6, 8].flatMap { channels in
        [8_000, 44_100, 192_000].flatMap { rate in
            [nil, ChannelLayout.standard(channels: channels)].compactMap { layout in
                PCMFormat(sample, rate: rate, channels: channels, layout: layout)
            }
        }
    }
}
