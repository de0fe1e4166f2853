import AupEngine
import AupSound

/// `aup process --check`: a line for each check, and a verdict, on standard output.
enum PluginCheckReport {
    static func run(_ plugin: String, settings: [String], _ options: ReportOptions) -> Never {
        var counts: [PluginCheckFinding.Result: Int] = [:]
        let isGood: Bool
        do {
            isGood = try PluginCheck.run([plugin] + settings, stepWords: ["process", "--check-step"]) { finding in
                counts[finding.result, default: 0] += 1
                Printer.line(
                    options.json ? json(finding, plugin) : Printer.printable(text(finding)), to: .standardOutput)
            }
        } catch {
            Printer.line("aup process: \(error.message)", to: .standardError)
            ExitCodes.end(ExitCodes.usage)
        }
        let (failed, skipped) = (counts[.failed, default: 0], counts[.skipped, default: 0])
        let passed = counts[.ok, default: 0]
        if options.json {
            var object = JSONText()
            object.add("event", "verdict")
            object.add("plugin", plugin)
            object.add("good", isGood)
            object.add("ok", passed)
            object.add("failed", failed)
            object.add("skipped", skipped)
            Printer.line(object.line, to: .standardOutput)
        } else {
            let verdict = "\(plugin): \(isGood ? "ok" : "FAILED"): \(passed) ok, \(failed) failed, \(skipped) skipped"
            Printer.line(Printer.printable(verdict), to: .standardOutput)
        }
        ExitCodes.end(isGood ? 0 : ExitCodes.failed)
    }

    private static func text(_ finding: PluginCheckFinding) -> String {
        let check = finding.check + String(repeating: " ", count: max(1, 17 - finding.check.count))
        let result = finding.result.rawValue
        return finding.seen.isEmpty
            ? check + result : check + result + String(repeating: " ", count: max(1, 9 - result.count)) + finding.seen
    }

    private static func json(_ finding: PluginCheckFinding, _ plugin: String) -> String {
        var object = JSONText()
        object.add("event", "check")
        object.add("plugin", plugin)
        object.add("check", finding.check)
        object.add("result", finding.result.rawValue.lowercased())
        object.add("seen", finding.seen)
        return object.line
    }
}
