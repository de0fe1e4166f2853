import ArgumentParser
import AupConfiguration
import AupSound

/// `aup --show-config`: every option, its value, and who said so. The text is a configuration itself, with the places as
/// comments.
struct ConfigurationReport {
    /// What holds for one option.
    private struct Finding {
        enum Part: String {
            case used, overruled
            case leftOut = "left out"
        }
        let key: String
        /// As TOML has it; `nil` where nobody said one.
        let value: String?
        let origin: SettingOrigin
        var part = Part.used
        var reason = ""
    }

    private let isJSON: Bool

    /// - Parameter words: what stands beside `--show-config`: `--json`, a command and its words.
    static func show(_ words: [String]) throws {
        let isJSON = words.first == "--json"
        try ConfigurationReport(isJSON: isJSON).show(isJSON ? Array(words.dropFirst()) : words)
    }

    private func show(_ words: [String]) throws {
        let files = try Arrangement.files()
        let table = OptionTable(lines: optionLines)
        var commands = table.commands.map(\.name)
        if let name = words.first {
            guard commands.contains(name) else {
                throw ValidationError(
                    "--show-config: there is no command '\(name)'" + NearWord.question(name, among: commands))
            }
            commands = [name]
        }
        for path in ConfigurationFile.paths(Arrangement.variable) {
            tell(file: path, isRead: files?.paths.contains(path) ?? false)
        }
        for name in commands {
            let arrangement = try Arrangement(files, Arrangement.variables(of: name), name, Array(words.dropFirst()))
            tell(name, try findings(arrangement, words))
        }
        guard let files else { return }
        tell("devices", files.devices)
        tell("chains", files.chains)
        // Whether they can be cut into words is found out only now where they are one text.
        for (name, named) in files.chains { _ = try ConfiguredNames.words(of: named, name) }
    }

    private func findings(_ arrangement: Arrangement, _ words: [String]) throws -> [Finding] {
        var parsed = try arrangement.parsed()
        // Of a command line, also what only the command finds out.
        let refused = words.count > 1 ? try arrangement.refused(parsed.standing) : []
        parsed.standing.removeAll { one in refused.contains { $0.setting == one.setting } }
        parsed.leftOut += refused
        let reader = WordReader(Array(words.dropFirst()), of: arrangement.command)
        return arrangement.command.options.filter { !$0.isAction }.flatMap { option -> [Finding] in
            var found: [Finding] = []
            if reader.gives(option.name) {
                let value = reader.value(of: option.name).map(JSONText.quoted)
                found.append(Finding(key: option.name, value: value ?? "true", origin: .commandLine))
            }
            for one in parsed.standing where one.setting.key == option.name {
                found.append(
                    Finding(key: option.name, value: one.setting.value.written, origin: one.setting.origin))
            }
            if found.isEmpty {
                let value = option.kind == .flag ? "false" : option.builtIn.map(JSONText.quoted)
                // A flag that is on by itself has an opposite, and only the command knows when.
                let isOpposed = arrangement.command.option("no-" + option.name) != nil
                found.append(Finding(key: option.name, value: isOpposed ? nil : value, origin: .builtIn))
            }
            for one in parsed.leftOut where one.setting.key == option.name {
                found.append(
                    Finding(
                        key: option.name, value: one.setting.value.written, origin: one.setting.origin,
                        part: .leftOut, reason: one.reason))
            }
            for setting in arrangement.plan.overruled where setting.key == option.name {
                found.append(
                    Finding(
                        key: option.name, value: setting.value.written, origin: setting.origin, part: .overruled))
            }
            return found
        }
    }

    // MARK: - Lines

    private func tell(file path: String, isRead: Bool) {
        guard isJSON else { return line(comment("", "\(path)\(isRead ? "" : ", which is not there")")) }
        var object = JSONText()
        object.add("kind", "file")
        object.add("path", path)
        object.add("read", isRead)
        line(object.line)
    }

    private func tell(_ command: String, _ findings: [Finding]) {
        if !isJSON {
            line("")
            line("[defaults.\(command)]")
        }
        for finding in findings {
            guard isJSON else {
                var said = finding.origin.text
                if finding.part != .used { said += ", \(finding.part.rawValue)" }
                if !finding.reason.isEmpty { said += ": \(finding.reason)" }
                // What does not count, or is no value, must not be one when this is read again.
                let isValue = finding.part == .used && finding.value != nil
                line(comment("\(isValue ? "" : "# ")\(finding.key) = \(finding.value ?? "")", said))
                continue
            }
            var object = JSONText()
            object.add("kind", "option")
            object.add("command", command)
            object.add("option", finding.key)
            object.add("value", written: finding.value ?? "null")
            add(finding.origin, to: &object)
            object.add("state", finding.part.rawValue)
            object.add("reason", finding.reason.isEmpty ? nil : finding.reason)
            line(object.line)
        }
    }

    private func tell(_ section: String, _ names: [String: Configuration.Named]) {
        if !isJSON, !names.isEmpty {
            line("")
            line("[\(section)]")
        }
        for (name, named) in names.sorted(by: { $0.key < $1.key }) {
            guard isJSON else {
                line(comment("\(name) = \(named.value.written)", named.origin.text))
                continue
            }
            var object = JSONText()
            object.add("kind", section == "devices" ? "device" : "chain")
            object.add("name", name)
            object.add("value", written: named.value.written)
            add(named.origin, to: &object)
            line(object.line)
        }
    }

    private func add(_ origin: SettingOrigin, to object: inout JSONText) {
        switch origin {
        case .file(let path, let line):
            object.add("source", "file")
            object.add("path", path)
            object.add("line", line)
        case .environment(let name):
            object.add("source", "environment")
            object.add("variable", name)
        case .commandLine, .builtIn: object.add("source", origin.text)
        }
    }

    private func comment(_ text: String, _ comment: String) -> String {
        let pad = text.isEmpty ? "" : text + String(repeating: " ", count: max(40 - text.count, 1))
        return pad + "# " + comment
    }

    private func line(_ text: String) { Printer.line(Printer.printable(text), to: .standardOutput) }
}
