/// Reading and showing values with units.
extension PluginParameter {
    /// Reads what a user typed after `key=`: `-6dB`, `440Hz`, `1.5kHz`, `20ms`, `50%`, `on`, a label, or a bare number in
    /// the parameter's own unit.
    ///
    /// - Throws: ``PluginError/Code/value`` naming plugin, key, value and range.
    public func parse(_ text: String, plugin: String) throws(PluginError) -> ParameterValue {
        func wrong(_ why: String) -> PluginError {
            PluginError(.value, "plugin '\(plugin)': \(key)=\(shown(text)): \(why); \(key) takes \(expectation)")
        }
        if isOutput {
            throw PluginError(.value, "plugin '\(plugin)': \(key) is a reading of the plugin and cannot be set")
        }
        switch scale {
        case .text, .path:
            guard text.utf8.count <= 4096, !text.utf8.contains(0) else { throw wrong("longer than 4096 bytes") }
            return .text(text)
        case .toggle:
            guard let value = Self.toggles[text.lowercased()] else { throw wrong("neither on nor off") }
            return .number(value)
        case .choice:
            if let label = labels.firstIndex(where: { $0.lowercased() == text.lowercased() }) {
                return .number(range.lowerBound + Double(label))
            }
            guard let number = Self.decimal(Substring(text)) else {
                throw wrong("no such choice" + suggestion(nearMatches(to: text, among: labels)))
            }
            return .number(try inRange(number, whole: true, wrong))
        case .linear, .logarithmic, .integer:
            let bytes = text.utf8.prefix { ($0 >= 48 && $0 <= 57) || $0 == 46 || $0 == 43 || $0 == 45 }
            let digits = Substring(bytes)
            var suffix = text.dropFirst(digits.count)
            // An exponent is part of the number, but `1e` and `1eV` are not.
            var number = Self.decimal(digits)
            if let first = suffix.first, first == "e" || first == "E" {
                let exponent = suffix.dropFirst().prefix { $0.isASCII && ($0.isNumber || $0 == "-" || $0 == "+") }
                if let longer = Self.decimal(Substring(text.prefix(digits.count + 1 + exponent.count))) {
                    number = longer
                    suffix = suffix.dropFirst(1 + exponent.count)
                }
            }
            guard let number else { throw wrong("not a number") }
            let unitText = suffix.drop { $0 == " " }
            guard let factor = factor(ofUnit: String(unitText)) else {
                throw wrong(
                    unit.isEmpty
                        ? "the unit '\(shown(String(unitText)))' does not fit, it has none"
                        : "the unit '\(shown(String(unitText)))' does not fit \(unit)")
            }
            return .number(try inRange(number * factor, whole: scale == .integer, wrong))
        }
    }

    /// A value with its unit, as reports show it.
    public func format(_ value: Double) -> String {
        switch scale {
        case .toggle: return value != 0 ? "on" : "off"
        case .choice:
            let index = value - range.lowerBound
            return index >= 0 && index < Double(labels.count) ? labels[Int(index)] : plain(value)
        default: return plain(value) + (unit.isEmpty ? "" : unit == "%" ? "%" : " " + unit)
        }
    }

    /// What may be typed: `-90 dB to 24 dB`, `on or off`, `low, mid or high`.
    public var expectation: String {
        switch scale {
        case .toggle: return "on or off"
        case .choice:
            return labels.count < 2
                ? labels.joined() : labels.dropLast().joined(separator: ", ") + " or " + labels[labels.count - 1]
        case .text: return labels.isEmpty ? "a text" : labels.joined(separator: ", ")
        case .path: return "the path of a file"
        case .linear, .logarithmic, .integer:
            let whole = scale == .integer
            switch (range.lowerBound <= -Self.unbounded, range.upperBound >= Self.unbounded) {
            case (true, true): return "any \(whole ? "whole " : "")number" + (unit.isEmpty ? "" : " of \(unit)")
            case (false, true): return (whole ? "a whole number, " : "") + "\(format(range.lowerBound)) and more"
            case (true, false): return (whole ? "a whole number, " : "") + "\(format(range.upperBound)) and less"
            case (false, false):
                return (whole ? "a whole number from " : "")
                    + "\(format(range.lowerBound)) to \(format(range.upperBound))"
            }
        }
    }

    /// Both ends of a range of numbers as they may be typed, `nil` where it is none or has no two ends.
    public var endTexts: (lowest: String, highest: String)? {
        switch scale {
        case .toggle, .choice, .text, .path: return nil
        case .linear, .logarithmic, .integer:
            guard range.lowerBound > -Self.unbounded, range.upperBound < Self.unbounded else { return nil }
            return (format(range.lowerBound), format(range.upperBound))
        }
    }

    private static let toggles: [String: Double] = [
        "on": 1, "true": 1, "yes": 1, "1": 1, "off": 0, "false": 0, "no": 0, "0": 0,
    ]

    /// Units that convert into one another; a value times its factor is in the family's first unit. Lower case.
    private static let families: [[(name: String, factor: Double)]] = [
        [("hz", 1), ("khz", 1000), ("k", 1000), ("mhz", 1e6)],
        [("s", 1), ("ms", 1e-3), ("us", 1e-6), ("µs", 1e-6), ("ns", 1e-9), ("min", 60)],
        [("%", 0.01), ("", 1)],
        [("m", 1), ("cm", 0.01), ("mm", 0.001)],
    ]

    /// What a number with this unit is multiplied by; `nil` if the unit does not belong to the parameter's.
    private func factor(ofUnit typed: String) -> Double? {
        let typed = typed.lowercased()
        let own = unit.lowercased()
        if typed.isEmpty || typed == own { return 1 }
        for family in Self.families {
            guard let target = family.first(where: { $0.name == own }),
                let source = family.first(where: { $0.name == typed })
            else { continue }
            return source.factor / target.factor
        }
        return nil
    }

    private func inRange(
        _ number: Double, whole: Bool, _ wrong: (String) -> PluginError
    ) throws(PluginError) -> Double {
        guard number.isFinite else { throw wrong("not a finite number") }
        // A conversion may miss a bound by the last bit: 1500 ms is 1.5 s, 0.1 % of 1000 may not be 1.
        let tolerance = max(abs(range.lowerBound), abs(range.upperBound)) * 1e-12
        let near = number < range.lowerBound && number > range.lowerBound - tolerance ? range.lowerBound : number
        let value = near > range.upperBound && near < range.upperBound + tolerance ? range.upperBound : near
        guard range.contains(value) else { throw wrong("out of range") }
        if whole, value != value.rounded() { throw wrong("not a whole number") }
        return value
    }

    /// Digits with a sign, a point, an exponent: no hexadecimal, no `inf`, no locale.
    private static func decimal(_ text: Substring) -> Double? {
        guard text.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || [43, 45, 46, 69, 101].contains($0) }) else { return nil }
        return Double(text)
    }

    /// Without a needless `.0`.
    private func plain(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
    }
}

/// Text from outside, short and without control characters, fit for a message.
func shown(_ text: String) -> String {
    text.unicodeScalars.count > 200 ? visible(String(text.unicodeScalars.prefix(200))) + "..." : visible(text)
}

/// Without control characters, which could move a terminal's cursor.
func visible(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        result.unicodeScalars.append(scalar.value < 32 || (127..<160).contains(scalar.value) ? "?" : scalar)
    }
    return result
}
