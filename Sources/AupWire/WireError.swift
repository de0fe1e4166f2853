/// A stream that breaks a rule of docs/wire.md: which rule, and at which byte.
///
/// A decoder that threw one throws the same one again: nothing after a broken packet is ever taken for sound.
///
/// - Thread: any.
public struct WireError: Error, Equatable, Sendable {
    public let rule: WireRule
    /// Bytes of the whole input before the first byte of the field that is wrong.
    public let offset: UInt64
    /// What was found, in half a line.
    public let what: String

    public init(_ rule: WireRule, at offset: UInt64, _ what: String) {
        self.rule = rule
        self.offset = offset
        self.what = what
    }

    /// Whether the input merely stopped too early, as it does when the writer was killed.
    public var isTruncation: Bool { rule == .cutInPacket || rule == .noEnd || rule == .empty }

    /// One line: what was wrong, where, and what to do.
    public var message: String { "stream, byte \(offset): \(what) (\(rule.name)); \(rule.remedy)" }
}
