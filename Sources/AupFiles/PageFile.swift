internal import Glibc

/// An Ogg file on its way: whole pages in `NAME.part`, then NAME.
///
/// A kill leaves whole pages, or one that is torn, which readers pass over. What a full disk refuses is cut back to the
/// last whole page, and that page then says that it is the last one.
///
/// - Thread: control, one at a time; every verb may wait for the disk.
public final class PageFile {
    /// Bytes of the pages on the disk.
    public private(set) var byteCount: Int64 = 0
    private let part: PartFile
    /// Where the last page begins; `nil` while there is none.
    private var lastPage: Int64?
    /// A page was refused: nothing may follow where it is missing.
    public private(set) var isCut = false

    public var path: String { part.path }
    public var partPath: String { part.partPath }

    public init(path: String, overwrite: Bool = false, fsync: FsyncPolicy = .finish) throws(FileError) {
        part = try PartFile(path: path, overwrite: overwrite, fsync: fsync)
    }

    /// Adds a page, which is two pieces that follow each other: all of it, or nothing and an error.
    public func append(_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer) throws(FileError) {
        precondition(!isCut, "a page behind one that is missing")
        var parts = unsafe [
            iovec(iov_base: UnsafeMutableRawPointer(mutating: head.baseAddress), iov_len: head.count),
            iovec(iov_base: UnsafeMutableRawPointer(mutating: body.baseAddress), iov_len: body.count),
        ]
        var written: Int
        repeat {
            errno = 0
            written = unsafe pwritev(part.descriptor, &parts, 2, off_t(byteCount))
        } while written < 0 && errno == EINTR
        guard written == head.count + body.count else {
            let code = errno
            isCut = true
            _ = ftruncate(part.descriptor, off_t(byteCount))
            // Written in part and no error: the disk took what it had room for.
            throw part.writeError(code == 0 ? ENOSPC : code, frames: nil)
        }
        lastPage = byteCount
        byteCount += Int64(written)
    }

    public func sync() throws(FileError) { try part.sync() }

    /// Completes the file, waits until the disk has it as was agreed, and gives it its name or another one.
    public func finish(as path: String? = nil) throws(FileError) {
        if isCut { markEnd() }
        try part.finish(as: path)
    }

    /// Gives up a file in which nothing was kept.
    public func discard() { part.discard() }

    /// The error of a codec that makes the pages.
    func error(_ code: Int32, doing: String) -> FileError { .broken(path: partPath, doing: doing, errno: code) }

    /// Makes the last page there is the last one there was meant to be; the disk may be full, but that needs no room.
    /// Unchecked, because a file without it plays all the same.
    private func markEnd() {
        guard let lastPage else { return }
        var page = [UInt8](repeating: 0, count: Int(byteCount - lastPage))
        guard unsafe pread(part.descriptor, &page, page.count, off_t(lastPage)) == page.count else { return }
        OggPage.markEnd(&page)
        _ = unsafe pwrite(part.descriptor, page, page.count, off_t(lastPage))
    }
}
