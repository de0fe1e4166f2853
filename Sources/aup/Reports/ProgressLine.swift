import AupEngine
import AupSound

/// One line on a terminal, drawn over itself.
struct ProgressLine {
    private let command: String
    private var isDrawn = false

    init(_ command: String) {
        self.command = command
    }

    mutating func draw(_ status: SessionStatus) {
        if let now = status.now { return put("aup \(command)  " + PlaybackLine.text(now, status, columns: columns)) }
        guard let format = status.format else { return }
        if command == "encode" { return put(EncodingLine.text(status, format)) }
        var text = "aup \(command)  \(StatusText.clock(status.frames, rate: format.rate))  \(format.summary)"
        text += "  lost \(status.lostFrames)  xruns \(status.xruns)"
        if let latency = status.latencyNanoseconds { text += "  latency \(levelText(Double(latency) / 1e6)) ms" }
        if let ppm = status.drift?.partsPerMillion { text += "  source \(ppm < 0 ? "" : "+")\(levelText(ppm)) ppm" }
        if let peak = status.outputPeakDecibels { text += "  peak \(levelText(peak)) dBFS" }
        put(text)
    }

    mutating func draw(_ text: String) { put("aup \(command)  " + text) }

    /// What is left of a line behind the command's name.
    private var columns: Int { Printer.errorColumns - command.count - 7 }

    private mutating func put(_ text: String) {
        // One column is left free: writing into the last one moves some terminals to the next line.
        Printer.raw("\r\u{1B}[K" + text.prefix(Printer.errorColumns - 1), to: .standardError)
        isDrawn = true
    }

    mutating func clear() {
        guard isDrawn else { return }
        Printer.raw("\r\u{1B}[K", to: .standardError)
        isDrawn = false
    }
}
