public import AupSound
internal import Glibc

/// A WAV file that plays at every instant of its recording.
///
/// The header is written anew whenever the owner says so. A kill at any moment leaves a `.part` that every player
/// opens, short by what came after the last header. A full disk is an error that leaves whole frames and a true header.
///
/// - Thread: control, one at a time; every verb may wait for the disk.
public final class CrashSafeWAVFile: RecordingFile {
    public private(set) var header: WAVHeader
    /// Bytes of sound on the disk.
    public private(set) var dataBytes: UInt64 = 0
    private let part: PartFile

    public var path: String { part.path }
    public var partPath: String { part.partPath }
    public var format: PCMFormat { header.format }
    public var channelSources: [Int]? { header.channelSources }
    /// Whole frames on the disk.
    public var frames: UInt64 { dataBytes / UInt64(header.format.frameBytes) }
    public var byteCount: Int64 { Int64(header.byteCount) + Int64(dataBytes) }

    /// - Parameter longBytes: where the file becomes RF64; tests make it small.
    public init(
        path: String, format: PCMFormat, overwrite: Bool = false, fsync: FsyncPolicy = .finish,
        broadcast: BroadcastExtension? = nil, longBytes: UInt64 = WAVHeader.longBytes
    ) throws(FileError) {
        header = WAVHeader(format, for: .file, broadcast: broadcast, longBytes: longBytes)
        part = try PartFile(path: path, overwrite: overwrite, fsync: fsync)
        do throws(FileError) {
            try writeHeader()
        } catch {
            part.discard()
            throw error
        }
    }

    public func setTags(_ tags: [SoundTag]) throws(FileError) {
        precondition(dataBytes == 0, "the sound would have to move")
        header.info = TagPlaces.infoChunk(tags)
        if !header.info.isEmpty { try writeHeader() }
    }

    /// Has an effect with the next header, and only where there is a `bext` chunk.
    public func setStart(_ start: RecordingStart) { header.broadcast?.start = start }

    /// Adds sound in the header's format. After an error what is on the disk is whole frames with a true header.
    public func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var rest = unsafe bytes
        while unsafe !rest.isEmpty {
            let place = off_t(header.byteCount) + off_t(dataBytes)
            let written = unsafe pwrite(part.descriptor, rest.baseAddress, rest.count, place)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else {
                let code = written < 0 ? errno : ENOSPC
                keepWholeFrames()
                throw part.writeError(code, frames: frames)
            }
            dataBytes += UInt64(written)
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    /// Writes the header for what is on the disk now: call it once a second.
    public func refreshHeader() throws(FileError) { try writeHeader() }

    public func sync() throws(FileError) { try part.sync() }

    /// Completes the file, waits until the disk has it, and gives it its name.
    public func finish(as path: String?) throws(FileError) {
        keepWholeFrames()
        if WAVHeader.padBytes(dataBytes) == 1 {
            var zero: UInt8 = 0
            let end = off_t(header.byteCount) + off_t(dataBytes)
            // Unchecked because a missing pad byte on a full disk harms no reader and loses no sound.
            _ = unsafe pwrite(part.descriptor, &zero, 1, end)
        }
        try writeHeader()
        try part.finish(as: path)
    }

    private func writeHeader() throws(FileError) {
        let bytes = header.bytes(dataBytes: dataBytes - dataBytes % UInt64(header.format.frameBytes))
        let written = unsafe pwrite(part.descriptor, bytes, bytes.count, 0)
        guard written == bytes.count else { throw part.writeError(written < 0 ? errno : ENOSPC, frames: frames) }
    }

    /// Cuts a torn frame off and makes the header true; the disk may be full, but neither needs room.
    private func keepWholeFrames() {
        dataBytes -= dataBytes % UInt64(header.format.frameBytes)
        _ = ftruncate(part.descriptor, off_t(header.byteCount) + off_t(dataBytes))
        _ = try? writeHeader()
    }
}
