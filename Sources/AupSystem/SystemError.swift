import CLinux
import Glibc

/// A system call that failed: which one, on what, and errno.
///
/// - Thread: control.
public struct SystemError: Error, Equatable, Sendable {
    public let call: String
    public let path: String
    public let code: Int32

    /// The error of the call that just failed: errno as it is now.
    public init(_ call: String, path: String = "") {
        self.init(call, path: path, code: errno)
    }

    public init(_ call: String, path: String = "", code: Int32) {
        self.call = call
        self.path = path
        self.code = code
    }

    /// One line: `open 'x.wav': No such file or directory`.
    public var message: String { path.isEmpty ? "\(call): \(reason)" : "\(path): \(reason)" }

    /// Nobody reads the pipe or socket any more.
    public var isReaderGone: Bool { code == EPIPE || code == ECONNRESET }

    /// Something of that name is there already.
    public var isTaken: Bool { code == EEXIST }

    /// strerror's words, but for a descriptor that was closed before we began.
    public var reason: String { code == EBADF ? "it is closed" : unsafe String(cString: strerror(code)) }
}
