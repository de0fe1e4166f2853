/// The words and numbers around a meter's bars.
struct MeterText {
    private let reading: MeterScreen.Reading
    private let isUnicode: Bool
    private let hasNewLoss: Bool

    init(_ reading: MeterScreen.Reading, isUnicode: Bool, hasNewLoss: Bool) {
        self.reading = reading
        self.isUnicode = isUnicode
        self.hasNewLoss = hasNewLoss
    }

    /// Time and format, and what went wrong at the right, where it is looked for.
    func head(width: Int) -> ScreenLine {
        var line = ScreenLine()
        line.add(Self.clock(reading.seconds), .strong)
        if !reading.format.isEmpty { line.add("  " + Self.printable(reading.format), .faint) }
        var news = ScreenLine()
        if let silent = reading.silentSeconds, silent >= 1 { add("silent \(Self.clock(silent))", .notice, to: &news) }
        let style: ScreenStyle = hasNewLoss ? .alarm : .hot
        if reading.gaps > 0 {
            let frames = reading.lostFrames > 0 ? ", \(reading.lostFrames) frames lost" : ""
            add("\(reading.gaps) \(reading.gaps == 1 ? "gap" : "gaps")\(frames)", style, to: &news)
        }
        if reading.xruns > 0 { add("\(reading.xruns) \(reading.xruns == 1 ? "xrun" : "xruns")", style, to: &news) }
        guard news.columns > 0 else { return line }
        // The news are worth more than the format.
        line = line.cut(max(0, width - news.columns - 2))
        line.pad(to: width - news.columns)
        line.add(news)
        return line
    }

    private func add(_ text: String, _ style: ScreenStyle, to line: inout ScreenLine) {
        if line.columns > 0 { line.add("  ") }
        line.add(text, style)
    }

    /// Loudness, and below it what is looked at less often.
    func figures(width: Int) -> [ScreenLine] {
        var first = ScreenLine()
        add("M", reading.momentaryLUFS, to: &first)
        add("S", reading.shortTermLUFS, to: &first)
        add("I", reading.integratedLUFS, to: &first, .strong)
        if width >= 58 { first.add(" LUFS", .faint) }
        add("LRA", reading.lraLU, to: &first)
        if width >= 58 { first.add(" LU", .faint) }
        add("TP", reading.truePeakDBTP, to: &first, (reading.truePeakDBTP ?? -1) > -1 ? .hot : .plain)
        if width >= 63 { first.add(" dBTP", .faint) }
        var second = ScreenLine()
        add("max M", reading.maxMomentaryLUFS, to: &second)
        add("max S", reading.maxShortTermLUFS, to: &second)
        if width >= 40 { second.add(" LUFS", .faint) }
        if let correlation = reading.correlation, !correlation.isNaN {
            let room = width - second.columns - 2 - 12 - 6 - 7
            if room >= 9 {
                second.add("  correlation ", .faint)
                second.add(phase(correlation, columns: min(21, room - (room + 1) % 2)))
            } else {
                second.add("  corr ", .faint)
            }
            // Below nothing, mono loses sound.
            second.add(Self.right(Self.hundredths(correlation), 6), correlation < 0 ? .hot : .plain)
        }
        return [first, second]
    }

    private func add(
        _ name: String, _ value: Double?, to line: inout ScreenLine, _ style: ScreenStyle = .plain
    ) {
        if line.columns > 0 { line.add("  ") }
        line.add(name + " ", .faint)
        line.add(level: value, columns: 5, style)
    }

    /// `-1 ────┼──●─ +1`
    private func phase(_ correlation: Double, columns: Int) -> ScreenLine {
        let place = Int(((max(-1, min(1, correlation)) + 1) / 2 * Double(columns - 1)).rounded())
        var line = ScreenLine()
        line.add("-1 ", .faint)
        for column in 0..<columns {
            if column == place {
                line.add(isUnicode ? "●" : "O", correlation < 0 ? .hot : .safe)
            } else if column == columns / 2 {
                line.add(isUnicode ? "┼" : "+", .faint)
            } else {
                line.add(isUnicode ? "─" : "-", .faint)
            }
        }
        line.add(" +1", .faint)
        return line
    }

    // MARK: - Words

    private static func hundredths(_ value: Double) -> String {
        let whole = Int((max(-1, min(1, value)) * 100).rounded())
        let rest = abs(whole) % 100
        return (whole < 0 ? "-" : "+") + "\(abs(whole) / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// `1:02:03`
    static func clock(_ seconds: Double) -> String {
        let whole = seconds.isFinite ? Int64(max(0, min(1e12, seconds))) : 0
        let two = { (value: Int64) in value < 10 ? "0\(value)" : "\(value)" }
        return "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
    }

    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}
