import AupEngine
import AupSound

/// `aup process --list` and `--info`.
enum PluginReport {
    static func list(_ options: ReportOptions) {
        for entry in PluginCatalog.all() {
            switch entry {
            case .plugin(let plugin):
                Printer.line(
                    options.json ? json(plugin) : "\(plugin.reference)  \(plugin.name)  (\(plugin.path))",
                    to: .standardOutput)
            case .broken(let text):
                Printer.line("aup process: \(text)", to: .standardError)
            }
        }
    }

    static func show(_ name: String, _ options: ReportOptions) {
        let plugin: PluginFacts
        do {
            plugin = try PluginCatalog.find(name)
        } catch {
            Printer.line("aup process: \(error.message)", to: .standardError)
            ExitCodes.end(ExitCodes.failed)
        }
        if options.json { return Printer.line(json(plugin), to: .standardOutput) }
        let title = [plugin.id, plugin.version].filter { !$0.isEmpty }.joined(separator: " ")
        let origin = [plugin.name, plugin.vendor].filter { !$0.isEmpty }.joined(separator: ", ")
        Printer.line("\(title)  \(origin)", to: .standardOutput)
        Printer.line("  file      \(plugin.path)", to: .standardOutput)
        if plugin.interface != "native" { Printer.line("  made for  \(plugin.interface)", to: .standardOutput) }
        Printer.line("  channels  \(plugin.layouts)", to: .standardOutput)
        for parameter in plugin.parameters {
            let range = parameter.expectation + (parameter.scalesWithRate ? " at 48 kHz" : "")
            Printer.line(
                parameter.isOutput
                    ? "  \(parameter.key)  \(parameter.name), a reading"
                    : "  \(parameter.key)=\(parameter.defaultText)  \(parameter.name), \(range)",
                to: .standardOutput)
        }
    }

    private static func json(_ plugin: PluginFacts) -> String {
        var object = JSONText()
        object.add("id", plugin.id)
        object.add("name", plugin.name)
        object.add("version", plugin.version)
        object.add("vendor", plugin.vendor)
        object.add("path", plugin.path)
        object.add("interface", plugin.interface)
        object.add("reference", plugin.reference)
        object.add("channels", plugin.layouts)
        object.add(
            "layouts",
            objects: plugin.channelCounts.map { counts in
                var layout = JSONText()
                layout.add("in", counts.inputs)
                layout.add("out", counts.outputs)
                layout.add("side", counts.side)
                return layout
            })
        object.add("parameters", objects: plugin.parameters.map(json))
        return object.line
    }

    private static func json(_ parameter: PluginFacts.Parameter) -> JSONText {
        var object = JSONText()
        object.add("key", parameter.key)
        object.add("name", parameter.name)
        object.add("unit", parameter.unit)
        object.add("min", parameter.minimum)
        object.add("max", parameter.maximum)
        object.add("default", parameter.defaultValue)
        object.add("scale", parameter.scale)
        object.add("labels", parameter.labels)
        object.add("output", parameter.isOutput)
        object.add("scales_with_rate", parameter.scalesWithRate)
        return object
    }
}
