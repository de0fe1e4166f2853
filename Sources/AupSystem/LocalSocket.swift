import CLinux
import Glibc

/// Sockets of this machine that have a place in the file system (unix(7)).
///
/// - Thread: control.
public enum LocalSocket {
    /// Why a place cannot be listened at.
    public enum Refusal: Error, Equatable, Sendable {
        /// Somebody listens there.
        case taken
        /// Something is there that is no socket.
        case notSocket
        /// Longer than a socket's address can be, with that many bytes.
        case tooLong(limit: Int)
        case failed(SystemError)
    }

    /// Bytes of a path at most: what sun_path holds, without its zero.
    public static var pathBytes: Int { MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1 }

    /// Connects to whoever listens.
    public static func connect(_ path: String) throws(Refusal) -> Descriptor {
        let address = try address(path)
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw .failed(SystemError("socket")) }
        let descriptor = Descriptor(adopting: number)
        // Where too many wait already, and whoever listens hangs, connect(2) would not come back.
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        unsafe setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        guard unsafe call(address, { unsafe Glibc.connect(number, $0, $1) }) == 0 else {
            throw .failed(SystemError("connect", path: path))
        }
        return descriptor
    }

    /// Makes a socket and listens there. A socket that nobody listens at any more, because its process was killed, gives
    /// way; a live one does not, and neither does anything else, a symbolic link included.
    ///
    /// - Parameters:
    ///   - mode: who can reach it; only this user if nothing is said.
    ///   - group: the number of the group it belongs to.
    public static func listen(
        _ path: String, mode: UInt32 = 0o600, group: UInt32? = nil
    ) throws(Refusal) -> LocalListener {
        let address = try address(path)
        // Two that start at once must not both find the same dead socket, and the second take the first one's name away.
        let folder = FolderTurn(of: path)
        defer { withExtendedLifetime(folder) {} }
        try clear(path, address)
        let number = socket(
            AF_UNIX,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard number >= 0 else { throw .failed(SystemError("socket")) }
        let descriptor = Descriptor(adopting: number)
        // On the descriptor, before the name is there: it is then made with these permissions, whatever the umask, which
        // is the whole process's. Linux takes a socket's mode from its inode (unix(7)).
        guard fchmod(number, 0o600) == 0, unsafe call(address, { unsafe bind(number, $0, $1) }) == 0 else {
            let error = SystemError("bind", path: path)
            throw error.code == EADDRINUSE ? .taken : .failed(error)
        }
        // The group first, so that at no time somebody else's may reach it.
        if let group, unsafe lchown(path, .max, group) != 0 {
            let error = SystemError("chown", path: path)
            _ = unsafe unlink(path)
            throw .failed(error)
        }
        // Not through a link that somebody put there meanwhile.
        guard unsafe fchmodat(AT_FDCWD, path, mode, AT_SYMLINK_NOFOLLOW) == 0, Glibc.listen(number, 128) == 0,
            let identity = FileIdentity(path)
        else {
            let error = SystemError("listen", path: path)
            _ = unsafe unlink(path)
            throw .failed(error)
        }
        return LocalListener(descriptor: descriptor, path: path, identity: identity)
    }

    private static func clear(_ path: String, _ address: sockaddr_un) throws(Refusal) {
        var facts = stat()
        guard unsafe lstat(path, &facts) == 0 else { return }
        guard facts.st_mode & S_IFMT == S_IFSOCK else { throw .notSocket }
        let number = socket(
            AF_UNIX,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard number >= 0 else { throw .failed(SystemError("socket")) }
        defer { close(number) }
        // Refused is nobody; anything else, a full queue too, is somebody.
        if unsafe call(address, { unsafe Glibc.connect(number, $0, $1) }) == 0 || errno != ECONNREFUSED { throw .taken }
        _ = unsafe unlink(path)
    }

    private static func address(_ path: String) throws(Refusal) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count <= pathBytes else { throw .tooLong(limit: pathBytes) }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        return address
    }

    private static func call(
        _ address: sockaddr_un, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe body(pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}

/// A socket that is listened at. Its name goes with it, unless another has it by then.
///
/// - Thread: control.
public final class LocalListener: Sendable {
    public let descriptor: Descriptor
    public let path: String
    private let identity: FileIdentity

    init(descriptor: Descriptor, path: String, identity: FileIdentity) {
        self.descriptor = descriptor
        self.path = path
        self.identity = identity
    }

    deinit {
        if FileIdentity(path) == identity { _ = unsafe unlink(path) }
    }

    /// Somebody who wishes to talk; `nil` when there is nobody. What is read and written there does not wait.
    public func accept() -> Descriptor? { descriptor.accept().connection }
}

/// A process at the other end of a socket, as it was when it connected.
///
/// - Thread: any.
public struct PeerIdentity: Equatable, Sendable {
    public let process: Int32
    public let user: UInt32
    public let group: UInt32
}

/// The user that this process acts for.
///
/// - Thread: any.
public func currentUser() -> UInt32 { geteuid() }

/// What tells one file from another of the same name.
struct FileIdentity: Equatable, Sendable {
    let device: UInt
    let inode: UInt

    init?(_ path: String) {
        var facts = stat()
        guard unsafe lstat(path, &facts) == 0 else { return nil }
        device = UInt(facts.st_dev)
        inode = UInt(facts.st_ino)
    }
}

extension Descriptor {
    /// What came of looking for somebody who wishes to talk.
    public enum Arrival: Sendable {
        case connection(Descriptor)
        case nobody
        /// Somebody waits, and this process or the machine has no descriptor left: look again later.
        case noRoom(SystemError)

        public var connection: Descriptor? { if case .connection(let descriptor) = self { descriptor } else { nil } }
    }

    /// Somebody who wishes to talk, at a socket that is listened at. What is read and written there does not wait.
    public func accept() -> Arrival {
        let accepted = aup_accept(number)
        if accepted >= 0 { return .connection(Descriptor(adopting: accepted)) }
        switch errno {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .noRoom(SystemError("accept"))
        default: return .nobody
        }
    }

    /// Who is at the other end of a socket of this machine.
    public var peer: PeerIdentity? {
        var (process, user, group): (Int32, UInt32, UInt32) = (0, 0, 0)
        guard unsafe aup_peer_identity(number, &process, &user, &group) == 1 else { return nil }
        return PeerIdentity(process: process, user: user, group: group)
    }

    /// How many bytes a socket holds that its reader has not taken yet, about: the kernel rounds, and counts what it needs
    /// for itself (socket(7), SO_SNDBUF).
    public func limitSendRoom(bytes: Int) {
        var value = Int32(clamping: bytes)
        _ = unsafe setsockopt(number, SOL_SOCKET, SO_SNDBUF, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// What came of a read or a write that does not wait.
    public enum Progress: Equatable, Sendable {
        case bytes(Int)
        /// Nothing now.
        case later
        /// The other end is gone, or the descriptor is broken.
        case over
    }

    /// Waits until a socket takes more, or is broken.
    public func waitForRoom(milliseconds: Int32) {
        var entry = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&entry, 1, milliseconds)
    }

    /// Reads what is there; for descriptors that do not wait.
    public func readNow(_ space: UnsafeMutableRawBufferPointer) -> Progress {
        progress(of: unsafe Glibc.read(number, space.baseAddress, space.count), isRead: true)
    }

    /// Writes what there is room for, to a socket; a reader that is gone is no signal.
    public func sendNow(_ bytes: UnsafeRawBufferPointer) -> Progress {
        progress(
            of: unsafe send(number, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL)),
            isRead: false)
    }

    private func progress(of count: Int, isRead: Bool) -> Progress {
        if count > 0 || (count == 0 && !isRead) { return .bytes(count) }
        return count < 0 && (errno == EAGAIN || errno == EINTR) ? .later : .over
    }
}

/// One process at a time in a folder, among those who ask: a lock on the folder itself, which leaves no file behind.
///
/// Whoever may read the folder may hold it, so nobody is waited for longer than a second.
private final class FolderTurn {
    private let folder: Int32

    init(of path: String) {
        let slash = path.lastIndex(of: "/")
        let name = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        folder = unsafe aup_open(name, O_RDONLY | O_DIRECTORY, 0)
        for _ in 0..<100 where folder >= 0 {
            if flock(folder, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK { break }
            usleep(10_000)
        }
    }

    deinit { if folder >= 0 { close(folder) } }
}
