internal import CLinux
internal import Glibc

/// SHA-256 of a file in hexadecimal, as sha256sum prints it; `nil` where the file cannot be read or this machine has no
/// libcrypto.
///
/// The system's own library computes it, because that is the one that is kept, and the fastest there is on a given
/// processor. It is opened when the first digest is asked for, so nobody else pays for it.
///
/// - Thread: control; as long as the file takes to read.
public func sha256(ofFile path: String) -> String? {
    guard let file = try? Descriptor.reading(path), let digest = unsafe aup_digest_open() else { return nil }
    var space = [UInt8](repeating: 0, count: 256 << 10)
    while true {
        let count = unsafe space.withUnsafeMutableBytes { unsafe Glibc.read(file.number, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else {
            var result = [UInt8](repeating: 0, count: 32)
            let isDone = unsafe aup_digest_close(digest, &result) == 1
            return count == 0 && isDone ? result.map { hexadecimal($0) }.joined() : nil
        }
        guard unsafe aup_digest_add(digest, space, count) == 1 else {
            _ = unsafe aup_digest_close(digest, nil)
            return nil
        }
    }
}

private func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
}
