import CLinux
import Glibc
import Synchronization

/// A copy of a file that nobody else can change: it lies in memory and has no name.
///
/// The dynamic loader maps what it loads; a file that is written over while it is mapped changes under the running code.
///
/// - Thread: control.
public final class MemoryFile: Sendable {
    private let descriptor: Descriptor
    /// What can be opened as long as this value lives. No two are ever spelled alike in one process, because the loader
    /// takes equal names for one file.
    public let path: String

    /// Copies what a file holds now.
    public init(copyOf path: String) throws(SystemError) {
        let source = try Descriptor.reading(path)
        let number = unsafe aup_memory_file(path.split(separator: "/").last.map(String.init) ?? "copy")
        guard number >= 0 else { throw SystemError("memfd_create", path: path) }
        descriptor = Descriptor(adopting: number)
        var space = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe space.withUnsafeMutableBytes { unsafe read(source.number, $0.baseAddress, $0.count) }
            if count == 0 { break }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemError("read", path: path) }
            var done = 0
            while done < count {
                let written = unsafe space.withUnsafeBytes {
                    unsafe write(number, $0.baseAddress! + done, count - done)
                }
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { throw SystemError("write", path: path) }
                done += written
            }
        }
        // Each bit of a running number is a way to write the same place: "./" or "/".
        var spelling = "/proc/self/fd/"
        var rest = Self.made.add(1, ordering: .relaxed).newValue
        while rest > 0 {
            spelling += rest & 1 == 1 ? "./" : "/"
            rest >>= 1
        }
        self.path = spelling + "\(number)"
    }

    private static let made = Atomic<Int>(0)
}
