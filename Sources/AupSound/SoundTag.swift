/// One `KEY=VALUE` of what a sound says about itself: its title, who made it.
///
/// Keys are those of Vorbis comments, in any case: `TITLE`, `ARTIST`, `ALBUM`, `DATE`, `TRACKNUMBER`, ….
///
/// - Thread: any.
public struct SoundTag: Equatable, Sendable {
    public let key: String
    public let value: String

    /// Bytes of a value: more than any text, and less than most cover pictures.
    public static let longestValue = 4 << 20
    /// Tags of one sound.
    public static let mostTags = 256

    /// `nil` for a key that Vorbis comments do not allow: empty, or with anything but printable ASCII without `=`
    /// (Vorbis I specification, 5.2.2); and for a value that is too long.
    public init?(_ key: String, _ value: String) {
        guard !key.isEmpty, key.utf8.count <= Limits.stringBytes, value.utf8.count <= Self.longestValue,
            key.utf8.allSatisfy({ (0x20...0x7D).contains($0) && $0 != 0x3D })
        else { return nil }
        self.key = key
        self.value = value
    }

    /// Reads `KEY=VALUE`; `nil` where it is none.
    public init?(_ text: some StringProtocol) {
        guard let equals = text.firstIndex(of: "=") else { return nil }
        self.init(String(text[..<equals]), String(text[text.index(after: equals)...]))
    }

    public var text: String { "\(key)=\(value)" }

    /// Whether this is another value of the same key.
    public func hasKey(_ other: String) -> Bool { key.lowercased() == other.lowercased() }

    /// Whether it says how loud the sound was, which may no longer be true of a copy, or is said otherwise in Opus
    /// (RFC 7845, 5.2.1); or what wrote the file it comes from.
    public var isOfItsFile: Bool {
        let name = key.uppercased()
        return name.hasPrefix("REPLAYGAIN_") || name.hasPrefix("R128_") || name.hasPrefix("ENCODER")
            || name == "SOFTWARE"
            || name == "WAVEFORMATEXTENSIBLE_CHANNEL_MASK"
    }
}
