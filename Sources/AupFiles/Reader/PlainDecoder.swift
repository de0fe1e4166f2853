internal import AupSound

/// Samples that lie in the file as they are: WAV, RF64, AU, and headerless sound.
///
/// - Thread: one at a time.
final class PlainDecoder: SoundDecoder {
    let format: PCMFormat
    let totalFrames: Int64?
    let tags: [SoundTag]
    let preRollFrames: Int64 = 0
    let lastLanding: Int64? = nil

    private let input: ByteInput
    private let storage: SampleStorage
    private let headerBytes: Int64
    private var position: Int64 = 0

    /// - Parameter header: what the header says.
    init(_ input: ByteInput, _ header: SoundFileHeader) {
        tags = header.tags
        self.input = input
        format = header.format
        storage = header.storage
        headerBytes = Int64(clamping: header.headerBytes)
        let stated = header.frames.map { Int64(clamping: $0) }
        // A length nobody knew ends with the file.
        let there = input.fileBytes.map {
            max(0, $0 - Int64(clamping: header.headerBytes)) / Int64(header.format.frameBytes)
        }
        totalFrames = stated ?? there
        input.settle()
    }

    func reopen() throws(FileError) { position = 0 }

    func seek(to frame: Int64) -> Int64? {
        position = frame
        return frame
    }

    func read(into target: UnsafeMutableRawPointer, frames: Int) throws(FileError) -> DecodedFrames {
        let rest = totalFrames.map { Int(clamping: max(0, $0 - position)) } ?? frames
        let wanted = min(frames, rest) * format.frameBytes
        guard wanted > 0 else { return DecodedFrames(count: 0) }
        let place = headerBytes + position * Int64(format.frameBytes)
        let count = unsafe input.read(at: place, into: target, count: wanted) / format.frameBytes
        unsafe storage.convert(
            UnsafeMutableRawBufferPointer(start: target, count: count * format.frameBytes), format.sampleFormat)
        position += Int64(count)
        return DecodedFrames(count: count)
    }

    /// Reads the header of WAV or AU from the beginning of an input.
    static func header(_ input: ByteInput, isWAV: Bool) throws(FileError) -> SoundFileHeader {
        let total = input.fileBytes.map { UInt64($0) }
        var wav = WAVReader(totalBytes: total)
        var au = AUReader(totalBytes: total)
        var bytes = [UInt8](repeating: 0, count: 4096)
        var place: Int64 = 0
        while true {
            let count = unsafe bytes.withUnsafeMutableBytes {
                unsafe input.read(at: place, into: $0.baseAddress!, count: $0.count)
            }
            if count == 0 {
                if isWAV { try wav.finish() } else { try au.finish() }
            }
            let piece = bytes.span.extracting(..<count)
            place += Int64(isWAV ? try wav.feed(piece) : try au.feed(piece))
            if let header = isWAV ? wav.header : au.header { return header }
        }
    }
}
