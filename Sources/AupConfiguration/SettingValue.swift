internal import AupSound

/// A value as it was written: TOML's plain kinds, and lists of them.
public indirect enum SettingValue: Equatable, Sendable {
    case text(String)
    case integer(Int64)
    case number(Double)
    case flag(Bool)
    case list([SettingValue])

    /// What stands on a command line for it; `nil` for lists.
    public var word: String? {
        switch self {
        case .text(let text): text
        case .integer(let integer): "\(integer)"
        // Swift writes 48000.0 for what no option's parser takes with its point.
        case .number(let number): number == number.rounded() && abs(number) < 1e15 ? "\(Int64(number))" : "\(number)"
        case .flag(let flag): flag ? "true" : "false"
        case .list: nil
        }
    }

    /// As TOML and JSON both write it, but for what is no number in JSON.
    public var written: String {
        switch self {
        case .text(let text): JSONText.quoted(text)
        case .number(let number) where !number.isFinite: JSONText.quoted("\(number)")
        case .list(let elements): "[" + elements.map(\.written).joined(separator: ", ") + "]"
        case .integer, .number, .flag: word ?? ""
        }
    }

    /// How messages call its kind.
    var kind: String {
        switch self {
        case .text: "a text"
        case .integer, .number: "a number"
        case .flag: "true or false"
        case .list: "a list"
        }
    }
}
