import AupEngine
import AupSound

/// What a session's events and numbers look like on stderr: lines for people, or JSON, and one progress line.
final class SessionReport: SessionObserver {
    private let command: String
    private let options: ReportOptions
    private var budget = MessageBudget()
    private var progress: ProgressLine?
    private var seconds = 0.0
    /// Accounts of subscribers that were told.
    private var accounts = 0
    private let ink: Ink
    private let metrics: MetricsFile?
    /// When the numbers are left there again, where --stats does not say.
    private var nextMetrics = 10.0

    init(_ command: String, _ options: ReportOptions, drawsProgress: Bool = true) {
        self.command = command
        self.options = options
        ink = Ink(options.color)
        metrics = options.prometheus.map(MetricsFile.init)
        if drawsProgress, Printer.drawsOnError, !options.quiet, !options.json { progress = ProgressLine(command) }
    }

    // MARK: - Events

    func session(noticed event: SessionEvent) {
        guard let (kind, text) = words(event) else { return }
        let lines = if case .happened(let event) = event { event.lines } else { [String]() }
        // What answers somebody comes no oftener than they ask.
        guard
            let admitted = !lines.isEmpty || isAccount(event) ? text : budget.admit(kind, text, now: seconds)
        else { return }
        if options.json {
            say(json(event, kind, admitted))
        } else {
            let line = "aup \(command): \(admitted)"
            say(["gap", "underrun", "skip", "warning", "build-failed"].contains(kind) ? ink.loss(line) : line)
            for line in lines { say("  " + Printer.printable(line)) }
        }
    }

    /// As many as there may be subscribers; whoever comes and goes for ever fills no log.
    private func isAccount(_ event: SessionEvent) -> Bool {
        guard options.json, accounts < NetworkConfiguration.clientLimits.upperBound, case .happened(let event) = event,
            event.isAccount
        else { return false }
        accounts += 1
        return true
    }

    private func words(_ event: SessionEvent) -> (kind: String, text: String)? {
        if options.quiet { return nil }
        switch event {
        case .deviceOpened(let configuration, let direction):
            guard options.verbose || options.json else { return nil }
            let verb = direction == .capture ? "capturing from" : "playing to"
            return (
                "device",
                "\(verb) \(configuration.name): \(configuration.format.summary), period \(configuration.periodFrames), "
                    + "buffer \(configuration.bufferFrames) frames\(configuration.isMemoryMapped ? ", mmap" : "")"
            )
        case .gap(let position, let frames, let cause, let origin):
            let seen = origin.isEmpty ? "" : ", seen by \(Printer.printable(origin))"
            return ("gap", "\(frames) frames lost at frame \(position) (\(cause.name)\(seen))")
        case .underrun(let frames): return ("underrun", "nothing to play for \(frames) frames: silence")
        case .skip(let frames): return ("skip", "\(frames) frames left out to catch up with the source")
        case .fileFinished(let path, _, let frames):
            return options.verbose || options.json ? ("file", "\(Printer.printable(path)): \(frames) frames") : nil
        case .fileRemoved(let path, let bytes):
            return ("removed", "removed \(Printer.printable(path)), \(bytes) bytes, to make room")
        case .warning(let text): return ("warning", Printer.printable(text))
        case .note(let text): return options.verbose ? ("note", Printer.printable(text)) : nil
        case .streamEvent(let key, let value):
            return options.verbose || options.json
                ? ("stream", "\(Printer.printable(key))=\(Printer.printable(value))") : nil
        // Told by whoever asked for them.
        case .measured: return nil
        case .happened(let event):
            return event.isQuiet && !options.verbose && !options.json
                ? nil : (event.name, Printer.printable(event.text))
        }
    }

    private func json(_ event: SessionEvent, _ kind: String, _ text: String) -> String {
        var object = JSONText()
        object.add("event", kind)
        object.add("command", command)
        switch event {
        case .gap(let position, let frames, let cause, let origin):
            object.add("position", position)
            object.add("frames", frames)
            object.add("cause", cause.name)
            object.add("origin", origin)
        case .fileFinished(let path, let position, let frames):
            object.add("path", path)
            object.add("position", position)
            object.add("frames", frames)
        case .fileRemoved(let path, let bytes):
            object.add("path", path)
            object.add("bytes", bytes)
        case .deviceOpened(let configuration, let direction):
            object.add("direction", direction == .capture ? "capture" : "playback")
            object.add("device", configuration.name)
            object.add("format", configuration.format.sampleFormat.name)
            object.add("rate", configuration.format.rate)
            object.add("channels", configuration.format.channels)
            object.add("period_frames", configuration.periodFrames)
            object.add("buffer_frames", configuration.bufferFrames)
        case .underrun(let frames), .skip(let frames): object.add("frames", frames)
        case .happened(let event):
            for number in event.numbers { object.add(number.key, number.value) }
            object.add("text", text)
            if !event.lines.isEmpty { object.add("lines", event.lines.map(Printer.printable)) }
        default: object.add("text", text)
        }
        return object.line
    }

    // MARK: - Numbers

    var tickNanoseconds: Int64 { progress != nil ? 100_000_000 : 1_000_000_000 }

    func session(stands status: SessionStatus, isRequested: Bool) {
        seconds = status.seconds
        if isRequested && options.stats != nil || options.stats == nil && seconds >= nextMetrics {
            nextMetrics = seconds + 10
            leaveNumbers(status)
        }
        guard isRequested else {
            progress?.draw(status)
            return
        }
        if options.json {
            say(StatusText.json("status", command, status))
        } else {
            say("aup \(command): \(StatusText.line(status))")
            if options.verbose, let peers = status.publishing {
                for line in PassageText.lines(peers) { say("  " + line) }
            }
        }
    }

    /// Leaves the numbers for a collector, where one is meant; false where that failed just now.
    @discardableResult
    func leaveNumbers(_ status: SessionStatus) -> Bool {
        guard let metrics else { return true }
        do throws(MetricsFile.Failure) {
            try metrics.replace(with: MetricsText.text(status, command: command, stream: metrics.label))
            return true
        } catch {
            say(ink.failure("aup \(command): --prometheus: \(Printer.printable(error.message))"))
            return false
        }
    }

    func conclude(_ outcome: SessionOutcome) {
        leaveNumbers(outcome.status)
        progress?.clear()
        progress = nil
        if options.json {
            say(StatusText.json("end", command, outcome.status, ending: outcome.ending))
        } else {
            if !options.quiet, options.verbose || StatusText.hasLoss(outcome.status) {
                say("aup \(command): \(StatusText.line(outcome.status))")
            }
            if let message = outcome.ending.message {
                say(ink.failure("aup \(command): \(Printer.printable(message))"))
            }
        }
    }

    private func say(_ text: String) {
        progress?.clear()
        Printer.line(text, to: .standardError)
    }
}
