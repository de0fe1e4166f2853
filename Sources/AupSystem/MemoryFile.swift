import CLinux
import Glibc
import Synchronization

/// A file without a name, which lies in memory: a copy of another one that nobody else can change, or what two processes
/// share.
///
/// The dynamic loader maps what it loads; a file that is written over while it is mapped changes under the running code.
///
/// - Thread: control.
public final class MemoryFile: Sendable {
    private let descriptor: Descriptor
    /// The descriptor, as long as this value lives.
    public var number: Int32 { descriptor.number }
    /// What can be opened as long as this value lives. No two are ever spelled alike in one process, because the loader
    /// takes equal names for one file.
    public let path: String

    /// Copies what a file holds now.
    public convenience init(copyOf path: String) throws(SystemError) {
        let source = try Descriptor.reading(path)
        try self.init(name: path.split(separator: "/").last.map(String.init) ?? "copy")
        var space = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe space.withUnsafeMutableBytes {
                unsafe Glibc.read(source.number, $0.baseAddress, $0.count)
            }
            if count == 0 { break }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemError("read", path: path) }
            try write(space.prefix(count), at: nil)
        }
    }

    /// An empty one.
    ///
    /// - Parameter name: what `/proc` shows.
    public convenience init(name: String) throws(SystemError) {
        let number = unsafe aup_memory_file(name)
        guard number >= 0 else { throw SystemError("memfd_create", path: name) }
        self.init(Descriptor(adopting: number))
    }

    /// What was handed over as standard input, which is empty from then on.
    public convenience init(standardInput: Void) throws(SystemError) {
        let number = fcntl(0, F_DUPFD_CLOEXEC, 3)
        guard number >= 0 else { throw SystemError("dup", path: "standard input") }
        let empty = unsafe open("/dev/null", O_RDONLY)
        if empty > 0 {
            dup2(empty, 0)
            close(empty)
        }
        self.init(Descriptor(adopting: number))
    }

    private init(_ descriptor: Descriptor) {
        self.descriptor = descriptor
        // Each bit of a running number is a way to write the same place: "./" or "/".
        var spelling = "/proc/self/fd/"
        var rest = Self.made.add(1, ordering: .relaxed).newValue
        while rest > 0 {
            spelling += rest & 1 == 1 ? "./" : "/"
            rest >>= 1
        }
        path = spelling + "\(descriptor.number)"
    }

    /// Writes all of it.
    ///
    /// - Parameter place: the byte of the file where it begins; `nil` for the end of what was written before.
    public func write(_ bytes: some Collection<UInt8>, at place: Int?) throws(SystemError) {
        let bytes = Array(bytes)
        var done = 0
        while done < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { bytes in
                let rest = unsafe bytes.baseAddress! + done
                return unsafe place.map { unsafe pwrite(number, rest, bytes.count - done, off_t($0 + done)) }
                    ?? Glibc.write(number, rest, bytes.count - done)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw SystemError("write", path: path) }
            done += written
        }
    }

    /// Reads so many bytes, fewer where the file ends.
    public func read(_ count: Int, at place: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = unsafe bytes.withUnsafeMutableBytes { bytes in
                unsafe pread(number, bytes.baseAddress! + done, count - done, off_t(place + done))
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw SystemError("read", path: path) }
            if got == 0 { break }
            done += got
        }
        return Array(bytes.prefix(done))
    }

    private static let made = Atomic<Int>(0)
}
