import AupSound

/// Draws the readings of a meter as lines for a terminal of any size.
///
///     0:01:02  48000 Hz f32 2 channels
///     FL ████████████████████████████████████▋      ▎       -12.3  max  -3.1
///     FR ██████████████████████████████████▍       ▎        -13.0  max  -4.4
///        -60   -50 -40     -30        -20        -10  -6 -3 0
///     M -18.2  S -19.0  I -21.3 LUFS  LRA 6.1 LU  TP -0.8 dBTP
///     max M -14.2  max S -17.0 LUFS  correlation -1 ────┼──●─ +1  0.62
///
/// A plain value: the same readings give the same lines. It remembers what falls slowly, peaks and their marks, and counts
/// time by the readings' own seconds.
///
/// - Thread: one at a time.
public struct MeterScreen: Sendable {
    /// Lines are worth drawing so often.
    public static let framesPerSecond = 30

    /// 20 dB in 1.7 s: IEC 60268-10, type I.
    private static let fallDecibelsPerSecond = 20 / 1.7
    private static let holdSeconds = 2.0
    /// How long news stand out.
    private static let noticeSeconds = 3.0
    private static let longestName = 8

    private struct Needle {
        var peak = -Double.infinity
        var rms = -Double.infinity
        var hold = -Double.infinity
        var heldUntil = 0.0
        var clips: Int64 = 0
        var clippedAt = -Double.infinity
    }

    private let letters: LevelBar.Letters
    private var needles: [Needle] = []
    /// Of the channels, as they are shown.
    private var names: [String] = []
    private var reading = Reading()
    private var lossAt = -Double.infinity

    /// - Parameter isUnicode: the terminal shows Unicode's block elements.
    public init(isUnicode: Bool) {
        letters = isUnicode ? .blocks : .ascii
    }

    /// Takes what a meter says now.
    public mutating func take(_ next: Reading) {
        // A reset or another stream begins anew.
        let isNew = next.seconds < reading.seconds || next.channels.count != needles.count
        if isNew { needles = Array(repeating: Needle(), count: next.channels.count) }
        if isNew || !next.channels.elementsEqual(reading.channels, by: { $0.name == $1.name }) {
            names = next.channels.enumerated().map { Self.name($1, $0) }
        }
        let elapsed = isNew ? 0 : next.seconds - reading.seconds
        for (index, channel) in next.channels.enumerated() {
            needles[index] = Self.moved(needles[index], channel, at: next.seconds, elapsed)
        }
        if isNew {
            lossAt = -.infinity
        } else if next.gaps > reading.gaps || next.xruns > reading.xruns {
            lossAt = next.seconds
        }
        reading = next
    }

    private static func name(_ channel: Reading.Channel, _ index: Int) -> String {
        guard !channel.name.isEmpty else { return "\(index + 1)" }
        return String(String.UnicodeScalarView(MeterText.printable(channel.name).unicodeScalars.prefix(longestName)))
    }

    private static func moved(
        _ needle: Needle, _ channel: Reading.Channel, at seconds: Double, _ elapsed: Double
    ) -> Needle {
        var needle = needle
        let fall = fallDecibelsPerSecond * elapsed
        let peak = level(channel.peakDBFS)
        needle.peak = max(peak, needle.peak - fall)
        needle.rms = level(channel.rmsDBFS)
        if peak >= needle.hold {
            needle.hold = peak
            needle.heldUntil = seconds + holdSeconds
        } else if seconds > needle.heldUntil {
            needle.hold = max(needle.peak, needle.hold - fall)
        }
        if channel.clips > needle.clips { needle.clippedAt = seconds }
        needle.clips = channel.clips
        return needle
    }

    private static func level(_ value: Double?) -> Double {
        guard let value, !value.isNaN else { return -.infinity }
        return value
    }

    // MARK: - Lines

    /// At most `rows` lines, each shorter than `columns`: writing into the last column moves some terminals on.
    public func lines(columns: Int, rows: Int) -> [ScreenLine] {
        let width = columns - 1
        guard width > 0, rows > 0 else { return [] }
        let texts = MeterText(reading, isUnicode: letters == .blocks, hasNewLoss: isNew(lossAt))
        let figures = texts.figures(width: width)
        // Of few rows, loudness has the first and channels the others.
        var lines = rows > 3 ? [texts.head(width: width)] : []
        let below = rows > 4 ? figures : Array(figures.prefix(1))
        let room = rows - lines.count - below.count
        let bars = self.bars(width: width, rows: room)
        lines += bars
        lines += below
        return lines.prefix(rows).map { $0.cut(width) }
    }

    private func isNew(_ seconds: Double) -> Bool { reading.seconds - seconds < Self.noticeSeconds }

    /// Widths of the parts of a channel's line.
    private struct Parts {
        var name: Int
        var bar: Int
        var hasMaximum: Bool
        var hasTruePeak: Bool
        var hasRMS: Bool
        var clips: Int

        static let level = 7
        static let maximum = 11
        static let shortestBar = 8
    }

    private func bars(width: Int, rows: Int) -> [ScreenLine] {
        let count = needles.count
        guard count > 0, rows > 0 else { return [] }
        let hasScale = rows > 1 + (count > 1 ? 1 : 0)
        var room = rows - (hasScale ? 1 : 0)
        let nameWidth = names.map(\.unicodeScalars.count).max() ?? 1
        let least = nameWidth + 1 + Parts.shortestBar + Parts.level + 2
        let stacks = min((count + room - 1) / room, max(1, width / least))
        var shown = min(count, stacks * room)
        var rest: ScreenLine?
        if shown < count {
            room = max(0, room - 1)
            shown = min(count, stacks * room)
            rest = summary(of: shown..<count)
        }
        let each = stacks > 1 ? (width - (stacks - 1) * 2) / stacks : width
        let parts = self.parts(nameWidth, each)
        let bar = LevelBar(columns: parts.bar, letters: letters)
        var lines: [ScreenLine] = []
        let perStack = stacks > 0 ? (shown + stacks - 1) / stacks : 0
        for row in 0..<perStack {
            var line = ScreenLine(columns: width)
            for stack in 0..<stacks {
                let channel = stack * perStack + row
                guard channel < shown else { break }
                line.pad(to: stack * (each + 2))
                draw(channel, parts, bar, into: &line)
            }
            lines.append(line)
        }
        if hasScale, shown > 0 {
            var line = ScreenLine()
            for stack in 0..<min(stacks, shown) {
                line.pad(to: stack * (each + 2) + parts.name + 1)
                line.add(bar.scaleLine())
            }
            lines.append(line)
        }
        if let rest { lines.append(rest) }
        return lines
    }

    private func parts(_ nameWidth: Int, _ width: Int) -> Parts {
        let clips = needles.map(\.clips).max() ?? 0
        var parts = Parts(
            name: nameWidth, bar: 0, hasMaximum: false, hasTruePeak: false, hasRMS: false,
            clips: clips > 0 ? 6 + "\(clips)".count : 0)
        var rest = width - nameWidth - 1 - Parts.level
        // The bar comes first, then what a glance asks for.
        if rest - parts.clips < Parts.shortestBar { parts.clips = 0 }
        rest -= parts.clips
        let wish = 24
        if rest - Parts.maximum >= wish {
            parts.hasMaximum = true
            rest -= Parts.maximum
        }
        if rest - Parts.maximum >= wish + 8, reading.channels.contains(where: { $0.rmsDBFS != nil }) {
            parts.hasRMS = true
            rest -= Parts.maximum
        }
        if rest - Parts.maximum >= wish + 16, reading.channels.contains(where: { $0.truePeakDBTP != nil }) {
            parts.hasTruePeak = true
            rest -= Parts.maximum
        }
        parts.bar = max(0, rest)
        return parts
    }

    private func draw(_ channel: Int, _ parts: Parts, _ bar: LevelBar, into line: inout ScreenLine) {
        let (needle, values) = (needles[channel], reading.channels[channel])
        let start = line.columns
        line.add(names[channel], .strong)
        line.pad(to: start + parts.name + 1)
        bar.draw(peak: needle.peak, rms: needle.rms, hold: needle.hold, into: &line)
        line.add(level: values.peakDBFS.map { _ in needle.peak }, columns: Parts.level)
        if parts.hasRMS { add("  rms", values.rmsDBFS, to: &line) }
        if parts.hasTruePeak { add("   tp", values.truePeakDBTP, to: &line) }
        if parts.hasMaximum { add("  max", values.maxPeakDBFS, to: &line) }
        if parts.clips > 0, values.clips > 0 {
            line.add(" ")
            line.add("clip \(values.clips)", isNew(needle.clippedAt) ? .alarm : .hot)
        }
    }

    private func add(_ name: String, _ value: Double?, to line: inout ScreenLine) {
        line.add(name, .faint)
        line.add(level: value, columns: Parts.maximum - name.utf8.count, (value ?? -1) >= 0 ? .hot : .plain)
    }

    /// Channels that have no line: how many, and the loudest of them.
    private func summary(of channels: Range<Int>) -> ScreenLine {
        var line = ScreenLine()
        let clips = channels.reduce(0) { $0 + reading.channels[$1].clips }
        line.add("\(channels.count) more", .faint)
        if let loudest = channels.max(by: { needles[$0].peak < needles[$1].peak }), needles[loudest].peak.isFinite {
            line.add(", loudest \(names[loudest]) \(levelText(needles[loudest].peak)) dBFS", .faint)
        }
        if clips > 0 { line.add(" clip \(clips)", .hot) }
        return line
    }
}
