internal import AupSound
internal import AupSystem
internal import Glibc

// What is looked at before a file is replaced.
extension FileReplacement {
    /// Behind all symbolic links.
    static func resolve(_ path: String) throws(FileError) -> String {
        guard let resolved = unsafe realpath(FileName.bytes(path), nil) else { throw openError(path, errno) }
        defer { unsafe free(resolved) }
        return unsafe FileName.text(
            UnsafeBufferPointer(start: resolved, count: strlen(resolved)).map { UInt8(bitPattern: $0) })
    }

    static func check(_ path: String, _ name: [CChar], _ facts: stat) throws(FileError) {
        guard facts.st_mode & S_IFMT == S_IFREG else {
            throw .untagged(path: path, why: "it is no regular file", remedy: "give the file itself")
        }
        // A file that is to stay as it is says so in its mode, to root too, whom the system would let pass.
        guard facts.st_mode & 0o222 != 0, unsafe access(name, W_OK) == 0 else {
            throw .untagged(path: path, why: "it is read-only", remedy: "make it writable first (chmod u+w)")
        }
    }

    /// Whether the file of a name is the one that was opened, and as it was then.
    static func isSame(_ name: [CChar], _ facts: stat) -> Bool {
        var now = stat()
        guard unsafe stat(name, &now) == 0 else { return false }
        return now.st_dev == facts.st_dev && now.st_ino == facts.st_ino && now.st_size == facts.st_size
            && now.st_mtim.tv_sec == facts.st_mtim.tv_sec && now.st_mtim.tv_nsec == facts.st_mtim.tv_nsec
    }

    /// Beside the file, because only within one file system a rename is one step; and no longer than a name may be.
    static func draftName(_ target: String, suffix: String) -> String {
        let bytes = FileName.bytes(target).dropLast().map { UInt8(bitPattern: $0) }
        let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        let name = bytes[start...].prefix(Int(NAME_MAX) - suffix.utf8.count)
        return FileName.text(bytes[..<start] + name + Array(suffix.utf8))
    }

    static func openError(_ path: String, _ code: Int32) -> FileError {
        switch code {
        case ENOENT, ENOTDIR:
            .untagged(path: path, why: "there is no such file", remedy: "look at its name")
        case EACCES, EPERM:
            .untagged(path: path, why: "permission denied", remedy: "ask for the right to read and write it")
        default: .broken(path: path, doing: "opening", errno: code)
        }
    }
}
