/// A level as a row of letters: a bar to the peak, brighter up to the RMS, and a mark at the highest peak of late.
///
///     ██████████████████████▋   ▏
struct LevelBar {
    /// Letters a bar is made of.
    enum Letters: Sendable {
        /// Unicode's block elements: eight steps a column.
        case blocks
        case ascii
    }

    /// Share of the bar's length for a level, in the middle of IEC 60268-18's limits: half of it is the upper 20 dB.
    static func share(_ decibels: Double) -> Double {
        // No table: this is asked for every mark of every bar.
        switch decibels {
        case 0...: 1
        case -20..<0: 1 + decibels * (0.5 / 20)
        case -30 ..< -20: 0.5 + (decibels + 20) * (0.2 / 10)
        case -40 ..< -30: 0.3 + (decibels + 30) * (0.15 / 10)
        case lowest ..< -40: 0.15 + (decibels + 40) * (0.15 / 20)
        default: 0
        }
    }

    private static let lowest = -60.0

    /// Where green becomes yellow: EBU R 68's alignment level; and where yellow becomes red: what a decoder may overshoot.
    private static let loud = -18.0
    private static let hot = -3.0

    private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

    let columns: Int
    let letters: Letters
    /// Where each colour ends.
    private let zones: [(look: Look, end: Int)]

    init(columns: Int, letters: Letters) {
        self.columns = columns
        self.letters = letters
        let end = { (level: Double) in Int((Self.share(level) * Double(columns)).rounded()) }
        zones = [
            ((.safe, .safePeak), end(Self.loud)), ((.loud, .loudPeak), end(Self.hot)), ((.hot, .hotPeak), columns),
        ]
    }

    /// Draws the bar behind what stands in the line.
    func draw(peak: Double, rms: Double, hold: Double, into line: inout ScreenLine) {
        guard columns > 0 else { return }
        let start = line.columns
        let filled = Self.share(peak) * Double(columns)
        let whole = Int(filled)
        let body = min(whole, Int((Self.share(rms) * Double(columns)).rounded()))
        let eighth = letters == .blocks ? Int((filled - Double(whole)) * 8) : 0
        let mark = hold > Self.lowest ? min(columns - 1, Int(Self.share(hold) * Double(columns))) : -1
        // Runs of one look, not letters one by one: this is drawn thirty times a second for each channel.
        for (zone, end) in zones {
            run(to: start + min(end, body), letters == .blocks ? "█" : "#", zone.body, &line)
            run(to: start + min(end, whole), letters == .blocks ? "█" : "=", zone.peak, &line)
        }
        if eighth > 0, whole < columns { line.add(Self.eighths[eighth], look(at: whole).peak) }
        if start + mark >= line.columns, mark >= 0 {
            line.pad(to: start + mark)
            line.add(letters == .blocks ? "▎" : "|", look(at: mark).body)
        }
        line.pad(to: start + columns)
    }

    private func run(to end: Int, _ letter: String, _ style: ScreenStyle, _ line: inout ScreenLine) {
        line.add(letter, style, times: end - line.columns)
    }

    private typealias Look = (body: ScreenStyle, peak: ScreenStyle)

    private func look(at column: Int) -> Look { zones.first { column < $0.end }?.look ?? (.hot, .hotPeak) }

    /// Names of levels below the bar, each with its last letter's column at the level, as many as have room.
    func scaleLine() -> ScreenLine {
        var letters = [Character](repeating: " ", count: columns)
        var isFree = [Bool](repeating: true, count: columns)
        for level in [0, -20, -10, -40, -60, -30, -6, -3, -50, -15, -25] {
            let name = Array("\(level)")
            let place = Int(Self.share(Double(level)) * Double(columns))
            let first = min(max(0, place - (level == -60 ? 0 : name.count - 1)), columns - name.count)
            guard first >= 0 else { continue }
            let around = max(0, first - 1)..<min(columns, first + name.count + 1)
            guard isFree[around].allSatisfy({ $0 }) else { continue }
            for (index, letter) in name.enumerated() { letters[first + index] = letter }
            for index in around { isFree[index] = false }
        }
        var line = ScreenLine()
        line.add(String(letters), .faint)
        return line
    }
}
