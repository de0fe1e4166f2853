import AupPlugins
import AupSound

/// What is said to a client of the control socket: lines for people and shells, or one JSON object.
///
/// In text each answer is lines of what was asked for, then `ok`, or else `error` with its reason.
enum ControlAnswer {
    static func text(_ manner: ControlRequest.Manner, error message: String) -> String {
        guard case .json(let id) = manner else { return "error \(oneLine(message))\n" }
        var object = json(id, ok: false)
        object.add("error", message)
        return object.line + "\n"
    }

    static func done(_ manner: ControlRequest.Manner) -> String {
        guard case .json(let id) = manner else { return "ok\n" }
        return json(id, ok: true).line + "\n"
    }

    static func help(_ manner: ControlRequest.Manner) -> String {
        guard case .json(let id) = manner else {
            return ControlRequest.usage.map { $0 + "\n" }.joined() + "ok\n"
        }
        var object = json(id, ok: true)
        object.add("commands", ControlRequest.usage)
        return object.line + "\n"
    }

    /// Values of parameters: `gain.gain=-6 dB`.
    static func values(_ values: [ChainValue], _ manner: ControlRequest.Manner) -> String {
        guard case .json(let id) = manner else { return values.map { "\($0.name)=\($0.text)\n" }.joined() + "ok\n" }
        var object = json(id, ok: true)
        object.add("values", object: numbers(values))
        return object.line + "\n"
    }

    /// What a subscriber is sent.
    static func readings(_ values: [ChainValue], isJSON: Bool) -> String {
        guard isJSON else { return values.map { "reading \($0.name)=\($0.text)\n" }.joined() }
        var object = JSONText()
        object.add("event", "readings")
        object.add("values", object: numbers(values))
        return object.line + "\n"
    }

    /// Everything there is: value, range and name with tabs between, a line for each parameter.
    static func list(_ chain: PluginChain, _ values: [ChainValue], _ manner: ControlRequest.Manner) -> String {
        guard case .json(let id) = manner else {
            return values.map { value in
                "\(value.name)=\(value.text)\t\(value.parameter.isOutput ? "reading" : value.parameter.expectation)"
                    + "\t\(value.parameter.name)\n"
            }.joined() + "ok\n"
        }
        var object = json(id, ok: true)
        object.add(
            "plugins",
            objects: chain.reports.enumerated().map { place, report in
                var plugin = JSONText()
                plugin.add("id", report.id)
                plugin.add("number", place + 1)
                plugin.add("bypassed", report.isBypassed)
                plugin.add("latency_frames", report.latencyFrames)
                plugin.add("parameters", objects: values.filter { $0.plugin == place }.map(parameter))
                return plugin
            })
        return object.line + "\n"
    }

    private static func parameter(_ value: ChainValue) -> JSONText {
        var object = JSONText()
        object.add("parameter", value.name)
        object.add("key", value.parameter.key)
        object.add("name", value.parameter.name)
        object.add("unit", value.parameter.unit)
        object.add("value", value.value)
        object.add("min", value.parameter.range.lowerBound)
        object.add("max", value.parameter.range.upperBound)
        object.add("default", value.parameter.defaultValue)
        object.add("scale", value.parameter.scale.rawValue)
        object.add("labels", value.parameter.labels)
        object.add("reading", value.parameter.isOutput)
        object.add("settable", value.parameter.canChange)
        return object
    }

    private static func numbers(_ values: [ChainValue]) -> JSONText {
        var object = JSONText()
        for value in values { object.add(value.name, value.value) }
        return object
    }

    private static func json(_ id: String?, ok: Bool) -> JSONText {
        var object = JSONText()
        if let id { object.add("id", written: id) }
        object.add("ok", ok)
        return object
    }

    private static func oneLine(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }
}

/// One parameter of a chain and where it stands.
struct ChainValue: Sendable, Equatable {
    /// Place in the chain.
    let plugin: Int
    let parameter: PluginParameter
    /// How it is called: `gain.gain`, or `2.gain` where two plugins have one id.
    let name: String
    let value: Double

    /// With its unit.
    var text: String { parameter.isText ? parameter.defaultText : parameter.format(value) }

    /// All that are to be shown, in the order of the chain.
    static func all(_ chain: PluginChain) -> [ChainValue] {
        let plugins = chain.plugins
        return plugins.enumerated().flatMap { place, plugin in
            let isAlone = plugins.filter { $0.id == plugin.id }.count == 1
            return plugin.parameters.filter { !$0.isHidden && !$0.isText }.map { parameter in
                ChainValue(
                    plugin: place, parameter: parameter,
                    name: "\(isAlone ? plugin.id : "\(place + 1)").\(parameter.key)",
                    value: chain.value(plugin: place, parameter: parameter.index))
            }
        }
    }

    /// Those that words mean.
    static func those(_ words: [String], of chain: PluginChain) throws(PluginError) -> [ChainValue] {
        let all = all(chain)
        if words.isEmpty { return all }
        var found: [ChainValue] = []
        for word in words {
            let (plugin, key) = try ChainAddress.parameter(word, in: chain.plugins)
            found += all.filter { $0.plugin == plugin && $0.parameter.key == key }
        }
        return found
    }
}
