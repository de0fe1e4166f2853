/// One JSON object whose members are plain values: text, numbers, true, false, null. Objects and arrays inside are refused,
/// since nothing that is asked for needs them.
///
/// RFC 8259, but for the depth. A key that stands there twice counts once, the last time.
public struct JSONMembers: Sendable, Equatable {
    public enum Value: Sendable, Equatable {
        case text(String)
        case number(Double)
        case flag(Bool)
        case null
    }

    public struct Mistake: Error, Equatable, Sendable {
        /// Bytes before it.
        public let offset: Int
        public let message: String
    }

    public private(set) var members: [String: Value] = [:]

    /// Members of one object.
    public static let limit = 32

    public subscript(key: String) -> Value? { members[key] }

    public init(_ text: some Sequence<UInt8>) throws(Mistake) {
        var reader = Reader(bytes: Array(text))
        reader.skipBlanks()
        try reader.expect(UInt8(ascii: "{"), "an object")
        reader.skipBlanks()
        var isOver = reader.takes(UInt8(ascii: "}"))
        while !isOver {
            reader.skipBlanks()
            let key = try reader.string()
            reader.skipBlanks()
            try reader.expect(UInt8(ascii: ":"), "':'")
            reader.skipBlanks()
            members[key] = try reader.value()
            guard members.count <= Self.limit else { throw reader.mistake("more than \(Self.limit) members") }
            reader.skipBlanks()
            isOver = reader.takes(UInt8(ascii: "}"))
            if !isOver { try reader.expect(UInt8(ascii: ","), "',' or '}'") }
        }
        try reader.finish()
    }

    private struct Reader {
        let bytes: [UInt8]
        var at = 0

        var next: UInt8? { at < bytes.count ? bytes[at] : nil }

        func mistake(_ message: String) -> Mistake { Mistake(offset: at, message: message) }

        mutating func skipBlanks() {
            while let byte = next, [9, 10, 13, 32].contains(byte) { at += 1 }
        }

        mutating func takes(_ byte: UInt8) -> Bool {
            guard next == byte else { return false }
            at += 1
            return true
        }

        mutating func expect(_ byte: UInt8, _ what: String) throws(Mistake) {
            guard takes(byte) else { throw mistake("\(what) is expected") }
        }

        mutating func finish() throws(Mistake) {
            skipBlanks()
            guard next == nil else { throw mistake("something follows the object") }
        }

        mutating func value() throws(Mistake) -> Value {
            switch next {
            case UInt8(ascii: "\""): return .text(try string())
            case UInt8(ascii: "t"): return try word("true", .flag(true))
            case UInt8(ascii: "f"): return try word("false", .flag(false))
            case UInt8(ascii: "n"): return try word("null", .null)
            case UInt8(ascii: "{"), UInt8(ascii: "["): throw mistake("only plain values are taken")
            default: return try number()
            }
        }

        private mutating func word(_ word: String, _ value: Value) throws(Mistake) -> Value {
            guard bytes[at...].starts(with: word.utf8) else { throw mistake("a value is expected") }
            at += word.utf8.count
            return value
        }

        private mutating func number() throws(Mistake) -> Value {
            let written = bytes[at...].prefix { (48...57).contains($0) || [43, 45, 46, 69, 101].contains($0) }
            // Swift takes more than JSON does: a leading plus, a point at either end, zeros in front.
            let digits = written.drop { $0 == UInt8(ascii: "-") }
            guard let first = digits.first, (48...57).contains(first),
                !(first == 48 && digits.dropFirst().first.map { (48...57).contains($0) } ?? false),
                written.last != UInt8(ascii: "."), !String(decoding: written, as: UTF8.self).contains(".e"),
                let number = Double(String(decoding: written, as: UTF8.self)), number.isFinite
            else { throw mistake("a value is expected") }
            at += written.count
            return .number(number)
        }

        mutating func string() throws(Mistake) -> String {
            try expect(UInt8(ascii: "\""), "a text in quotes")
            var text: [UInt8] = []
            while let byte = next {
                at += 1
                switch byte {
                case UInt8(ascii: "\""):
                    guard let valid = String(validating: text, as: UTF8.self) else { throw mistake("not UTF-8") }
                    return valid
                case UInt8(ascii: "\\"): try escape(&text)
                case 0..<32: throw mistake("a control character in a text")
                default: text.append(byte)
                }
            }
            throw mistake("a text does not end")
        }

        private mutating func escape(_ text: inout [UInt8]) throws(Mistake) {
            guard let kind = next else { throw mistake("a text does not end") }
            at += 1
            switch kind {
            case UInt8(ascii: "n"): text.append(10)
            case UInt8(ascii: "t"): text.append(9)
            case UInt8(ascii: "r"): text.append(13)
            case UInt8(ascii: "b"): text.append(8)
            case UInt8(ascii: "f"): text.append(12)
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
            case UInt8(ascii: "u"):
                var code = try unit()
                if (0xD800..<0xDC00).contains(code) {
                    guard takes(UInt8(ascii: "\\")), takes(UInt8(ascii: "u")) else { throw mistake("half a character") }
                    let low = try unit()
                    guard (0xDC00..<0xE000).contains(low) else { throw mistake("half a character") }
                    code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
                }
                guard let scalar = Unicode.Scalar(code) else { throw mistake("half a character") }
                text += Array(String(Character(scalar)).utf8)
            default: throw mistake("an unknown escape")
            }
        }

        /// Four hexadecimal digits.
        private mutating func unit() throws(Mistake) -> UInt32 {
            let digits = bytes[at...].prefix(4)
            guard digits.count == 4, digits.allSatisfy({ UInt8(ascii: "+") != $0 && UInt8(ascii: "-") != $0 }),
                let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
            else { throw mistake("four hexadecimal digits are expected") }
            at += 4
            return code
        }
    }
}
