import AupEngine
import AupSound

/// What `aup devices --test` says.
enum DeviceTestText {
    static func lines(_ report: DeviceTestReport) -> [String] {
        var lines = report.sides.flatMap { Self.lines($0, report.scheduling) }
        if let pair = difference(report) {
            lines.append(
                "capture against playback: \(signed(pair.partsPerMillion)) ppm ± \(rounded(pair.uncertaintyPPM, 1))")
        }
        return lines
    }

    private static func lines(_ side: DeviceTestResult, _ scheduling: String?) -> [String] {
        let configuration = side.configuration
        let rate = configuration.format.rate
        var lines = [
            "\(configuration.name) \(side.direction.word): \(configuration.format.summary), "
                + "period \(configuration.periodFrames) frames (\(ProbeText.milliseconds(configuration.periodFrames, rate)) ms), "
                + "buffer \(configuration.bufferFrames) (\(ProbeText.milliseconds(configuration.bufferFrames, rate)) ms)"
        ]
        func add(_ name: String, _ text: String) {
            lines.append("  \(name)\(String(repeating: " ", count: 10 - name.count))\(text)")
        }
        if let hertz = side.rateHertz, let ppm = side.partsPerMillion, let uncertainty = side.uncertaintyPPM {
            add(
                "rate",
                "\(rounded(hertz, 3)) Hz, \(signed(ppm)) ppm ± \(rounded(uncertainty, 1)) against the system clock, "
                    + "from \(rounded(side.seconds, 1)) s")
        } else {
            add(
                "rate",
                side.hasClock ? "unknown: too little to tell; give a longer --duration" : "none: no clock paces it")
        }
        if let jitter = side.periodJitter {
            add("jitter", spread(jitter) + ": between two wake-ups, from what it should be")
        }
        if let latency = side.wakeUpLatency {
            add("wake-up", spread(latency) + ": after a period was there" + (scheduling.map { "; \($0)" } ?? ""))
        }
        add("xruns", "\(side.xruns), \(side.lostFrames) frames lost of \(side.frames + side.lostFrames)")
        return lines
    }

    private static func spread(_ spread: DeviceTestResult.Spread) -> String {
        "mean \(milliseconds(spread.meanNanoseconds)), p99 \(milliseconds(spread.percentile99Nanoseconds)), "
            + "max \(milliseconds(spread.mostNanoseconds)) ms"
    }

    private static func milliseconds(_ nanoseconds: Double) -> String { rounded(nanoseconds / 1e6, 3) }

    private static func signed(_ value: Double) -> String {
        let text = rounded(value, 1)
        return text.hasPrefix("-") ? text : "+" + text
    }

    /// With at most so many decimals, and no locale.
    static func rounded(_ value: Double, _ digits: Int) -> String {
        let rounded = round(value, digits)
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
    }

    private static func round(_ value: Double, _ digits: Int) -> Double {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let rounded = (value * scale).rounded() / scale
        return rounded == 0 ? 0 : rounded
    }

    /// Of both directions of one device: the system's clock drops out.
    private static func difference(_ report: DeviceTestReport) -> (partsPerMillion: Double, uncertaintyPPM: Double)? {
        guard report.sides.count == 2, let capture = report.sides[0].partsPerMillion,
            let playback = report.sides[1].partsPerMillion, let first = report.sides[0].uncertaintyPPM,
            let second = report.sides[1].uncertaintyPPM
        else { return nil }
        return (capture - playback, (first * first + second * second).squareRoot())
    }

    // MARK: - JSON

    static func object(_ report: DeviceTestReport) -> String {
        var object = JSONText()
        object.add("event", "test")
        object.add("device", report.sides.first?.configuration.name)
        object.add("scheduling", report.scheduling)
        object.add("warning", report.warning)
        for direction in [DeviceDirection.capture, .playback] {
            let side = report.sides.first { $0.direction == direction }
            object.add(direction.word, written: side.map { members($0).line } ?? "null")
        }
        object.add("capture_against_playback_ppm", difference(report).map { round($0.partsPerMillion, 3) })
        return object.line
    }

    private static func members(_ side: DeviceTestResult) -> JSONText {
        var object = JSONText()
        object.add("format", side.configuration.format.sampleFormat.name)
        object.add("rate", side.configuration.format.rate)
        object.add("channels", side.configuration.format.channels)
        object.add("period_frames", side.configuration.periodFrames)
        object.add("buffer_frames", side.configuration.bufferFrames)
        object.add("seconds", round(side.seconds, 3))
        object.add("frames", side.frames)
        object.add("lost_frames", side.lostFrames)
        object.add("xruns", side.xruns)
        object.add("wake_ups", side.wakeUps)
        object.add("clock", side.hasClock)
        object.add("measured_rate", side.rateHertz.map { round($0, 4) })
        object.add("ppm", side.partsPerMillion.map { round($0, 3) })
        object.add("ppm_uncertainty", side.uncertaintyPPM.map { round($0, 3) })
        object.add("jitter_ms", written: side.periodJitter.map { members($0).line } ?? "null")
        object.add("wake_up_ms", written: side.wakeUpLatency.map { members($0).line } ?? "null")
        return object
    }

    private static func members(_ spread: DeviceTestResult.Spread) -> JSONText {
        var object = JSONText()
        object.add("mean", round(spread.meanNanoseconds / 1e6, 4))
        object.add("p99", round(spread.percentile99Nanoseconds / 1e6, 4))
        object.add("max", round(spread.mostNanoseconds / 1e6, 4))
        return object
    }
}
