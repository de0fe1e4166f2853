/// What two ends of a socket say to each other before the stream: who is who, and what is wanted.
///
/// ```
///   connecting                      listening
///      hello ────────────────────────▶
///      ◀──────────────────────── challenge        only where a secret is shared
///      answer ───────────────────────▶
///      ◀───────────────── welcome | refusal
///      …the stream, in the direction that the hello asked for…
/// ```
///
/// Each message is eight bytes, text of lines `key=value`, and a check:
///
/// ```
///      0        1        2        3        4        5        6        7
///    +--------+--------+--------+--------+--------+--------+--------+--------+
///    |  'a'      'u'      'p'      'G'   |version | kind   | text bytes(u16) |
///    +--------+--------+--------+--------+--------+--------+--------+--------+
///    |  text …                           | CRC-32C of all before (u32)       |
///    +-----------------------------------+-----------------------------------+
/// ```
///
/// - Thread: any.
public struct Greeting: Equatable, Sendable {
    public enum Kind: UInt8, CaseIterable, Sendable {
        case hello = 1
        case challenge = 2
        case answer = 3
        case welcome = 4
        case refusal = 5
    }

    public var kind: Kind
    /// In the order they were said; a key that nobody knows is left alone.
    public var lines: [Line]

    public struct Line: Equatable, Sendable {
        public var key: String
        public var value: String

        public init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    public static let version: UInt8 = 1
    /// Bytes of the text at most.
    public static let textBytes = 4096
    /// Bytes of a whole message at most.
    public static let messageBytes = headBytes + textBytes + 4
    static let headBytes = 8
    static let magic = Array("aupG".utf8)

    public init(_ kind: Kind, _ lines: [Line] = []) {
        self.kind = kind
        self.lines = lines
    }

    public subscript(key: String) -> String? { lines.last { $0.key == key }?.value }

    // MARK: - Bytes

    /// The message as it goes over the socket. What does not fit is cut from the end: only a refusal's reason is long.
    public var bytes: [UInt8] {
        var text: [UInt8] = []
        for line in lines {
            var piece = Array("\(line.key)=\(line.value)".utf8.filter { $0 >= 0x20 && $0 != 0x7F })
            piece = Array(piece.prefix(max(0, Self.textBytes - text.count - 1)))
            // Not in the midst of a character.
            while !piece.isEmpty, String(validating: piece, as: UTF8.self) == nil { piece.removeLast() }
            text += piece + [0x0A]
        }
        var bytes = Self.magic + [Self.version, kind.rawValue, UInt8(text.count & 0xFF), UInt8(text.count >> 8)] + text
        let check = castagnoli(bytes)
        bytes += (0..<4).map { UInt8(truncatingIfNeeded: check >> (8 * $0)) }
        return bytes
    }

    /// Reads a message that lies at the front of what has arrived.
    ///
    /// - Returns: the message and how many bytes it took; `nil` while there is not all of it.
    /// - Throws: as soon as it cannot become one.
    public static func read(_ bytes: [UInt8]) throws(GreetingError) -> (message: Greeting, count: Int)? {
        let known = min(bytes.count, magic.count)
        guard bytes.prefix(known).elementsEqual(magic.prefix(known)) else { throw .notAup }
        guard bytes.count > 4 else { return nil }
        guard bytes[4] == version else { throw .version(Int(bytes[4])) }
        guard bytes.count > 5 else { return nil }
        guard let kind = Kind(rawValue: bytes[5]) else { throw .damaged(what: "a message of kind \(bytes[5])") }
        guard bytes.count >= headBytes else { return nil }
        let count = Int(bytes[6]) | Int(bytes[7]) << 8
        guard count <= textBytes else { throw .damaged(what: "a text of \(count) bytes, more than \(textBytes)") }
        guard bytes.count >= headBytes + count + 4 else { return nil }
        let end = headBytes + count
        var check: UInt32 = 0
        for place in 0..<4 { check |= UInt32(bytes[end + place]) << (8 * place) }
        guard check == castagnoli(Array(bytes[..<end])) else { throw .damaged(what: "its check does not fit") }
        guard let text = String(validating: bytes[headBytes..<end], as: UTF8.self) else {
            throw .damaged(what: "its text is no UTF-8")
        }
        return (Greeting(kind, try lines(text)), end + 4)
    }

    private static func lines(_ text: String) throws(GreetingError) -> [Line] {
        var lines: [Line] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
            guard let equals = line.firstIndex(of: "=") else { throw .damaged(what: "a line without =") }
            guard !line.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
                throw .damaged(what: "a control character")
            }
            lines.append(Line(String(line[..<equals]), String(line[line.index(after: equals)...])))
        }
        return lines
    }
}

/// Why a greeting is none. The message is one line.
///
/// - Thread: any.
public enum GreetingError: Error, Equatable, Sendable {
    /// Whatever is there speaks something else.
    case notAup
    case version(Int)
    case damaged(what: String)

    public var message: String {
        switch self {
        case .notAup: "the other end is no aup stream; check the address"
        case .version(let number):
            "the other end greets in version \(number), this one in \(Greeting.version); use the same aup on both"
        case .damaged(let what): "the other end's greeting is damaged: \(what)"
        }
    }
}

/// CRC-32C, as docs/wire.md has it.
func castagnoli(_ bytes: [UInt8]) -> UInt32 {
    var check: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
        check ^= UInt32(byte)
        for _ in 0..<8 { check = check & 1 == 1 ? check >> 1 ^ 0x82F6_3B78 : check >> 1 }
    }
    return ~check
}
