public import AupSound
internal import AupSystem
internal import Glibc

/// A WAV file that plays at every instant of its recording.
///
/// Sound goes to `NAME.part`, whose header is written anew whenever the owner says so; at the end it gets its name.
/// A kill at any moment leaves a `.part` that every player opens, short by what came after the last header. Nothing is
/// ever replaced unless asked: a taken NAME or NAME.part is an error. A full disk is an error that leaves whole
/// frames and a true header.
///
/// - Thread: control, one at a time; every verb may wait for the disk.
public final class CrashSafeWAVFile {
    public let path: String
    /// Where the sound lies until ``finish()``.
    public let partPath: String
    /// Convert and reorder to this header's format before ``append(_:)``.
    public let header: WAVHeader
    /// Bytes of sound on the disk.
    public private(set) var dataBytes: UInt64 = 0

    private let overwrite: Bool
    private var descriptor: Int32

    /// Whole frames on the disk.
    public var frames: UInt64 { dataBytes / UInt64(header.format.frameBytes) }

    public init(path: String, format: PCMFormat, overwrite: Bool = false) throws(FileError) {
        self.path = path
        self.overwrite = overwrite
        partPath = path + ".part"
        header = WAVHeader(format, for: .file)
        if !overwrite, unsafe access(path, F_OK) == 0 { throw .exists(path: path) }
        if overwrite { _ = unsafe unlink(partPath) }
        descriptor = unsafe open(partPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Self.openError(partPath, errno) }
        do throws(FileError) {
            try writeHeader()
        } catch {
            // Nothing was kept, so nothing is left lying about.
            _ = unsafe unlink(partPath)
            throw error
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Adds sound in the header's format. After an error what is on the disk is whole frames with a true header.
    public func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var rest = unsafe bytes
        while unsafe !rest.isEmpty {
            let place = off_t(header.byteCount) + off_t(dataBytes)
            let written = unsafe pwrite(descriptor, rest.baseAddress, rest.count, place)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else {
                let code = written < 0 ? errno : ENOSPC
                keepWholeFrames()
                throw writeError(code)
            }
            dataBytes += UInt64(written)
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    /// Writes the header for what is on the disk now: call it once a second.
    public func refreshHeader() throws(FileError) { try writeHeader() }

    /// Completes the file, waits until the disk has it, and gives it its name.
    public func finish() throws(FileError) {
        keepWholeFrames()
        if WAVHeader.padBytes(dataBytes) == 1 {
            var zero: UInt8 = 0
            let end = off_t(header.byteCount) + off_t(dataBytes)
            // Unchecked because a missing pad byte on a full disk harms no reader and loses no sound.
            _ = unsafe pwrite(descriptor, &zero, 1, end)
        }
        try writeHeader()
        guard fsync(descriptor) == 0 else { throw writeError(errno) }
        close(descriptor)
        descriptor = -1
        if overwrite {
            guard unsafe rename(partPath, path) == 0 else { throw Self.openError(path, errno) }
        } else {
            let code = renameToNew(partPath, path)
            guard code == 0 else { throw Self.openError(path, code) }
        }
        syncFolder()
    }

    private func writeHeader() throws(FileError) {
        let bytes = header.bytes(dataBytes: dataBytes - dataBytes % UInt64(header.format.frameBytes))
        let written = unsafe pwrite(descriptor, bytes, bytes.count, 0)
        guard written == bytes.count else { throw writeError(written < 0 ? errno : ENOSPC) }
    }

    /// Cuts a torn frame off and makes the header true; the disk may be full, but neither needs room.
    private func keepWholeFrames() {
        dataBytes -= dataBytes % UInt64(header.format.frameBytes)
        _ = ftruncate(descriptor, off_t(header.byteCount) + off_t(dataBytes))
        _ = try? writeHeader()
    }

    /// Makes the new name itself outlive a power cut.
    private func syncFolder() {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private func writeError(_ code: Int32) -> FileError {
        switch code {
        case ENOSPC, EDQUOT, EFBIG: .full(path: partPath, frames: frames)
        default: .broken(path: partPath, doing: "writing", errno: code)
        }
    }

    private static func openError(_ path: String, _ code: Int32) -> FileError {
        switch code {
        case EEXIST: .exists(path: path)
        case ENOENT, ENOTDIR: .missingFolder(path: path)
        case EACCES, EPERM, EROFS: .denied(path: path)
        case ENOSPC, EDQUOT: .full(path: path, frames: 0)
        default: .broken(path: path, doing: "creating", errno: code)
        }
    }
}
