/// Prometheus' text format, version 0.0.4, as strictly as the format's page and the naming conventions have it: more so
/// than Prometheus itself, which forgives much.
public struct Exposition: Sendable {
    public struct Sample: Sendable, Equatable {
        public let name: String
        public let labels: [String: String]
        public let value: Double
    }

    public struct Broken: Error, CustomStringConvertible {
        public let description: String
    }

    /// Each family's type.
    public private(set) var types: [String: String] = [:]
    public private(set) var samples: [Sample] = []

    /// - Throws: ``Broken``, which names the line.
    public init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Broken(description: "the last line does not end") }
        var family = ""
        var helped: Set<String> = []
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            func broken(_ why: String) -> Broken { Broken(description: "\(why): \(line)") }
            if let match = line.wholeMatch(of: /# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)/) {
                guard helped.insert(String(match.1)).inserted else { throw broken("a family twice") }
                guard match.2.wholeMatch(of: /([^\\]|\\\\|\\n)*/) != nil else { throw broken("a bad escape") }
                family = String(match.1)
            } else if let match = line.wholeMatch(of: /# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)/) {
                guard match.1 == family, types[family] == nil else { throw broken("a type out of place") }
                types[family] = String(match.2)
                try Self.checkName(family, String(match.2))
            } else {
                let sample = try Self.sample(line)
                let isPart = types[family] == "histogram"
                let names = isPart ? ["_bucket", "_sum", "_count"].map { family + $0 } : [family]
                guard types[family] != nil, names.contains(sample.name) else { throw broken("of another family") }
                guard isPart || sample.labels["le"] == nil else { throw broken("le of no histogram") }
                guard !samples.contains(where: { $0.name == sample.name && $0.labels == sample.labels }) else {
                    throw broken("a sample twice")
                }
                if types[family] == "counter", !(sample.value >= 0) { throw broken("a counter below zero") }
                samples.append(sample)
            }
        }
        for (name, type) in types where type == "histogram" { try checkHistogram(name) }
    }

    /// The value of a sample, whatever its labels; `nil` where there is none or more than one.
    public subscript(_ name: String) -> Double? {
        let found = samples.filter { $0.name == name }
        return found.count == 1 ? found[0].value : nil
    }

    private static func checkName(_ name: String, _ type: String) throws {
        guard name.wholeMatch(of: /aup(_[a-z0-9]+)+/) != nil else { throw Broken(description: "\(name): no name") }
        guard (type == "counter") == name.hasSuffix("_total") else { throw Broken(description: "\(name): \(type)") }
        // Base units only (prometheus.io, Metric and label naming).
        for unit in ["ms", "milliseconds", "us", "microseconds", "ns", "percent", "minutes", "kib", "ppm"]
        where name.split(separator: "_").contains(Substring(unit)) {
            throw Broken(description: "\(name): \(unit) is no base unit")
        }
        if type == "histogram", !name.hasSuffix("_seconds") { throw Broken(description: "\(name): of what unit?") }
    }

    private static func sample(_ line: Substring) throws -> Sample {
        func broken(_ why: String) -> Broken { Broken(description: "\(why): \(line)") }
        guard let match = line.wholeMatch(of: /([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)/) else {
            throw broken("no sample")
        }
        let texts = ["+Inf": Double.infinity, "-Inf": -Double.infinity, "NaN": Double.nan]
        let number = String(match.3)
        guard let value = texts[number] ?? (number.contains(/^[-+]?[0-9]/) ? Double(number) : nil) else {
            throw broken("no number")
        }
        var labels: [String: String] = [:]
        var rest = match.2 ?? ""
        while !rest.isEmpty {
            guard let label = rest.prefixMatch(of: /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\\\|\\"|\\n)*)"(,|$)/),
                !label.1.hasPrefix("__"), labels.updateValue(String(label.2), forKey: String(label.1)) == nil
            else { throw broken("a bad label") }
            rest = rest[label.range.upperBound...]
            if label.3 == ",", rest.isEmpty { throw broken("a comma too many") }
        }
        return Sample(name: String(match.1), labels: labels, value: value)
    }

    /// Bounds rise, counts do not fall, the last is all.
    private func checkHistogram(_ name: String) throws {
        func broken(_ why: String) -> Broken { Broken(description: "\(name): \(why)") }
        var groups: [[String: String]: [(bound: Double, count: Double)]] = [:]
        for sample in samples where sample.name == "\(name)_bucket" {
            var labels = sample.labels
            guard let word = labels.removeValue(forKey: "le"),
                let bound = word == "+Inf" ? .infinity : Double(word)
            else { throw broken("a bucket without a bound") }
            groups[labels, default: []].append((bound, sample.value))
        }
        guard !groups.isEmpty else { throw broken("no buckets") }
        for (labels, buckets) in groups {
            let neighbours = zip(buckets, buckets.dropFirst())
            guard neighbours.allSatisfy({ $0.bound < $1.bound && $0.count <= $1.count }) else { throw broken("falls") }
            let count = samples.first { $0.name == "\(name)_count" && $0.labels == labels }?.value
            let sum = samples.first { $0.name == "\(name)_sum" && $0.labels == labels }?.value
            guard buckets.last?.bound == .infinity, buckets.last?.count == count, sum != nil else {
                throw broken("the last bucket is not all")
            }
        }
    }
}
