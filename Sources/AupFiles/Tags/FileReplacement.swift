internal import AupSound
internal import AupSystem
internal import Glibc

/// A new file that takes an old one's place in one step, once it is whole and on the disk.
///
/// ```
///   x.flac            │ old, read and locked ──────────────┐ rename: now the new one
///   x.flac.tagging    │        made, written, synced ──────┘
/// ```
///
/// A kill leaves the old file, and beside it one that the next time takes away. Symbolic links are followed, and stay.
/// Owner, group, mode and extended attributes go over; other hard links keep the old file.
///
/// - Thread: control, one at a time; every verb may wait for the disk.
final class FileReplacement {
    /// As it was given, for messages.
    let path: String
    /// Bytes of the old file.
    let fileBytes: UInt64
    private let target: String
    private let draft: String
    private let source: Descriptor
    private let facts: stat
    private var made: Descriptor?
    private var writtenBytes: Int64 = 0

    /// As much as is read or written in one go.
    static let stepBytes = 1 << 20
    private static let suffix = ".tagging"

    /// Opens the old file, and keeps others from changing it at the same time.
    init(_ path: String) throws(FileError) {
        self.path = path
        // Another one may put its own file there between two steps, but not for ever.
        for _ in 0..<8 {
            let target = try Self.resolve(path)
            let name = FileName.bytes(target)
            // Without waiting for somebody at the other end of a pipe.
            let number = unsafe open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            guard number >= 0 else { throw Self.openError(path, errno) }
            let source = Descriptor(adopting: number)
            var facts = stat()
            guard unsafe fstat(number, &facts) == 0 else { throw .broken(path: path, doing: "looking", errno: errno) }
            try Self.check(path, name, facts)
            // Where locks do not exist, the look right before the end must do.
            guard flock(number, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
                throw .untagged(
                    path: path, why: "another program is writing it at this moment", remedy: "wait for its end")
            }
            guard Self.isSame(name, facts) else { continue }
            (self.target, self.source, self.facts) = (target, source, facts)
            draft = Self.draftName(target, suffix: Self.suffix)
            fileBytes = UInt64(facts.st_size)
            removeLeftover()
            return
        }
        throw .untagged(path: path, why: "other programs keep replacing it", remedy: "wait for their end")
    }

    deinit {
        if made != nil { _ = unsafe unlink(FileName.bytes(draft)) }
        unlock(made)
        unlock(source)
    }

    /// By word and not by closing alone, because a process that is being started has the descriptor too until it runs its
    /// own program.
    private func unlock(_ file: Descriptor?) {
        if let file { _ = flock(file.number, LOCK_UN) }
    }

    /// Bytes of the old file; fewer than asked at its end.
    func read(at place: UInt64, count: Int) throws(FileError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { space, done in
            while done < count {
                let taken = unsafe pread(
                    source.number, space.baseAddress! + done, count - done, off_t(clamping: place) + off_t(done))
                if taken < 0, errno == EINTR { continue }
                if taken < 0 { failure = errno }
                guard taken > 0 else { break }
                done += taken
            }
        }
        guard failure == 0 else { throw .broken(path: path, doing: "reading", errno: failure) }
        return bytes
    }

    /// Adds bytes to the new file, which is made with the first ones.
    func append(_ bytes: [UInt8]) throws(FileError) {
        let number = try draftDescriptor()
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe pwrite(number, $0.baseAddress! + done, $0.count - done, off_t(writtenBytes))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw error(count < 0 ? errno : ENOSPC, doing: "writing") }
            done += count
            writtenBytes += Int64(count)
        }
    }

    /// Adds a piece of the old file.
    func copy(_ range: Range<UInt64>) throws(FileError) {
        var place = range.lowerBound
        while place < range.upperBound {
            let bytes = try read(at: place, count: Int(min(UInt64(Self.stepBytes), range.upperBound - place)))
            guard !bytes.isEmpty else { throw wasChanged }
            try append(bytes)
            place += UInt64(bytes.count)
        }
    }

    /// Puts the new file into the old one's place.
    func finish() throws(FileError) {
        let number = try draftDescriptor()
        // Only root may give files away. The mode afterwards, because a new owner takes some of it back.
        guard fchown(number, facts.st_uid, facts.st_gid) == 0 else {
            throw refusal(
                "it belongs to somebody else, and a changed file would be yours", "tag it as its owner or as root")
        }
        guard fchmod(number, facts.st_mode & 0o7777) == 0 else { throw error(errno, doing: "chmod") }
        copyAttributes(from: source.number, to: number)
        guard fsync(number) == 0 else { throw error(errno, doing: "writing") }
        guard Self.isSame(FileName.bytes(target), facts) else { throw wasChanged }
        guard unsafe rename(FileName.bytes(draft), FileName.bytes(target)) == 0 else {
            throw error(errno, doing: "renaming")
        }
        unlock(made)
        made = nil
        PartFile.syncFolder(of: target)
    }

    /// The error for something that is wrong with the file.
    func refusal(_ why: String, _ remedy: String) -> FileError { .untagged(path: path, why: why, remedy: remedy) }

    private var wasChanged: FileError {
        refusal("another program changed it at this moment", "try again when that is done")
    }

    private func error(_ code: Int32, doing: String) -> FileError {
        switch code {
        case ENOSPC, EDQUOT, EFBIG: .noRoomToTag(path: path)
        case EACCES, EPERM, EROFS:
            refusal("nothing may be written or replaced in its folder", "ask for the right to write there")
        default: .broken(path: path, doing: doing, errno: code)
        }
    }

    private func draftDescriptor() throws(FileError) -> Int32 {
        if let made { return made.number }
        let name = FileName.bytes(draft)
        // For nobody else as long as it has not the mode of the old one.
        let number = unsafe open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard number >= 0 || errno != EEXIST else {
            throw refusal("\(FileName.readable(draft)), where the new file is made, is taken", "move it away")
        }
        guard number >= 0 else { throw error(errno, doing: "creating \(FileName.readable(draft))") }
        made = Descriptor(adopting: number)
        _ = flock(number, LOCK_EX | LOCK_NB)
        return number
    }

    /// What a kill left behind; nobody has it open, or it would be locked. What it cannot be stays.
    private func removeLeftover() {
        let name = FileName.bytes(draft)
        let number = unsafe open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard number >= 0 else { return }
        defer { close(number) }
        var facts = stat()
        guard unsafe fstat(number, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG,
            flock(number, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK
        else { return }
        _ = unsafe unlink(name)
    }
}
