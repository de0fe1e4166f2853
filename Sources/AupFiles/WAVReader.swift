internal import AupSound

/// Reads the header of a RIFF or RF64 WAVE stream, fed in any pieces.
///
/// Sizes lie in pipes: a data length of 0, about 2 GiB or about 4 GiB is what a writer puts there that does not
/// know the end, so it means "until the end of the input". With the length of a regular file at hand those sizes
/// are believed where they fit. Sources: Microsoft's Multimedia Programming Interface 1.0, `mmreg.h`, EBU Tech 3306.
///
///     0        4      8      12
///     | "RIFF" | size | WAVE | fmt | any | data | samples …
///     | "RF64" | ~0   | WAVE | ds64 | fmt | any | data | samples …
///
/// - Thread: any, one at a time.
public struct WAVReader: Sendable {
    /// Set when the header is complete.
    public private(set) var header: SoundFileHeader?

    /// A chunk that is skipped in a pipe holds at most this much.
    static let chunkBytes: UInt64 = 1 << 20
    /// All chunks before the sound together: the largest cover picture, not an endless stream of small ones.
    static let headerBytes: UInt64 = 16 << 20

    private enum Expecting: Sendable, Equatable {
        case riff
        case chunk
        case body(name: [UInt8], bytes: UInt64, at: UInt64)
    }

    private let totalBytes: UInt64?
    private var expecting = Expecting.riff
    private var offset: UInt64 = 0
    private var riffBytes: UInt64 = 0
    private var isRF64 = false
    private var longDataBytes: UInt64?
    private var found: WAVFormatChunk?
    private var tags: [SoundTag] = []
    /// Bytes of the field being read; never more than 40, but for a list of words.
    private var field: [UInt8] = []
    private var skipping: UInt64 = 0

    /// - Parameter totalBytes: the length of the file where the input is one, `nil` for a pipe.
    public init(totalBytes: UInt64? = nil) { self.totalBytes = totalBytes }

    /// Takes bytes up to the first sample.
    ///
    /// - Returns: how many of them belonged to the header. When ``header`` is set afterwards, the rest is sound.
    public mutating func feed(_ bytes: Span<UInt8>) throws(FileError) -> Int {
        var position = 0
        while header == nil, position < bytes.count {
            if skipping > 0 {
                let step = Int(min(skipping, UInt64(bytes.count - position)))
                skipping -= UInt64(step)
                offset += UInt64(step)
                position += step
                continue
            }
            field.append(bytes[position])
            position += 1
            offset += 1
            if field.count == wantedBytes { try take() }
        }
        return position
    }

    /// The input has ended: an error when it did so inside the header.
    public func finish() throws(FileError) {
        if header == nil { throw .truncated(container: container, byteOffset: offset) }
    }

    private var container: String { isRF64 ? "RF64" : "WAV" }

    private var wantedBytes: Int {
        switch expecting {
        case .riff: 12
        case .chunk: 8
        case .body(let name, let bytes, _): Int(min(bytes, name == Self.ds64 ? 28 : name == Self.list ? .max : 40))
        }
    }

    private static let fmt = Array("fmt ".utf8)
    private static let ds64 = Array("ds64".utf8)
    private static let data = Array("data".utf8)
    private static let list = Array("LIST".utf8)
    /// A longer list holds something else, and is skipped.
    private static let listBytes: UInt64 = 64 << 10

    private mutating func take() throws(FileError) {
        let bytes = field
        field.removeAll(keepingCapacity: true)
        switch expecting {
        case .riff: try takeRIFF(bytes)
        case .chunk: try takeChunk(bytes)
        case .body(let name, let size, let start):
            if name == Self.list {
                tags += TagPlaces.info(bytes)
            } else if name == Self.ds64 {
                riffBytes = bytes.little(0, 8)
                longDataBytes = bytes.little(8, 8)
            } else {
                found = try WAVFormatChunk(bytes, byteOffset: start)
            }
            // Chunks are padded to even lengths.
            skipping = size + size % 2 - UInt64(bytes.count)
            expecting = .chunk
        }
    }

    private mutating func takeRIFF(_ bytes: [UInt8]) throws(FileError) {
        let name = Array(bytes[0..<4])
        isRF64 = name == Array("RF64".utf8) || name == Array("BW64".utf8)
        guard isRF64 || name == Array("RIFF".utf8), Array(bytes[8..<12]) == Array("WAVE".utf8) else {
            throw .malformed(container: "WAV", what: "it does not begin with RIFF…WAVE", byteOffset: 0)
        }
        riffBytes = bytes.little(4, 4)
        expecting = .chunk
    }

    private mutating func takeChunk(_ bytes: [UInt8]) throws(FileError) {
        let name = Array(bytes[0..<4])
        let size = bytes.little(4, 4)
        let start = offset - 8
        switch name {
        case Self.data: try takeData(size, start)
        case Self.fmt:
            guard size >= 16 else {
                throw malformed("a fmt chunk of \(size) bytes where 16 are the least", start)
            }
            try bound(size, name, start)
            expecting = .body(name: name, bytes: size, at: offset)
        case Self.ds64 where isRF64:
            guard size >= 28 else { throw malformed("a ds64 chunk of \(size) bytes where 28 are the least", start) }
            try bound(size, name, start)
            expecting = .body(name: name, bytes: size, at: offset)
        case Self.list where (4...Self.listBytes).contains(size) && tags.isEmpty:
            expecting = .body(name: name, bytes: size, at: offset)
        default:
            try bound(size, name, start)
            skipping = size + size % 2
        }
    }

    /// Refuses a chunk that would make a pipe wait for nothing.
    private func bound(_ size: UInt64, _ name: [UInt8], _ start: UInt64) throws(FileError) {
        let limit = totalBytes ?? Self.chunkBytes
        guard size <= limit else {
            throw malformed(
                "chunk \(name.span.printable(0..<4)) of \(size) bytes before the sound, the limit is \(limit)", start)
        }
        guard offset + size <= max(Self.headerBytes, totalBytes ?? 0) else {
            throw malformed("more than \(Self.headerBytes) bytes of chunks before the sound", start)
        }
    }

    private mutating func takeData(_ size: UInt64, _ start: UInt64) throws(FileError) {
        guard let found else { throw malformed("the data chunk comes before the fmt chunk", start) }
        if isRF64, longDataBytes == nil { throw malformed("RF64 without a ds64 chunk", start) }
        let isLong = isRF64 && size == 0xFFFF_FFFF
        let stated = isLong ? longDataBytes ?? 0 : size
        header = SoundFileHeader(
            container: isRF64 ? .rf64 : .wav, format: found.format, storage: .native,
            dataBytes: isPlaceholder(stated, isLong: isLong, frameBytes: found.format.frameBytes) ? nil : stated,
            headerBytes: offset)
        header?.tags = tags
    }

    /// Whether a stated length is what writers put there who do not know the end.
    private func isPlaceholder(_ size: UInt64, isLong: Bool, frameBytes: Int) -> Bool {
        if let totalBytes {
            // An empty file that says so twice is empty; anything that fits into the file is true.
            if size == 0 { return !(riffBytes + 8 == offset || totalBytes == offset) }
            if offset + min(size, .max - offset) <= totalBytes { return false }
        }
        if isLong { return size == 0 || size >= 1 << 62 }
        // Sox rounds 0x7FFFF000 down to whole frames; arecord states 0x80000000; others subtract their header.
        let slack = UInt64(frameBytes)
        return size == 0 || (0x7FFF_F000 - slack...0x8000_0000).contains(size) || size >= 0xFFFF_F000 - slack
    }

    private func malformed(_ what: String, _ at: UInt64) -> FileError {
        .malformed(container: container, what: what, byteOffset: at)
    }
}
