public import AupSound
import Glibc

extension ClockIdentity {
    /// The monotonic clock of this boot of this machine.
    public static let monotonicOfThisBoot = ClockIdentity(kind: .monotonic, boot: bootIdentity())

    /// The 16 bytes of /proc/sys/kernel/random/boot_id; zeros where the file cannot be read.
    private static func bootIdentity() -> [UInt8] {
        let unreadable = [UInt8](repeating: 0, count: 16)
        guard let file = try? Descriptor.reading("/proc/sys/kernel/random/boot_id") else { return unreadable }
        var text = [UInt8](repeating: 0, count: 64)
        let count = unsafe text.withUnsafeMutableBytes { unsafe Glibc.read(file.number, $0.baseAddress, $0.count) }
        let digits = text.prefix(max(count, 0)).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 32 else { return unreadable }
        return (0..<16).map { UInt8(digits[2 * $0] << 4 | digits[2 * $0 + 1]) }
    }
}
