internal import AupSound
internal import AupSystem
internal import Glibc

/// A file on its way: `NAME.part` until it is whole, then NAME.
///
/// - Thread: control; every verb may wait for the disk.
final class PartFile {
    let path: String
    let partPath: String
    private let overwrite: Bool
    private let fsyncs: Bool
    private(set) var descriptor: Int32
    /// The disk has refused a write.
    private var hasNoRoom = false

    init(path: String, overwrite: Bool, fsync: FsyncPolicy) throws(FileError) {
        self.path = path
        self.overwrite = overwrite
        fsyncs = fsync != .never
        partPath = path + ".part"
        if !overwrite, unsafe access(FileName.bytes(path), F_OK) == 0 { throw .exists(path: path) }
        if overwrite { _ = unsafe unlink(FileName.bytes(partPath)) }
        descriptor = unsafe open(FileName.bytes(partPath), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Self.openError(partPath, errno) }
        // Tells a repair that somebody still writes here. Where locks do not exist, the repair's backup must do.
        _ = flock(descriptor, LOCK_EX | LOCK_NB)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// As the disk has it now.
    var byteCount: Int64 {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// Gives up a file in which nothing was kept, so that nothing is left lying about.
    func discard() { _ = unsafe unlink(FileName.bytes(partPath)) }

    func sync() throws(FileError) {
        guard descriptor < 0 || fdatasync(descriptor) == 0 else {
            throw .broken(path: partPath, doing: "writing", errno: errno)
        }
    }

    /// Closes the file and names it. One in which there is nothing, not even a header, since the disk was full from the
    /// first byte on, gets no name and goes.
    func finish(as other: String?) throws(FileError) {
        let name = other ?? path
        guard byteCount > 0 || !hasNoRoom else {
            discard()
            close(descriptor)
            descriptor = -1
            throw .full(path: partPath, frames: 0)
        }
        if fsyncs, fsync(descriptor) != 0 { throw .broken(path: partPath, doing: "writing", errno: errno) }
        close(descriptor)
        descriptor = -1
        if overwrite {
            guard unsafe rename(FileName.bytes(partPath), FileName.bytes(name)) == 0 else {
                throw Self.openError(name, errno)
            }
        } else {
            let code = renameToNew(partPath, name)
            guard code == 0 else { throw Self.openError(name, code) }
        }
        if fsyncs { Self.syncFolder(of: name) }
    }

    func writeError(_ code: Int32, frames: UInt64?) -> FileError {
        noteRefusal(code)
        return hasNoRoom
            ? .full(path: partPath, frames: byteCount == 0 ? 0 : frames)
            : .broken(path: partPath, doing: "writing", errno: code)
    }

    /// - Parameter code: errno of a write that did not take all.
    func noteRefusal(_ code: Int32) { hasNoRoom = [ENOSPC, EDQUOT, EFBIG].contains(code) }

    /// Makes a new name itself outlive a power cut.
    static func syncFolder(of path: String) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = unsafe open(FileName.bytes(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        Glibc.fsync(descriptor)
        close(descriptor)
    }

    static func openError(_ path: String, _ code: Int32) -> FileError {
        switch code {
        case EEXIST: .exists(path: path)
        case ENOENT, ENOTDIR: .missingFolder(path: path)
        case EACCES, EPERM, EROFS: .denied(path: path)
        case ENOSPC, EDQUOT: .full(path: path, frames: 0)
        default: .broken(path: path, doing: "creating", errno: code)
        }
    }
}
