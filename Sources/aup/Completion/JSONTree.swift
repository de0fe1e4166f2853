/// JSON of our own making, with everything in its place: what the parser says of its commands.
///
/// What is missing is empty, and so is what is no JSON: the tests compare what comes of it with the help.
struct JSONTree {
    private enum Value {
        case object([String: JSONTree])
        case array([JSONTree])
        case text(String)
        /// Numbers, true, false and null, as they are written.
        case word(String)
    }

    private let value: Value

    init(_ text: String) {
        var reader = Reader(bytes: Array(text.utf8))
        self = reader.value()
    }

    private init(_ value: Value) { self.value = value }

    subscript(key: String) -> JSONTree {
        if case .object(let members) = value, let member = members[key] { return member }
        return JSONTree(.word("null"))
    }

    func has(_ key: String) -> Bool {
        if case .object(let members) = value { return members[key] != nil }
        return false
    }

    var items: [JSONTree] { if case .array(let items) = value { items } else { [] } }
    var text: String { if case .text(let text) = value { text } else { "" } }
    var isTrue: Bool { if case .word("true") = value { true } else { false } }

    private struct Reader {
        let bytes: [UInt8]
        var at = 0

        var next: UInt8 { at < bytes.count ? bytes[at] : 0 }

        mutating func skipBlanks() {
            while [9, 10, 13, 32].contains(next) { at += 1 }
        }

        mutating func takes(_ character: Unicode.Scalar) -> Bool {
            skipBlanks()
            guard next == UInt8(ascii: character) else { return false }
            at += 1
            return true
        }

        mutating func value() -> JSONTree {
            if takes("{") {
                var members: [String: JSONTree] = [:]
                while at < bytes.count, !takes("}") {
                    let key = value().text
                    _ = takes(":")
                    members[key] = value()
                    _ = takes(",")
                }
                return JSONTree(.object(members))
            }
            if takes("[") {
                var items: [JSONTree] = []
                while at < bytes.count, !takes("]") {
                    items.append(value())
                    _ = takes(",")
                }
                return JSONTree(.array(items))
            }
            if takes("\"") { return JSONTree(.text(string())) }
            let start = at
            while at < bytes.count, ![UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 10, 32].contains(next) {
                at += 1
            }
            // Something else than JSON: go on, or nothing would.
            if at == start { at += 1 }
            return JSONTree(.word(String(decoding: bytes[start..<min(at, bytes.count)], as: UTF8.self)))
        }

        /// The rest of a string, its end included.
        mutating func string() -> String {
            var text: [UInt8] = []
            while at < bytes.count, next != UInt8(ascii: "\"") {
                let byte = next
                at += 1
                guard byte == UInt8(ascii: "\\") else {
                    text.append(byte)
                    continue
                }
                let escaped = next
                at += 1
                switch escaped {
                case UInt8(ascii: "n"): text.append(10)
                case UInt8(ascii: "t"): text.append(9)
                case UInt8(ascii: "r"): text.append(13)
                case UInt8(ascii: "u"):
                    let digits = String(decoding: bytes[at..<min(at + 4, bytes.count)], as: UTF8.self)
                    at += 4
                    let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init) ?? "?"
                    text += Array(String(Character(scalar)).utf8)
                default: text.append(escaped)
                }
            }
            at += 1
            return String(decoding: text, as: UTF8.self)
        }
    }
}
