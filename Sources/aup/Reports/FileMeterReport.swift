import AupEngine
import AupSound

/// What `meter` says of files: a row for each when it is measured, and one for all of them.
final class FileMeterReport {
    private let files: [String]
    private let metering: MeteringConfiguration
    private let options: MeterOptions
    private let reports: ReportOptions
    private let ink: Ink
    /// Where the numbers go.
    private let target: Printer.Target
    private var progress: ProgressLine?
    private var code: Int32 = 0
    private var hasHead = false

    init(
        _ files: [String], _ metering: MeteringConfiguration, _ options: MeterOptions, _ reports: ReportOptions,
        to target: Printer.Target
    ) {
        self.target = target
        self.files = files
        self.metering = metering
        self.options = options
        self.reports = reports
        ink = Ink(reports.color)
        if Printer.drawsOnError, !reports.quiet { progress = ProgressLine("meter") }
    }

    func tick(_ stand: FileMetering.Progress) {
        let many = files.count > 1 ? "  \(stand.files) of \(files.count) files" : ""
        progress?.draw(EncodingLine.percent(stand.share) + many)
    }

    func ended(_ result: FileMetering.Result) {
        progress?.clear()
        let name = Printer.printable(files[result.item])
        for warning in result.warnings where !reports.quiet {
            // Most name their file already.
            let text = Printer.printable(warning)
            complain(ink.loss(text.hasPrefix(name) ? text : "\(name): \(text)"))
        }
        if let message = result.ending.message {
            worsen(ExitCodes.code(of: result.ending))
            let text = Printer.printable(message)
            complain(ink.failure(text.contains(name) ? text : "\(name): \(text)"))
        }
        guard let reading = result.reading else { return }
        if let verdict = metering.verdict(reading) {
            worsen(ExitCodes.code(of: verdict))
            complain(ink.failure("\(name): \(verdict.message ?? "")"))
        }
        tell(reading, files[result.item], "file")
    }

    /// The exit code.
    func conclude(_ outcome: FileMetering.Outcome) -> Int32 {
        progress?.clear()
        if outcome.isStopped { complain("stopped after \(outcome.results.count) of \(files.count) files") }
        if let album = outcome.album, files.count > 1 {
            tell(album, "\(outcome.results.filter { $0.reading != nil }.count) files together", "all")
        }
        return code
    }

    /// Writes down in the files what was measured.
    ///
    /// - Returns: the exit code.
    func tag(_ batch: FileMetering, _ outcome: FileMetering.Outcome) -> Int32 {
        var code: Int32 = 0
        var count = 0
        if !outcome.isWhole, files.count > 1, !reports.quiet {
            complain(ink.loss("not every file was measured whole, so nothing is written of all of them as an album"))
        }
        let isAll = batch.tag(outcome) { file in
            if file.failure == nil { count += 1 } else { code = ExitCodes.failed }
            tell(file)
        } forced: { number in
            ExitCodes.end(128 + number)
        }
        if !isAll { complain("stopped after tags in \(count) of \(files.count) files") }
        return code
    }

    private func tell(_ file: TaggedFile) {
        if let failure = file.failure { return complain(ink.failure(Printer.printable(failure))) }
        guard reports.verbose || reports.json else { return }
        let words = file.tags.map { "\($0.key)=\($0.value)" }
        guard reports.json else {
            let what = words.isEmpty ? "has its tags already" : words.joined(separator: " ")
            return complain("\(Printer.printable(files[file.item])): \(what)")
        }
        var object = JSONText()
        object.add("event", "tagged")
        object.add("command", "meter")
        object.add("path", FileName.readable(files[file.item]))
        object.add("tags", words)
        Printer.line(object.line, to: target)
    }

    private func tell(_ reading: MeterReading, _ name: String, _ kind: String) {
        if reports.json {
            var object = JSONText()
            object.add("event", kind)
            object.add("command", "meter")
            if kind == "file" { object.add("path", FileName.readable(name)) }
            object.add(reading.summaryJSON)
            if let plan = metering.normalization {
                let gain = plan.gain(for: reading)
                object.add("gain_db", gain.map { ($0.decibels * 100).rounded() / 100 })
                object.add("is_peak_limited", gain?.isLimited ?? false)
            }
            return Printer.line(object.line, to: target)
        }
        if options.csv {
            if !hasHead { Printer.line(MeterReading.summaryHead + ",file", to: target) }
            hasHead = true
            return Printer.line(
                reading.summaryRow + "," + Self.quoted(FileName.readable(name)), to: target)
        }
        let gain = metering.normalization.map { ", " + MeterText.words($0.gain(for: reading), $0) } ?? ""
        if files.count == 1 {
            return Printer.line("\(Printer.printable(name)): \(MeterText.line(reading))\(gain)", to: target)
        }
        if !hasHead { Printer.line(Self.head, to: target) }
        hasHead = true
        Printer.line(Self.row(reading, Printer.printable(name) + gain), to: target)
    }

    private static let head = row(
        ["LUFS", "LRA LU", "max M", "max S", "dBTP", "dBFS", "RMS", "length"], "file")

    private static func row(_ reading: MeterReading, _ name: String) -> String {
        let total = reading.total
        let levels = [reading.integrated, reading.range, reading.maxMomentary, reading.maxShortTerm]
        let peaks = [total.truePeak, total.samplePeak, total.rms]
        return row(
            (levels + peaks).map(MeterText.level)
                + [StatusText.clock(Int64(reading.seconds * 1000), rate: 1000)], name)
    }

    /// Columns of nine, the last one as wide as it is.
    private static func row(_ cells: [String], _ name: String) -> String {
        cells.map { cell in String(repeating: " ", count: max(9 - cell.count, 1)) + cell }.joined() + "  " + name
    }

    /// RFC 4180.
    private static func quoted(_ text: String) -> String {
        guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    private func worsen(_ code: Int32) {
        // What could not be read is worse than what is too loud.
        if self.code == 0 || self.code == ExitCodes.thresholdExceeded { self.code = code == 0 ? self.code : code }
    }

    private func complain(_ text: String) {
        progress?.clear()
        Printer.line("aup meter: \(text)", to: .standardError)
    }
}
