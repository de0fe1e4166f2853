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

    /// A link, a folder or a device where a file is to be written anew.
    init(notAFile path: String) {
        self.init(Self.replacing, path: path, code: EEXIST)
    }

    private static let replacing = "replace"

    /// One line: `open 'x.wav': No such file or directory`.
    public var message: String { path.isEmpty ? "\(call): \(reason)" : "\(path): \(reason)" }

    /// Nobody reads the pipe or socket any more.
    public var isReaderGone: Bool { code == EPIPE || code == ECONNRESET }

    /// Something of that name is there already.
    public var isTaken: Bool { code == EEXIST && call != Self.replacing }

    /// strerror's words, but for a descriptor that was closed before we began, and for what is no file.
    public var reason: String {
        if call == Self.replacing { return "it is a link, a folder or a device, which is never replaced; name a file" }
        return code == EBADF ? "it is closed" : unsafe String(cString: strerror(code))
    }
}
