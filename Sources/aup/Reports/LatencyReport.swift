import AupEngine
import AupSound

/// `aup devices --latency`: runs clicks round a loop and says what they took.
struct LatencyReport {
    let options: LatencyOptions
    let format: FormatOptions
    let reports: AnswerOptions

    func run() -> Never {
        let input = options.device ?? "default"
        var configuration = SessionConfiguration(
            command: "devices", input: .device(input), outputs: [.device(options.to ?? input)])
        format.apply(to: &configuration)
        configuration.period = options.period
        configuration.buffer = options.buffer
        configuration.latencyClick = Float(amplitude(decibels: options.level?.decibels ?? -20))
        let session = Session(configuration, statsSeconds: nil)
        // The numbers of the test are the report; of the session only what goes wrong is worth a word.
        var quiet = reports
        quiet.quiet = true
        quiet.json = false
        var options = ReportOptions()
        (options.answer, options.stats, options.prometheus) = (quiet, nil, nil)
        let outcome = session.run(observer: SessionReport("devices", options)) { ExitCodes.end(128 + $0) }
        if let message = outcome.ending.message {
            Printer.line("aup devices: \(message)", to: .standardError)
            ExitCodes.end(ExitCodes.code(of: outcome.ending))
        }
        guard let measured = session.measureLatency(), measured.clicks > 0 else { ExitCodes.end(0) }
        tell(measured, outcome.status)
        guard measured.medianFrames != nil else {
            Printer.line(
                "aup devices: none of \(measured.clicks) clicks came back; is the output led to the input, and turned up?",
                to: .standardError)
            ExitCodes.end(ExitCodes.failed)
        }
        ExitCodes.end(0)
    }

    private func tell(_ measured: LatencyMeasurement, _ status: SessionStatus) {
        let rate = status.format?.rate ?? 48_000
        let known = status.latencyNanoseconds.map { Int((Double($0) * Double(rate) / 1e9).rounded()) }
        let device = Int(status.deviceFrames)
        guard !reports.json else {
            var object = JSONText()
            object.add("event", "latency")
            object.add("round_trip_frames", measured.medianFrames)
            object.add("round_trip_ms", measured.medianFrames.map { milliseconds($0, rate) })
            object.add("clicks", measured.clicks)
            object.add("heard", measured.roundTripFrames)
            object.add("rate", rate)
            object.add("device_frames", device)
            object.add("aup_frames", known.map { $0 - device })
            object.add("untold_frames", measured.medianFrames.flatMap { median in known.map { median - $0 } })
            object.add("xruns", status.xruns)
            Printer.line(object.line, to: .standardOutput)
            return
        }
        guard let median = measured.medianFrames else { return }
        let spread = (measured.roundTripFrames.max() ?? 0) - (measured.roundTripFrames.min() ?? 0)
        line(
            "round trip", median, rate,
            "\(measured.roundTripFrames.count) of \(measured.clicks) clicks, spread \(spread) frames")
        line("device", device, rate, "its playback buffer")
        guard let known else { return }
        line("aup", known - device, rate, "from the capture of a frame to that buffer: a period and what waits")
        line("untold", median - known, rate, "converters, cable: what no driver says")
    }

    private func line(_ name: String, _ frames: Int, _ rate: Int, _ words: String) {
        let label = name + String(repeating: " ", count: 12 - name.count)
        Printer.line("\(label)\(frames) frames, \(milliseconds(frames, rate)) ms  (\(words))", to: .standardOutput)
    }

    private func milliseconds(_ frames: Int, _ rate: Int) -> Double {
        (Double(frames) / Double(rate) * 100_000).rounded() / 100
    }
}
