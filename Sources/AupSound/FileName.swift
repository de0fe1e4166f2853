/// Names of files, which are bytes and no text: those that are no UTF-8 pass through strings and come back as they were.
///
/// A byte that belongs to no UTF-8 stands as a character of a private area, U+EF80 for 0x80 to U+EFFF for 0xFF, as in
/// MirBSD's OPTU encodings. Characters that lie there by themselves pass byte by byte, so that no two names become one.
///
/// - Thread: any.
public enum FileName {
    /// Where 0x00 would stand; only what follows 0x7F does.
    private static let base: UInt32 = 0xEF00
    private static let escapes: ClosedRange<UInt32> = 0xEF80...0xEFFF

    /// The string for a name.
    public static func text(_ name: some Collection<UInt8>) -> String {
        if let text = String(validating: name, as: UTF8.self), !text.unicodeScalars.contains(where: isEscape) {
            return text
        }
        var text = String.UnicodeScalarView()
        var decoder = UTF8.ForwardParser()
        var bytes = name.makeIterator()
        var place = name.startIndex
        while true {
            switch decoder.parseScalar(from: &bytes) {
            case .emptyInput: return String(text)
            case .valid(let sequence):
                let scalar = UTF8.decode(sequence)
                if isEscape(scalar) {
                    for byte in sequence { text.append(escape(byte)) }
                } else {
                    text.append(scalar)
                }
                place = name.index(place, offsetBy: sequence.count)
            case .error(let length):
                let end = name.index(place, offsetBy: length)
                for byte in name[place..<end] { text.append(escape(byte)) }
                place = end
            }
        }
    }

    /// The bytes of a name, and a zero behind them, as the system takes it.
    public static func bytes(_ text: String) -> [CChar] {
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            if isEscape(scalar) {
                bytes.append(UInt8(scalar.value - base))
            } else {
                bytes += UTF8.encode(scalar)!
            }
        }
        return bytes.map { CChar(bitPattern: $0) } + [0]
    }

    /// The name for people: what is no text as `\xFC`.
    public static func readable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isEscape) else { return text }
        var readable = ""
        for scalar in text.unicodeScalars {
            if isEscape(scalar) {
                readable += "\\x" + String(scalar.value - base, radix: 16, uppercase: true)
            } else {
                readable.unicodeScalars.append(scalar)
            }
        }
        return readable
    }

    private static func isEscape(_ scalar: Unicode.Scalar) -> Bool { escapes.contains(scalar.value) }

    /// - Parameter byte: above 0x7F; any lower one is UTF-8 by itself.
    private static func escape(_ byte: UInt8) -> Unicode.Scalar { Unicode.Scalar(base + UInt32(byte)) ?? "?" }
}
