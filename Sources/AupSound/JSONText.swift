/// One JSON object on one line, in the order in which its members were added.
public struct JSONText {
    public private(set) var text = "{"

    public init() {}

    public mutating func add(_ key: String, _ value: String?) { addRaw(key, value.map(Self.quoted) ?? "null") }
    public mutating func add(_ key: String, _ value: Int64?) { addRaw(key, value.map { "\($0)" } ?? "null") }
    public mutating func add(_ key: String, _ value: Int?) { addRaw(key, value.map { "\($0)" } ?? "null") }
    public mutating func add(_ key: String, _ value: Bool) { addRaw(key, value ? "true" : "false") }
    public mutating func add(_ key: String, _ values: [Int]) {
        addRaw(key, "[" + values.map(String.init).joined(separator: ",") + "]")
    }
    public mutating func add(_ key: String, _ values: [String]) {
        addRaw(key, "[" + values.map(Self.quoted).joined(separator: ",") + "]")
    }

    public mutating func add(_ key: String, objects: [JSONText]) {
        addRaw(key, "[" + objects.map(\.line).joined(separator: ",") + "]")
    }

    /// All members of another.
    public mutating func add(_ other: JSONText) {
        guard other.text != "{" else { return }
        text += (text == "{" ? "" : ",") + other.text.dropFirst()
    }

    /// A value that is written as JSON already.
    public mutating func add(_ key: String, written: String) { addRaw(key, written) }
    public mutating func add(_ key: String, object: JSONText) { addRaw(key, object.line) }

    /// Numbers that JSON cannot say (infinite, not a number) become null.
    public mutating func add(_ key: String, _ value: Double?) {
        addRaw(key, value.flatMap { $0.isFinite ? "\($0)" : nil } ?? "null")
    }

    public var line: String { text + "}" }

    private mutating func addRaw(_ key: String, _ value: String) {
        text += (text == "{" ? "" : ",") + Self.quoted(key) + ":" + value
    }

    public static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
