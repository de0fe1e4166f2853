internal import CLinux
internal import Glibc

/// A secret out of a file, and what proves that one knows it (HMAC-SHA-256, RFC 2104, by libcrypto).
///
/// - Thread: any.
public struct SharedSecret: Sendable {
    private let key: [UInt8]

    /// Why a file holds no secret. The message is one line.
    public struct Refusal: Error, Equatable, Sendable {
        public let message: String
    }

    /// Bytes of a secret.
    public static let lengths = 16...4096

    /// Reads a file; blanks and line ends around the secret do not count.
    public init(file path: String) throws(Refusal) {
        var facts = stat()
        guard unsafe stat(path, &facts) == 0 else {
            throw Refusal(message: "--secret-file \(path): \(SystemError("stat").reason)")
        }
        guard facts.st_mode & 0o077 == 0 else {
            throw Refusal(message: "--secret-file \(path): others may read it; chmod 600 it first")
        }
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Descriptor.reading(path).readAll(limit: Self.lengths.upperBound + 1)
        } catch {
            throw Refusal(message: "--secret-file \(path): \(error.reason)")
        }
        func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
        let end = bytes.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? 0
        key = Array(bytes[..<end].drop(while: isBlank))
        guard Self.lengths.contains(key.count) else {
            throw Refusal(
                message: "--secret-file \(path): \(key.count) bytes; a secret has \(Self.lengths.lowerBound) to "
                    + "\(Self.lengths.upperBound), such as: head -c 32 /dev/urandom | base64 > \(path)")
        }
        guard digest([]) != nil else {
            throw Refusal(message: "--secret-file needs libcrypto, which cannot be opened; Debian's package is libssl3")
        }
    }

    /// 32 bytes; `nil` where libcrypto fails.
    public func digest(_ text: [UInt8]) -> [UInt8]? {
        var result = [UInt8](repeating: 0, count: 32)
        return unsafe aup_keyed_digest(key, key.count, text, text.count, &result) == 1 ? result : nil
    }

    /// Bytes that nobody can foretell (getrandom(2)).
    public static func nonce() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
