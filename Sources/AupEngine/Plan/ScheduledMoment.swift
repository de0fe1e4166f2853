public import AupSound

/// A moment as a user names it after `--at` and `--until`: `now`, `+10m`, `20:00`, `06:30:00Z`, `2026-03-29T02:30`.
public enum ScheduledMoment: Equatable, Sendable {
    case now
    /// After now for `--at`, after the start for `--until`.
    case after(TimeSpan)
    /// The next time the clock shows this.
    case timeOfDay(nanoseconds: Int64, isUTC: Bool)
    /// A day too. The offset is what the text says: `Z`, `+02:00`; `nil` is local time.
    case date(year: Int, month: Int, day: Int, nanoseconds: Int64, offsetSeconds: Int?)

    public init?(_ text: String) {
        if text == "now" {
            self = .now
        } else if text.hasPrefix("+") {
            // Frames have no length before a device has told its rate.
            guard let span = TimeSpan(String(text.dropFirst())), case .nanoseconds = span else { return nil }
            self = .after(span)
        } else if let split = text.firstIndex(where: { $0 == "T" || $0 == " " }) {
            self.init(day: text[..<split], time: text[text.index(after: split)...])
        } else if text.contains(":") {
            let isUTC = text.hasSuffix("Z")
            guard let time = Self.timeOfDay(isUTC ? text.dropLast() : text[...]) else { return nil }
            self = .timeOfDay(nanoseconds: time, isUTC: isUTC)
        } else {
            self.init(day: text[...], time: "00:00")
        }
    }

    /// Nanoseconds in 64 bits end in 2262, and the longest time span must still go on top.
    private static let years = 1970...2100

    private init?(day: Substring, time: Substring) {
        let fields = day.split(separator: "-", omittingEmptySubsequences: false)
        guard fields.count == 3, fields[0].count == 4, let year = Self.digits(fields[0]),
            let month = Self.digits(fields[1]), let number = Self.digits(fields[2])
        else { return nil }
        var clock = time
        var offset: Int?
        if clock.hasSuffix("Z") {
            clock = clock.dropLast()
            offset = 0
        } else if let sign = clock.lastIndex(where: { $0 == "+" || $0 == "-" }) {
            guard let ahead = Self.timeOfDay(clock[clock.index(after: sign)...]) else { return nil }
            offset = Int(ahead / 1_000_000_000) * (clock[sign] == "-" ? -1 : 1)
            clock = clock[..<sign]
        }
        guard let nanoseconds = Self.timeOfDay(clock), Self.years.contains(year),
            CivilTime(year: year, month: month, day: number, nanosecondOfDay: nanoseconds) != nil
        else { return nil }
        self = .date(year: year, month: month, day: number, nanoseconds: nanoseconds, offsetSeconds: offset)
    }

    /// `HH:MM`, `HH:MM:SS`, `HH:MM:SS.fff`.
    private static func timeOfDay(_ text: Substring) -> Int64? {
        let fields = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(fields.count), fields[0].count <= 2, fields[1].count == 2, let hours = digits(fields[0]),
            hours < 24, let minutes = digits(fields[1]), minutes < 60
        else { return nil }
        var result = Int64(hours * 3600 + minutes * 60) * 1_000_000_000
        guard fields.count == 3 else { return result }
        let parts = fields[2].split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts[0].count == 2, let seconds = digits(parts[0]), seconds < 60 else {
            return nil
        }
        result += Int64(seconds) * 1_000_000_000
        if parts.count == 2 {
            guard (1...9).contains(parts[1].count), let fraction = digits(parts[1]) else { return nil }
            result += Int64(fraction) * (0..<(9 - parts[1].count)).reduce(1) { power, _ in power * 10 }
        }
        return result
    }

    private static func digits(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.count <= 9, text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return Int(text)
    }
}
