/// Numbers as Prometheus reads them: its text format, version 0.0.4 (prometheus.io, Exposition formats).
///
/// Each family is added once, whole, with what it means. Names end in their unit, seconds, bytes, ratio, and counters in
/// `_total` (prometheus.io, Metric and label naming); what is otherwise is a mistake of ours.
public struct PrometheusText {
    public enum Kind: String, Sendable {
        /// Only grows.
        case counter
        case gauge
    }

    public struct Label: Sendable, Equatable {
        public let name: String
        public let value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public private(set) var text = ""
    private let labels: [Label]
    private var families: Set<String> = []

    /// - Parameter labels: of every sample.
    public init(labels: [Label] = []) {
        self.labels = labels
    }

    public mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Int64?, _ labels: [Label] = []) {
        add(name, kind, help, written: value.map { "\($0)" }, labels)
    }

    public mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double?, _ labels: [Label] = []) {
        add(name, kind, help, written: value.map(Self.number), labels)
    }

    /// A distribution of seconds: how many were within each of some bounds, how many there were, and how long together.
    ///
    /// - Parameter within: bounds in rising order, each with all that were not above it.
    public mutating func add(
        seconds name: String, _ help: String, within: [(bound: Double, count: Int64)], count: Int64, sum: Double
    ) {
        precondition(name.hasSuffix("_seconds"))
        begin(name, "histogram", help)
        for (bound, number) in within {
            sample("\(name)_bucket", labels + [Label("le", Self.number(bound))], "\(number)")
        }
        sample("\(name)_bucket", labels + [Label("le", "+Inf")], "\(count)")
        sample("\(name)_sum", labels, Self.number(sum))
        sample("\(name)_count", labels, "\(count)")
    }

    private mutating func add(_ name: String, _ kind: Kind, _ help: String, written: String?, _ own: [Label]) {
        // What is not known is not there.
        guard let written else { return }
        precondition((kind == .counter) == name.hasSuffix("_total"), "\(name): only counters end in _total")
        begin(name, kind.rawValue, help)
        sample(name, labels + own, written)
    }

    private mutating func begin(_ name: String, _ kind: String, _ help: String) {
        precondition(families.insert(name).inserted, "\(name) twice")
        text += "# HELP \(name) \(Self.escaped(help, isQuoted: false))\n# TYPE \(name) \(kind)\n"
    }

    private mutating func sample(_ name: String, _ labels: [Label], _ value: String) {
        let list = labels.map { "\($0.name)=\"\(Self.escaped($0.value, isQuoted: true))\"" }.joined(separator: ",")
        text += name + (list.isEmpty ? "" : "{\(list)}") + " \(value)\n"
    }

    private static func number(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
        // Swift's own text of a double is the shortest that reads back as it; a whole one needs no fraction.
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func escaped(_ text: String, isQuoted: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where isQuoted: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
