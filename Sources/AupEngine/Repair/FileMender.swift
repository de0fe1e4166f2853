import AupFiles
import AupSound
import AupSystem
import Glibc

/// Mends sound files whose header lies about their length, and Ogg files that were cut off: `capture --repair`.
///
/// The file as it was is kept as FILE.orig unless told otherwise; where a write fails half way, that copy is the sound.
///
/// - Thread: main; it waits for the disk.
public struct FileMender {
    /// What became of a file.
    public enum Outcome: Equatable, Sendable {
        /// Nothing was wrong, nothing was written.
        case sound(frames: UInt64)
        /// What was wrong, and where the file now is.
        case mended(path: String, findings: [String], frames: UInt64, backup: String?)
        /// It was left alone.
        case refused(String)
    }

    private let keepsBackup: Bool

    public init(keepsBackup: Bool) { self.keepsBackup = keepsBackup }

    public func mend(_ path: String) -> Outcome {
        do throws(SystemError) {
            return try mendFile(path)
        } catch {
            return .refused(error.message)
        }
    }

    private func mendFile(_ path: String) throws(SystemError) -> Outcome {
        guard Descriptor.Kind(path: path) == .file || Descriptor.Kind(path: path) == nil else {
            return .refused("\(path): only regular files can be mended")
        }
        let file = try Descriptor.reading(path)
        guard flock(file.number, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
            return .refused("\(path): it is being recorded at this moment; wait for its end")
        }
        let repair: any FileRepair
        do throws(FileError) {
            let isOgg = OggRepair.isOgg(Self.read(file.number, 0, 4))
            repair =
                isOgg
                ? try OggRepair(fileBytes: file.fileBytes ?? 0) { Self.read(file.number, $0, $1) }
                : try WAVRepair(fileBytes: file.fileBytes ?? 0) { Self.read(file.number, $0, $1) }
        } catch {
            return .refused("\(path): \(error.message); left as it is")
        }
        let name = Self.finalName(of: path)
        guard repair.isNeeded || name != nil else { return .sound(frames: repair.frames) }
        var backup: String?
        if repair.isNeeded {
            let copy = path + ".orig"
            guard !keepsBackup || !Self.exists(copy) else {
                return .refused("\(path): \(copy) is there already; move it away, so that nothing is replaced")
            }
            try apply(repair, to: path, file, copy: copy)
            backup = keepsBackup ? copy : nil
        }
        guard let name else {
            return .mended(path: path, findings: repair.findings, frames: repair.frames, backup: backup)
        }
        // A taken name stays who has it, and the mended file keeps its own.
        let isNamed = renameToNew(path, name) == 0
        return .mended(
            path: isNamed ? name : path, findings: repair.findings + (isNamed ? ["it had not got its name"] : []),
            frames: repair.frames, backup: backup)
    }

    /// The new file is made beside the old one and takes its place in one step, so that at no moment the only copy is
    /// half mended. The old one then goes, or is the backup.
    private func apply(_ repair: any FileRepair, to path: String, _ file: Descriptor, copy: String) throws(SystemError)
    {
        let temporary = path + ".mending"
        let made = try Descriptor.writing(temporary, overwrite: false)
        do throws(SystemError) {
            var place: UInt64 = 0
            let total = file.fileBytes ?? 0
            if let insertion = repair.insertion {
                try Self.copy(file, made, from: 0, to: 0, count: insertion.offset, temporary)
                try Self.write(made, insertion.bytes, at: insertion.offset, temporary)
                place = insertion.offset
            }
            let shift = UInt64(repair.insertion?.bytes.count ?? 0)
            try Self.copy(file, made, from: place, to: place + shift, count: total - place, temporary)
            for patch in repair.patches { try Self.write(made, patch.bytes, at: patch.offset, temporary) }
            guard ftruncate(made.number, off_t(repair.fileBytes)) == 0, fsync(made.number) == 0 else {
                throw SystemError("write", path: temporary)
            }
            try Self.keepOwner(of: file, made)
            if keepsBackup, unsafe link(FileName.bytes(path), FileName.bytes(copy)) != 0 {
                // Some file systems have no second names; then the old file moves aside.
                guard unsafe rename(FileName.bytes(path), FileName.bytes(copy)) == 0 else {
                    throw SystemError("rename", path: copy)
                }
            }
            guard unsafe rename(FileName.bytes(temporary), FileName.bytes(path)) == 0 else {
                throw SystemError("rename", path: path)
            }
        } catch {
            _ = unsafe unlink(FileName.bytes(temporary))
            throw error
        }
    }

    /// `a.wav` of `a.wav.part`.
    private static func finalName(of path: String) -> String? {
        path.hasSuffix(".part") && path.utf8.count > 5 ? String(path.dropLast(5)) : nil
    }

    private static func exists(_ path: String) -> Bool { unsafe access(FileName.bytes(path), F_OK) == 0 }

    private static func keepOwner(of old: Descriptor, _ new: Descriptor) throws(SystemError) {
        var facts = stat()
        guard unsafe fstat(old.number, &facts) == 0 else { throw SystemError("stat") }
        // Only root may give files away; for everybody else the owner is the same anyway.
        _ = fchown(new.number, facts.st_uid, facts.st_gid)
        guard fchmod(new.number, facts.st_mode & 0o7777) == 0 else { throw SystemError("chmod") }
    }

    private static func read(_ number: Int32, _ offset: UInt64, _ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = unsafe bytes.withUnsafeMutableBytes {
                unsafe pread(number, $0.baseAddress! + done, count - done, off_t(clamping: offset) + off_t(done))
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { break }
            done += got
        }
        return Array(bytes.prefix(done))
    }

    private static func write(_ file: Descriptor, _ bytes: [UInt8], at offset: UInt64, _ path: String)
        throws(SystemError)
    {
        guard unsafe pwrite(file.number, bytes, bytes.count, off_t(offset)) == bytes.count else {
            throw SystemError("write", path: path)
        }
    }

    private static func copy(
        _ source: Descriptor, _ target: Descriptor, from: UInt64, to: UInt64, count: UInt64, _ path: String
    ) throws(SystemError) {
        // As much as a disk takes in one go; holes of a sparse file are filled, which costs room and no sound.
        let step: UInt64 = 1 << 20
        var done: UInt64 = 0
        while done < count {
            let bytes = read(source.number, from + done, Int(min(step, count - done)))
            guard !bytes.isEmpty else { throw SystemError("read", path: path, code: EIO) }
            try write(target, bytes, at: to + done, path)
            done += UInt64(bytes.count)
        }
    }
}
