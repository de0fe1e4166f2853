import AupDisplay
import AupEngine
import AupSound

/// What `meter` shows of a stream: lines for programs, or a summary for people.
///
/// Where the sound goes on, standard output is taken, and this goes to standard error; where it does not, this is the
/// product.
final class MeterReport: SessionObserver {
    private let options: MeterOptions
    private let reports: ReportOptions
    private let target: Printer.Target
    private let base: SessionReport
    private var hasHead = false
    /// The terminal, where a person looks on.
    private var screen: TerminalScreen?
    private var picture = MeterScreen(isUnicode: TerminalScreen.isUnicode)
    private let hasColour: Bool

    /// - Parameter isProduct: nothing else comes out of this command.
    init(_ options: MeterOptions, _ reports: ReportOptions, isProduct: Bool) {
        self.options = options
        self.reports = reports
        target = isProduct ? .standardOutput : .standardError
        let isSeen = !reports.quiet && !reports.json && !options.csv
        screen = isSeen ? TerminalScreen(target.rawValue) : nil
        base = SessionReport("meter", reports, drawsProgress: screen == nil)
        hasColour = Ink(reports.color).isUsed
    }

    /// Whether somebody looks at the newest reading all the time.
    var isWatched: Bool { screen != nil }
    var tickNanoseconds: Int64 {
        screen == nil ? base.tickNanoseconds : 1_000_000_000 / Int64(MeterScreen.framesPerSecond)
    }

    func session(terminal change: TerminalChange) {
        switch change {
        case .suspended: screen?.suspend()
        case .resumed: screen?.resume()
        case .resized: screen?.resize()
        }
    }

    func session(noticed event: SessionEvent) {
        guard case .measured(let reading) = event else { return base.session(noticed: event) }
        if options.csv {
            if !hasHead { Printer.line(MeterReading.csvHead, to: target) }
            hasHead = true
            Printer.line(reading.csvRow, to: target)
        } else {
            Printer.line(MeterText.json("levels", reading.json), to: target)
        }
    }

    func session(stands status: SessionStatus, isRequested: Bool) {
        base.session(stands: status, isRequested: isRequested)
        guard let screen, let reading = status.meter else { return }
        picture.take(MeterScreen.Reading(reading))
        screen.show(picture.lines(columns: screen.columns, rows: screen.rows), hasColour: hasColour)
    }

    /// Gives the terminal back.
    func leave() {
        screen?.close()
        screen = nil
    }

    func conclude(_ outcome: SessionOutcome) {
        leave()
        guard reports.json else {
            if let reading = outcome.status.meter, !reports.quiet, !options.csv {
                Printer.line("aup meter: \(MeterText.line(reading))", to: target)
            }
            return base.conclude(outcome)
        }
        var object = JSONText()
        object.add("event", "end")
        object.add("command", "meter")
        if let reading = outcome.status.meter { object.add(reading.summaryJSON) }
        object.add("xruns", outcome.status.xruns)
        object.add("exit", Int64(ExitCodes.code(of: outcome.ending)))
        object.add("message", outcome.ending.message.map(FileName.readable))
        Printer.line(object.line, to: target)
    }
}

/// The words of a meter.
enum MeterText {
    static func json(_ event: String, _ members: JSONText) -> String {
        var object = JSONText()
        object.add("event", event)
        object.add("command", "meter")
        object.add(members)
        return object.line
    }

    static func line(_ reading: MeterReading) -> String {
        var parts = ["integrated \(loudness(reading.integrated))", "range \(levelText(reading.range)) LU"]
        parts.append("max momentary \(loudness(reading.maxMomentary))")
        parts.append("short-term \(loudness(reading.maxShortTerm))")
        parts.append("true peak \(level(reading.total.truePeak)) dBTP")
        parts.append("peak \(level(reading.total.samplePeak)) dBFS")
        parts.append("rms \(level(reading.total.rms)) dBFS")
        if reading.total.clippedSamples > 0 {
            parts.append("\(reading.total.clippedSamples) samples at full scale, \(reading.total.longestClip) in a row")
        }
        if abs(reading.total.offset) >= 0.001 {
            parts.append("dc \((reading.total.offset * 1e4).rounded() / 100) %")
        }
        if reading.notNumbers > 0 { parts.append("\(reading.notNumbers) samples were no numbers") }
        if reading.infinities > 0 { parts.append("\(reading.infinities) were infinite") }
        if reading.lostFrames > 0 { parts.append("\(reading.lostFrames) frames lost in \(reading.gaps) gaps") }
        if reading.formatChanges > 0 { parts.append("format changed \(reading.formatChanges) times") }
        parts.append("\(StatusText.clock(Int64(reading.seconds * 1000), rate: 1000)) of \(reading.format.summary)")
        return parts.joined(separator: ", ")
    }

    static func words(_ gain: Normalization.Gain?, _ plan: Normalization) -> String {
        guard let gain else { return "silence, which no gain brings to \(levelText(plan.target)) LUFS" }
        let sign = gain.decibels < 0 ? "" : "+"
        let limit = gain.isLimited ? ", as much as the true peak allows" : ""
        return "gain \(sign)\(levelText(gain.decibels)) dB to \(levelText(plan.target)) LUFS\(limit)"
    }

    static func loudness(_ value: Double?) -> String { "\(level(value)) LUFS" }
    static func level(_ value: Double?) -> String { levelText(value ?? -.infinity) }
}
