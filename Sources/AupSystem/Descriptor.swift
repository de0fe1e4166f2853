internal import AupSound
import CLinux
import Glibc

/// An open file descriptor that closes itself.
///
/// Reads and writes retry nothing by themselves but EINTR without a pending stop: a thread in a blocking call is
/// taken out of it by ``WorkerThread/kick()``, and then looks at the ``StopRequest`` it was given.
///
/// - Thread: control; one thread reads, one writes.
public final class Descriptor: Sendable {
    public let number: Int32
    private let isOwned: Bool

    /// Takes over a descriptor that somebody else opened.
    public init(adopting number: Int32) {
        self.number = number
        isOwned = true
    }

    private init(borrowing number: Int32) {
        self.number = number
        isOwned = false
    }

    deinit {
        if isOwned { Glibc.close(number) }
    }

    public static let standardInput = Descriptor(borrowing: 0)
    public static let standardOutput = Descriptor(borrowing: 1)
    public static let standardError = Descriptor(borrowing: 2)

    /// Takes the places of standard descriptors that the caller had closed, before anything else is opened: a stream must
    /// not go into whatever would get their numbers. Used, they say that they are closed.
    public static func occupyStandard() { aup_occupy_standard_descriptors() }

    /// Opens an existing file, FIFO or device for reading.
    public static func reading(_ path: String) throws(SystemError) -> Descriptor {
        var number = unsafe aup_open(FileName.bytes(path), O_RDONLY, 0)
        // A word that was never looked at as a name may mean its characters as they are.
        if number < 0, errno == ENOENT { number = unsafe aup_open(path, O_RDONLY, 0) }
        guard number >= 0 else { throw SystemError("open", path: path) }
        return Descriptor(adopting: number)
    }

    /// Opens a path for writing. A FIFO or device that is there is written to; a regular file is only created,
    /// unless `overwrite` says that an old one may go, which ``empty()`` makes it do.
    public static func writing(_ path: String, overwrite: Bool) throws(SystemError) -> Descriptor {
        if Kind(path: path) == .file || Kind(path: path) == nil {
            let number = unsafe aup_open(FileName.bytes(path), O_WRONLY | O_CREAT | (overwrite ? 0 : O_EXCL), 0o666)
            guard number >= 0 else { throw SystemError("open", path: path) }
            return Descriptor(adopting: number)
        }
        let number = unsafe aup_open(FileName.bytes(path), O_WRONLY, 0)
        guard number >= 0 else { throw SystemError("open", path: path) }
        return Descriptor(adopting: number)
    }

    /// Takes away what a regular file holds; anything else has nothing to keep.
    public func empty() { _ = ftruncate(number, 0) }

    /// What is behind a descriptor.
    public enum Kind: Sendable, Equatable {
        case pipe, file, socket, terminal, other

        /// `nil` when there is nothing at the path.
        public init?(path: String) {
            var facts = stat()
            guard unsafe stat(FileName.bytes(path), &facts) == 0 else { return nil }
            self.init(mode: facts.st_mode)
        }

        fileprivate init(mode: mode_t) {
            switch mode & S_IFMT {
            case S_IFIFO: self = .pipe
            case S_IFREG: self = .file
            case S_IFSOCK: self = .socket
            default: self = .other
            }
        }
    }

    public var kind: Kind {
        if isatty(number) == 1 { return .terminal }
        var facts = stat()
        guard unsafe fstat(number, &facts) == 0 else { return .other }
        return Kind(mode: facts.st_mode)
    }

    /// Bytes of a regular file, `nil` for everything else.
    public var fileBytes: UInt64? {
        var facts = stat()
        guard unsafe fstat(number, &facts) == 0, Kind(mode: facts.st_mode) == .file else { return nil }
        return UInt64(facts.st_size)
    }

    /// Whether anything is open there at all.
    public var isOpen: Bool { fcntl(number, F_GETFD) != -1 }

    /// Bytes read, 0 at the end of the file. Gives up with `nil` when the stop request asks for it.
    public func read(into space: UnsafeMutableRawBufferPointer, stop: StopRequest) throws(SystemError) -> Int? {
        while !stop.isRequested {
            let count = unsafe Glibc.read(number, space.baseAddress, space.count)
            if count >= 0 { return count }
            guard errno == EINTR || errno == EAGAIN else { throw SystemError("read") }
            if errno == EAGAIN { waitUntilReady(Int16(POLLIN)) }
        }
        return nil
    }

    /// Everything up to the end of the file, but no more than so many bytes.
    public func readAll(limit: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < limit {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe Glibc.read(number, $0.baseAddress, $0.count) }
            if count == 0 { break }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemError("read") }
            bytes.append(contentsOf: piece[..<min(count, limit - bytes.count)])
        }
        return bytes
    }

    /// Writes all bytes. Returns how many were written: fewer than asked only when the stop request says abandon, or when
    /// patience was given and the other end took nothing for so long.
    public func write(
        _ bytes: UnsafeRawBufferPointer, stop: StopRequest, patienceMilliseconds: Int32? = nil
    ) throws(SystemError) -> Int {
        var done = 0
        while done < bytes.count, !stop.isAbandoned {
            var limit = bytes.count - done
            if let patienceMilliseconds {
                guard waitWritable(milliseconds: patienceMilliseconds, stop: stop) else { break }
                // A pipe that says it can be written takes this much without blocking (pipe(7)).
                limit = min(limit, Int(PIPE_BUF))
            }
            let count = unsafe Glibc.write(number, bytes.baseAddress! + done, limit)
            if count >= 0 {
                done += count
                stop.noteProgress()
                continue
            }
            guard errno == EINTR || errno == EAGAIN else { throw SystemError("write") }
            if errno == EAGAIN { waitUntilReady(Int16(POLLOUT)) }
        }
        return done
    }

    /// Waits until a read would not: bytes, the end or an error are there. False when the time ran out or a signal
    /// came first.
    public func waitReadable(milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, milliseconds) > 0
    }

    /// Waits until a write would not, in steps, so that a stop request is seen.
    private func waitWritable(milliseconds: Int32, stop: StopRequest) -> Bool {
        let deadline = monotonicNanoseconds() + Int64(milliseconds) * 1_000_000
        while !stop.isAbandoned {
            var entry = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
            if unsafe poll(&entry, 1, min(milliseconds, 200)) > 0 { return true }
            if monotonicNanoseconds() >= deadline { return false }
        }
        return false
    }

    private func waitUntilReady(_ events: Int16) {
        var entry = pollfd(fd: number, events: events, revents: 0)
        // A second at most, so that a stop request is seen even if its wake-up came a moment too early.
        _ = unsafe poll(&entry, 1, 1000)
    }

    /// Asks the kernel for a pipe of this size, in whole pages; returns the capacity it now has, or `nil` where this
    /// is no pipe. Shrinking below what is queued, and growing above a user's limit, are refused silently by keeping
    /// the old size (pipe(7)).
    @discardableResult
    public func resizePipe(bytes: Int) -> Int? {
        let before = aup_pipe_capacity(number)
        guard before > 0 else { return nil }
        let after = aup_pipe_resize(number, Int32(bytes))
        return Int(after > 0 ? after : before)
    }

    /// Columns of the terminal behind this descriptor, `nil` where there is none.
    public var terminalColumns: Int? {
        let columns = aup_terminal_columns(number)
        return columns > 0 ? Int(columns) : nil
    }
}
