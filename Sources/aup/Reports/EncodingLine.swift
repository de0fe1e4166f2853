import AupEngine
import AupSound

/// How far an encoder is, in one line: `aup encode   42 %  0:01:02.345  x85.3  97.1 kbit/s  0:20 left`.
enum EncodingLine {
    static func text(_ status: SessionStatus, _ format: PCMFormat) -> String {
        var parts = ["aup encode"]
        let share = status.expectedFrames.map { $0 > 0 ? Double(status.frames) / Double($0) : 1 }
        if let share { parts.append(percent(share)) }
        parts.append(StatusText.clock(status.frames, rate: format.rate))
        let speed = StatusText.speed(status)
        if let speed { parts.append("x\(levelText(speed))") }
        if let bits = status.encoding?.bitsPerSecond { parts.append("\(levelText(bits / 1000)) kbit/s") }
        if let speed, let expected = status.expectedFrames, let left = left(status, expected, speed, format.rate) {
            parts.append("\(left) left")
        }
        if status.lostFrames > 0 { parts.append("lost \(status.lostFrames)") }
        return parts.joined(separator: "  ")
    }

    static func percent(_ share: Double) -> String {
        let text = "\(Int((min(share, 1) * 100).rounded(.down)))"
        return String(repeating: " ", count: 3 - text.count) + text + " %"
    }

    /// `0:20`, `1:02:03`; `nil` where nothing is left, or where the sound comes at its own pace.
    private static func left(_ status: SessionStatus, _ expected: Int64, _ speed: Double, _ rate: Int) -> String? {
        let frames = expected - status.frames
        guard frames > 0, speed > 0 else { return nil }
        let seconds = Double(frames) / Double(rate) / speed
        guard seconds < 1e6 else { return nil }
        return clock(seconds)
    }

    static func clock(_ seconds: Double) -> String {
        let whole = Int(min(seconds, 1e6).rounded(.up))
        let clock = "\(whole / 60 % 60):\(whole % 60 < 10 ? "0" : "")\(whole % 60)"
        return whole < 3600 ? clock : "\(whole / 3600):\(whole / 60 % 60 < 10 ? "0" : "")\(clock)"
    }
}
