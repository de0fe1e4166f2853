import AupEngine
import AupSound

/// What is said of several files: of each when it is done, and of all at the end.
final class BatchReport {
    private let files: EncodedFiles
    private let options: ReportOptions
    private let ink: Ink
    private var progress: ProgressLine?
    private var frames: Int64 = 0
    private var bytes: Int64 = 0
    private let metrics: MetricsFile?
    /// When numbers are told and left again.
    private var nextStatus: Double
    private var nextMetrics: Double

    init(_ files: EncodedFiles, _ options: ReportOptions) {
        self.files = files
        self.options = options
        ink = Ink(options.color)
        metrics = options.prometheus.map(MetricsFile.init)
        nextStatus = options.stats ?? .infinity
        nextMetrics = options.stats ?? 10
        if Printer.drawsOnError, !options.quiet, !options.json { progress = ProgressLine("encode") }
    }

    /// - Parameter isAsked: somebody wants to know now.
    func tick(_ stand: FileBatch.Progress, _ isAsked: Bool) {
        progress?.draw(text(stand))
        if stand.seconds >= nextMetrics {
            nextMetrics = stand.seconds + (options.stats ?? 10)
            leaveNumbers(stand)
        }
        let isDue = stand.seconds >= nextStatus
        if isDue { nextStatus = stand.seconds + (options.stats ?? .infinity) }
        guard isDue || isAsked else { return }
        guard options.json else { return say("aup encode: " + text(stand)) }
        var object = JSONText()
        object.add("event", "status")
        object.add("command", "encode")
        object.add("files", files.inputs.count)
        object.add("finished", stand.files - stand.failed)
        object.add("failed", stand.failed)
        object.add("done", stand.share)
        object.add("seconds", stand.seconds)
        say(object.line)
    }

    private func text(_ stand: FileBatch.Progress) -> String {
        var parts = [EncodingLine.percent(stand.share), "\(stand.files) of \(files.inputs.count) files"]
        // Of what is done so far, so that the first files say nothing yet.
        if stand.share > 0, stand.share < 1 {
            parts.append(EncodingLine.clock(stand.seconds / stand.share * (1 - stand.share)) + " left")
        }
        return parts.joined(separator: "  ")
    }

    /// Leaves the numbers for a collector, where one is meant; false where that failed just now.
    @discardableResult
    func leaveNumbers(_ stand: FileBatch.Progress) -> Bool {
        guard let metrics else { return true }
        var text = PrometheusText(labels: [.init("command", "encode"), .init("stream", metrics.label)])
        text.add("aup_batch_files", .gauge, "Files that are to be encoded.", Int64(files.inputs.count))
        text.add(
            "aup_batch_finished_files_total", .counter, "Files that are encoded.", Int64(stand.files - stand.failed))
        text.add("aup_batch_failed_files_total", .counter, "Files that could not be encoded.", Int64(stand.failed))
        text.add("aup_batch_done_ratio", .gauge, "The part of the inputs' bytes that is done.", stand.share)
        text.add("aup_run_seconds_total", .counter, "Time since the start.", stand.seconds)
        do throws(MetricsFile.Failure) {
            try metrics.replace(with: text.text)
            return true
        } catch {
            say(ink.failure("aup encode: --prometheus: \(Printer.printable(error.message))"))
            return false
        }
    }

    func ended(_ result: FileBatch.Result) {
        let name = Printer.printable(files.inputs[result.item])
        if options.json { return say(json(result)) }
        for line in result.lines {
            let text = line.hasPrefix("aup encode: ") ? String(line.dropFirst("aup encode: ".count)) : line
            // Those of a failure are errors; quiet processes say nothing else.
            let said = Printer.printable(text)
            let told = "aup encode: " + (said.hasPrefix(name) ? said : "\(name): \(said)")
            say(result.status == 0 ? told : ink.failure(told))
        }
        if result.status != 0, result.lines.isEmpty {
            say(ink.failure("aup encode: \(name): its process ended with status \(result.status)"))
        }
    }

    func conclude(_ outcome: FileBatch.Outcome, _ stand: FileBatch.Progress) {
        leaveNumbers(stand)
        progress?.clear()
        let count = files.inputs.count
        if options.json {
            var object = JSONText()
            object.add("event", "files")
            object.add("command", "encode")
            object.add("files", count)
            object.add("finished", outcome.finished)
            object.add("failed", outcome.failed)
            object.add("stopped", outcome.isStopped)
            object.add("frames", frames)
            object.add("packet_bytes", bytes)
            object.add("seconds", outcome.seconds)
            return say(object.line)
        }
        if outcome.failed > 0 { say(ink.failure("aup encode: \(outcome.failed) of \(count) files failed")) }
        if options.quiet { return }
        if outcome.isStopped {
            say("aup encode: stopped after \(outcome.finished + outcome.failed) of \(count) files")
        } else if options.verbose {
            say("aup encode: \(outcome.finished) files in \(levelText(outcome.seconds)) s")
        }
    }

    private func json(_ result: FileBatch.Result) -> String {
        var object = JSONText()
        object.add("event", "encoded")
        object.add("command", "encode")
        object.add("input", files.inputs[result.item])
        object.add("outputs", files.outputs[result.item])
        object.add("exit", Int(result.status))
        // The process's own objects, as they are.
        let lines = result.lines.filter { $0.hasPrefix("{") && $0.hasSuffix("}") }
        object.add("reports", written: "[" + lines.joined(separator: ",") + "]")
        if let end = lines.last(where: { $0.contains("\"event\":\"end\"") }) {
            frames += Self.number("frames", in: end) ?? 0
            bytes += Self.number("packet_bytes", in: end) ?? 0
        }
        let words = result.lines.filter { !$0.hasPrefix("{") }
        if !words.isEmpty { object.add("said", words.map(Printer.printable)) }
        return object.line
    }

    private static func number(_ key: String, in line: String) -> Int64? {
        let mark = "\"\(key)\":"
        var rest = line[...]
        while !rest.isEmpty {
            if rest.hasPrefix(mark) { return Int64(rest.dropFirst(mark.count).prefix { $0.isASCII && $0.isNumber }) }
            rest = rest.dropFirst()
        }
        return nil
    }

    private func say(_ text: String) {
        progress?.clear()
        Printer.line(text, to: .standardError)
    }
}
