/// A limit on a measure, as `--alarm` and `--fail-if` take it: `momentary > -10 for 3s`, `silence>10s`, `I<-23`.
///
///     measure  comparison  value [unit]  [for time]
///
/// Comparisons are `>`, `>=`, `<` and `<=`. The unit may be left out, and must be the measure's own if it is there. With
/// `for`, the limit has to be passed for so long without a break. `-inf` is a value too: silence on a meter.
///
/// - Thread: any.
public struct AlarmExpression: Equatable, Sendable {
    public enum Comparison: String, CaseIterable, Sendable {
        case above = ">"
        case notBelow = ">="
        case below = "<"
        case notAbove = "<="
    }

    public let measure: MeterMeasure
    public let comparison: Comparison
    /// In the unit of the measure; seconds for a time.
    public let limit: Double
    /// How long the limit has to be passed, 0 for at once.
    public let nanoseconds: Int64

    public init(_ measure: MeterMeasure, _ comparison: Comparison, _ limit: Double, nanoseconds: Int64 = 0) {
        self.measure = measure
        self.comparison = comparison
        self.limit = limit
        self.nanoseconds = nanoseconds
    }

    /// Whether a value passes the limit; what is no number never does.
    public func isPassed(by value: Double) -> Bool {
        switch comparison {
        case .above: value > limit
        case .notBelow: value >= limit
        case .below: value < limit
        case .notAbove: value <= limit
        }
    }

    /// Reads an expression.
    public init(_ text: String) throws(AlarmExpressionError) {
        guard text.utf8.count <= 200 else { throw AlarmExpressionError("an alarm has at most 200 characters") }
        guard let sign = text.firstIndex(where: { $0 == ">" || $0 == "<" }) else {
            throw AlarmExpressionError("'\(text)' compares nothing; write it like 'momentary>-10' or 'silence>10s'")
        }
        let name = text[..<sign].filter { !$0.isWhitespace }
        guard let measure = MeterMeasure(name: String(name)) else {
            let names = MeterMeasure.allCases.map(\.rawValue).joined(separator: ", ")
            throw AlarmExpressionError(
                name.isEmpty ? "'\(text)' names no measure" : "there is no measure '\(name)'; there are \(names)")
        }
        var rest = text[text.index(after: sign)...]
        let isInclusive = rest.first == "="
        if isInclusive { rest = rest.dropFirst() }
        let words = rest.split(whereSeparator: \.isWhitespace)
        let place = words.firstIndex { $0.lowercased() == "for" } ?? words.endIndex
        let value = words[..<place].joined()
        guard !value.isEmpty else { throw AlarmExpressionError("'\(text)' ends before the value to compare with") }
        guard let limit = Self.limit(value, unit: measure.unit) else {
            throw AlarmExpressionError(Self.complaint(value, measure))
        }
        var span: Int64 = 0
        if place < words.endIndex {
            let time = words[(place + 1)...].joined()
            guard case .nanoseconds(let nanoseconds)? = TimeSpan(time) else {
                throw AlarmExpressionError("'for' takes a time like 3s, not '\(time)'")
            }
            span = nanoseconds
        }
        let isAbove = text[sign] == ">"
        self.init(
            measure, isAbove ? (isInclusive ? .notBelow : .above) : (isInclusive ? .notAbove : .below), limit,
            nanoseconds: span)
    }

    /// The expression as the parser reads it again.
    public var text: String {
        let value = limit == limit.rounded() && abs(limit) < 1e9 ? "\(Int64(limit))" : "\(limit)"
        let unit = measure.unit == .time ? "s" : ""
        let isWhole = nanoseconds % 1_000_000_000 == 0
        let seconds = isWhole ? "\(nanoseconds / 1_000_000_000)" : "\(Double(nanoseconds) / 1e9)"
        let time = nanoseconds == 0 ? "" : " for \(seconds)s"
        return "\(measure.rawValue)\(comparison.rawValue)\(value)\(unit)\(time)"
    }

    private static func limit(_ text: String, unit: MeterMeasure.Unit) -> Double? {
        if unit == .time {
            guard case .nanoseconds(let nanoseconds)? = TimeSpan(text) else { return nil }
            return Double(nanoseconds) / 1e9
        }
        let number = text.prefix { $0.isASCII && ($0.isNumber || "+-.".contains($0)) || "infINF".contains($0) }
        let rest = text.dropFirst(number.count).lowercased()
        // Of a decibel, nobody asks which.
        let isOwn = rest.isEmpty || rest == unit.rawValue.lowercased() || (rest == "db" && unit != .number)
        guard isOwn, let value = Double(String(number)), !value.isNaN else { return nil }
        return value
    }

    private static func complaint(_ value: String, _ measure: MeterMeasure) -> String {
        switch measure.unit {
        case .time: "\(measure.rawValue) is a time like 10s, not '\(value)'"
        case .number: "\(measure.rawValue) is a bare number, not '\(value)'"
        default: "\(measure.rawValue) is a number in \(measure.unit.rawValue), not '\(value)'"
        }
    }
}

/// Why an alarm could not be read, in one line.
public struct AlarmExpressionError: Error, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
