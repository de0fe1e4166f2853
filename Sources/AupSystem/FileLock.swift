import CLinux
import Glibc

/// A file that one process at a time may hold: `flock`, so that it is free again however its holder ended.
///
/// The file stays behind, with its last holder's name in it: removing it would let two hold two files of one name.
/// The descriptor is closed on exec, so a program that is started does not hold the lock on.
///
/// - Thread: control.
public final class FileLock: Sendable {
    private let descriptor: Descriptor

    public enum Refusal: Error, Equatable, Sendable {
        /// Somebody holds it; what the file says about who.
        case held(by: String)
        case failed(SystemError)
    }

    /// Bytes of the holder's line.
    private static let lineBytes = 256

    /// - Parameter holder: one line about this process, for whoever finds the lock taken.
    public init(_ path: String, holder: String) throws(Refusal) {
        let number = unsafe aup_open(path, O_RDWR | O_CREAT, 0o644)
        guard number >= 0 else { throw .failed(SystemError("open", path: path)) }
        descriptor = Descriptor(adopting: number)
        while flock(number, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            guard errno == EWOULDBLOCK else { throw .failed(SystemError("flock", path: path)) }
            throw .held(by: Self.line(number))
        }
        let line = Array((holder + "\n").utf8.prefix(Self.lineBytes))
        guard ftruncate(number, 0) == 0,
            unsafe line.withUnsafeBytes({ unsafe pwrite(number, $0.baseAddress, $0.count, 0) }) == line.count
        else { throw .failed(SystemError("write", path: path)) }
    }

    /// Who holds the lock now, without taking it or making the file; `nil` when it is free.
    public static func holder(_ path: String) -> String? {
        guard let file = try? Descriptor.reading(path), flock(file.number, LOCK_SH | LOCK_NB) != 0 else { return nil }
        return line(file.number)
    }

    private static func line(_ number: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: lineBytes)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(number, $0.baseAddress, $0.count, 0) }
        return String(decoding: bytes.prefix(max(count, 0)).prefix { $0 != 10 }, as: UTF8.self)
    }
}
