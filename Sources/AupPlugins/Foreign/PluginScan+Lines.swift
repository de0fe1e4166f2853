/// A scan as lines of words with tabs between, in which it is kept and comes from one process to the next.
///
/// Texts of guests hold neither tabs nor line ends: they were taken out where they came in.
extension PluginScan {
    private static let begin = "aup-scan 1"

    func lines() -> [String] {
        var lines = [Self.begin]
        if let error { lines.append("error\t\(error.code.rawValue)\t\(error.message)") }
        for (id, refusal) in refusals.sorted(by: { $0.key < $1.key }) {
            lines.append("refusal\t\(id)\t\(refusal.code.rawValue)\t\(refusal.message)")
        }
        for plugin in plugins {
            lines.append(
                [
                    "plugin", plugin.interface.rawValue, plugin.id, plugin.name, plugin.version, plugin.vendor,
                    plugin.tags.joined(separator: " "),
                    Self.marks([
                        plugin.worksInPlace, plugin.wantsEvents, plugin.isBlockInvariant, plugin.isRealtimeSafe,
                    ]),
                ].joined(separator: "\t"))
            lines += plugin.layouts.map { "layout\t\($0.inputs)\t\($0.outputs)\t\($0.side)" }
            for parameter in plugin.parameters {
                lines.append(
                    [
                        "parameter", parameter.key, parameter.name, parameter.unit, "\(parameter.range.lowerBound)",
                        "\(parameter.range.upperBound)", "\(parameter.defaultValue)", parameter.scale.rawValue,
                        Self.marks([
                            parameter.isRamped, parameter.isStatic, parameter.isOutput, parameter.isHidden,
                            parameter.scalesWithRate,
                        ]), parameter.defaultText,
                    ].joined(separator: "\t"))
                lines += parameter.labels.map { "label\t\($0)" }
            }
        }
        return lines
    }

    /// `nil` for anything that is not whole.
    init?(lines: [String], path: String) {
        guard lines.first == Self.begin else { return nil }
        var plugins: [PluginDescription] = []
        var refusals: [String: PluginError] = [:]
        var error: PluginError?
        var at = 1
        while at < lines.count {
            let words = Self.words(lines[at])
            at += 1
            switch (words[0], words.count) {
            case ("error", 3):
                guard let code = PluginError.Code(rawValue: words[1]) else { return nil }
                error = PluginError(code, words[2])
            case ("refusal", 4):
                guard let code = PluginError.Code(rawValue: words[2]) else { return nil }
                refusals[words[1]] = PluginError(code, words[3])
            case ("plugin", 8):
                guard let plugin = Self.plugin(words, lines, &at, path: path) else { return nil }
                plugins.append(plugin)
            default: return nil
            }
        }
        self.init(path: path, plugins: plugins, error: error)
        self.refusals = refusals
    }

    private static func plugin(
        _ words: [String], _ lines: [String], _ at: inout Int, path: String
    ) -> PluginDescription? {
        guard let interface = PluginDescription.Interface(rawValue: words[1]), let marks = marks(words[7], 4) else {
            return nil
        }
        var layouts: [PluginDescription.Layout] = []
        var parameters: [PluginParameter] = []
        reading: while at < lines.count {
            let next = Self.words(lines[at])
            switch (next[0], next.count) {
            case ("layout", 4):
                let counts = next.dropFirst().compactMap { Int($0) }
                guard counts.count == 3 else { return nil }
                layouts.append(.init(inputs: counts[0], outputs: counts[1], side: counts[2]))
            case ("parameter", 10):
                var labels: [String] = []
                while at + 1 < lines.count, lines[at + 1].hasPrefix("label\t") {
                    labels.append(String(lines[at + 1].dropFirst("label\t".count)))
                    at += 1
                }
                guard let parameter = parameter(next, index: parameters.count, labels: labels) else { return nil }
                parameters.append(parameter)
            default: break reading
            }
            at += 1
        }
        return PluginDescription(
            path: path, id: words[2], name: words[3], version: words[4], vendor: words[5],
            tags: words[6].split(separator: " ").map(String.init), parameters: parameters, layouts: layouts,
            worksInPlace: marks[0], wantsEvents: marks[1], isBlockInvariant: marks[2], isRealtimeSafe: marks[3],
            interface: interface)
    }

    private static func parameter(_ words: [String], index: Int, labels: [String]) -> PluginParameter? {
        let numbers = words[4...6].compactMap { Double($0) }
        guard numbers.count == 3, numbers.allSatisfy(\.isFinite), numbers[0] <= numbers[1],
            let scale = PluginParameter.Scale(rawValue: words[7]), let marks = marks(words[8], 5)
        else { return nil }
        return PluginParameter(
            index: index, key: words[1], name: words[2], unit: words[3], range: numbers[0]...numbers[1],
            defaultValue: numbers[2], scale: scale, isRamped: marks[0], isStatic: marks[1], isOutput: marks[2],
            isHidden: marks[3], labels: labels, defaultText: words[9], scalesWithRate: marks[4])
    }

    private static func words(_ line: String) -> [String] {
        line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }

    private static func marks(_ marks: [Bool]) -> String { String(marks.map { $0 ? "1" : "0" }) }

    private static func marks(_ text: String, _ count: Int) -> [Bool]? {
        text.count == count && text.allSatisfy { $0 == "0" || $0 == "1" } ? text.map { $0 == "1" } : nil
    }
}
