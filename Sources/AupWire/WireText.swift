internal import AupSound

/// Text on the wire: UTF-8, bounded, and without control characters, so that it stays one line and cannot steer
/// the terminal it is printed on.
enum WireText {
    /// The text, or `nil` where the rule is broken.
    static func read(_ bytes: UnsafeRawBufferPointer) -> String? {
        guard bytes.count <= Limits.stringBytes, let text = unsafe String(validating: bytes, as: UTF8.self),
            !text.unicodeScalars.contains(where: isControl)
        else { return nil }
        return text
    }

    /// The same text as the wire can carry it: control characters become spaces, and what is too long is cut at a
    /// whole character.
    static func cleaned(_ text: String, bytes limit: Int = Limits.stringBytes) -> String {
        var cleaned = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            let scalar = isControl(scalar) ? " " : scalar
            count += UTF8.width(scalar)
            if count > limit { break }
            cleaned.append(scalar)
        }
        return String(cleaned)
    }

    static func isKey(_ key: some StringProtocol) -> Bool {
        (1...WireLimits.keyBytes).contains(key.utf8.count)
            && key.utf8.allSatisfy { byte in
                switch UInt8(byte) {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }
}
