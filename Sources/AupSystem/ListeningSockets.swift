import Glibc

/// Sockets of the file system at which somebody listens, by their paths: what `/proc/net/unix` says (unix(7), proc(5)).
///
/// A path is there also after whoever made it was killed, and to connect would start a server that a service manager starts
/// on demand; so nobody is asked.
///
/// - Thread: control.
public enum ListeningSockets {
    /// Those of the paths that are listened at. Where the kernel does not tell, those that are there.
    ///
    /// - Parameter processes: where procfs is mounted.
    public static func among(_ paths: [String], processes: String = "/proc") -> Set<String> {
        let there = paths.filter { Descriptor.Kind(path: $0) == .socket }
        guard !there.isEmpty else { return [] }
        // A machine with tens of thousands of sockets has a longer list; the rest of it is not needed by name.
        guard let file = try? Descriptor.reading("\(processes)/net/unix"),
            let bytes = try? file.readAll(limit: 1 << 23)
        else { return Set(there) }
        return parse(String(decoding: bytes, as: UTF8.self)).intersection(there)
    }

    /// The paths of a list's sockets that accept connections: `Num RefCount Protocol Flags Type St Inode Path`.
    static func parse(_ text: String) -> Set<String> {
        var paths: Set<String> = []
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 7)
            guard fields.count == 8, let flags = String(fields[3]).flatMap({ UInt32($0, radix: 16) }) else { continue }
            // SO_ACCEPTCON, <linux/net.h>.
            if flags & 0x10000 != 0, let path = String(fields[7]) { paths.insert(path) }
        }
        return paths
    }
}
