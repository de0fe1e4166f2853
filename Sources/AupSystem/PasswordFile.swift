internal import Glibc

/// A password out of a file or the environment: places that other users of the machine do not see, as they do a command line.
///
/// - Thread: any.
public enum PasswordFile {
    /// Why there is no password. The message is one line.
    public struct Refusal: Error, Equatable, Sendable {
        public let message: String
    }

    public static let longest = 1024

    /// The first line of a file that only its owner may read.
    ///
    /// - Parameter option: who asks, for messages.
    public static func password(in path: String, option: String) throws(Refusal) -> String {
        var facts = stat()
        guard unsafe stat(path, &facts) == 0 else {
            throw Refusal(message: "\(option) \(path): \(SystemError("stat").reason)")
        }
        guard facts.st_mode & 0o077 == 0 else {
            throw Refusal(message: "\(option) \(path): others may read it; chmod 600 it first")
        }
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Descriptor.reading(path).readAll(limit: longest + 2)
        } catch {
            throw Refusal(message: "\(option) \(path): \(error.reason)")
        }
        let line = bytes.prefix { $0 != 0x0A && $0 != 0x0D }
        return try checked(String(decoding: line, as: UTF8.self), "\(option) \(path)")
    }

    /// - Returns: `nil` where the variable is not there.
    public static func password(inEnvironment name: String) throws(Refusal) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return try checked(unsafe String(cString: value), name)
    }

    private static func checked(_ text: String, _ place: String) throws(Refusal) -> String {
        guard (1...longest).contains(text.utf8.count), !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw Refusal(message: "\(place): a password is one line of 1 to \(longest) bytes")
        }
        return text
    }
}
