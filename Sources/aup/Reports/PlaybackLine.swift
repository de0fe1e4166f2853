import AupEngine
import AupSound

/// What a listener sees while files play: where they are, how loud it is, and what went wrong with the device.
///
///     2/12 Artist - Title  0:01:02 / 0:03:20  [########----]  -9.3 dBFS  xruns 0
enum PlaybackLine {
    /// Decibels of the bar's whole length below full scale, and its cells.
    private static let range = 48.0
    private static let cells = 12
    /// What is left of a name in a narrow window.
    private static let shortestName = 12

    static func text(_ now: NowPlaying, _ status: SessionStatus, columns: Int) -> String {
        var tail = "  \(time(now.seconds))"
        if let total = now.totalSeconds { tail += " / \(time(total))" }
        tail += now.isPaused ? "  paused" : "  \(bar(now.levelDecibels))"
        if !now.isPaused, let level = now.levelDecibels, level > -200 { tail += " \(levelText(level)) dBFS" }
        tail += "  xruns \(status.xruns)"
        if let ppm = status.drift?.partsPerMillion { tail += "  source \(ppm < 0 ? "" : "+")\(levelText(ppm)) ppm" }
        let number = now.count > 1 ? "\(now.number)/\(now.count) " : ""
        let room = max(columns - number.count - tail.count, shortestName)
        return number + shortened(Printer.printable(now.title ?? fileName(now.file)), room) + tail
    }

    private static func fileName(_ path: String) -> String {
        path == "-" ? "standard input" : path.split(separator: "/").last.map(String.init) ?? path
    }

    private static func shortened(_ text: String, _ room: Int) -> String {
        text.count <= room ? text : text.prefix(room - 1) + "…"
    }

    private static func bar(_ decibels: Double?) -> String {
        let share = max(0, min(1, ((decibels ?? -range) + range) / range))
        let full = Int((share * Double(cells)).rounded())
        return "[" + String(repeating: "#", count: full) + String(repeating: "-", count: cells - full) + "]"
    }

    /// `1:02:03`, as long as it needs to be: tenths of a second are of no use to a listener.
    private static func time(_ seconds: Double) -> String {
        let whole = Int64(max(0, seconds))
        let two = { (value: Int64) in value < 10 ? "0\(value)" : "\(value)" }
        return "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
    }
}
