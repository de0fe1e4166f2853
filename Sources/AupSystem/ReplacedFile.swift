import AupSound
import Glibc

/// A file that others read while it is written anew: they see the old one or the new one, whole.
///
/// Written beside its place and renamed there. What is there and no file, a device or a link, stays and is an error.
///
/// - Thread: control; it may wait for the disk.
///
/// - Parameters:
///   - isNew: nothing may be there yet.
///   - mode: of the file, less what the process's mask takes away.
///   - isKept: whether the new one is on the disk before the old one goes, so that one of them is there after a power cut;
///     what is written anew every few seconds need not wait for that.
public func replaceFile(
    _ path: String, with bytes: [UInt8], isNew: Bool = false, mode: UInt32 = 0o666, isKept: Bool = true
) throws(SystemError) {
    let name = FileName.bytes(path)
    var facts = stat()
    if unsafe lstat(name, &facts) == 0 {
        if facts.st_mode & S_IFMT != S_IFREG { throw SystemError(notAFile: path) }
        if isNew { throw SystemError("open", path: path, code: EEXIST) }
    }
    let draft = path + ".\(getpid())"
    let beside = FileName.bytes(draft)
    var number: Int32 = -1
    for _ in 0..<2 where number < 0 {
        number = unsafe open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        // What a process of the same number left behind, which was killed.
        if number < 0, errno == EEXIST { _ = unsafe unlink(beside) }
    }
    guard number >= 0 else { throw SystemError("open", path: path) }
    var done = 0
    while done < bytes.count {
        let count = unsafe bytes[done...].withUnsafeBytes { unsafe write(number, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { break }
        done += count
    }
    var code = done == bytes.count ? 0 : errno
    // Some disks say only now that there is no room; a file system without such a promise is no reason to fail.
    if code == 0, isKept, fsync(number) != 0, errno != EINVAL, errno != ENOSYS { code = errno }
    close(number)
    if code == 0 { code = isNew ? renameToNew(draft, path) : unsafe rename(beside, name) == 0 ? 0 : errno }
    guard code == 0 else {
        _ = unsafe unlink(beside)
        throw SystemError("write", path: path, code: code)
    }
}
