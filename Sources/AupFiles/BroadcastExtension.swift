/// When the first sample of a recording was taken.
///
/// - Thread: any.
public struct RecordingStart: Equatable, Sendable {
    /// Since 1970-01-01 00:00 UTC, leap seconds not counted, as the system's clock has it.
    public var utcNanoseconds: Int64

    public init(utcNanoseconds: Int64) { self.utcNanoseconds = utcNanoseconds }

    private static let dayNanoseconds: Int64 = 86_400_000_000_000

    private var day: Int64 {
        // Floored, so that a clock before 1970 still has a date.
        let whole = utcNanoseconds / Self.dayNanoseconds
        return utcNanoseconds % Self.dayNanoseconds < 0 ? whole - 1 : whole
    }

    /// Frames from midnight UTC to the first sample, rounded to the nearest.
    public func framesSinceMidnight(rate: Int) -> UInt64 {
        let rest = utcNanoseconds - day * Self.dayNanoseconds
        // Seconds apart, because nanoseconds of a day times a rate need more than 64 bits.
        let (seconds, nanoseconds) = (UInt64(rest / 1_000_000_000), UInt64(rest % 1_000_000_000))
        return seconds * UInt64(rate) + (nanoseconds * UInt64(rate) + 500_000_000) / 1_000_000_000
    }

    /// `2026-03-29`, by the Gregorian calendar (days to civil, Howard Hinnant's chrono paper).
    public var date: String {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return
            "\(Self.digits(year, 4))-\(Self.digits(month, 2))-\(Self.digits(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1, 2))"
    }

    /// `01:59:59`.
    public var time: String {
        let seconds = (utcNanoseconds - day * Self.dayNanoseconds) / 1_000_000_000
        return "\(Self.digits(seconds / 3600, 2)):\(Self.digits(seconds / 60 % 60, 2)):\(Self.digits(seconds % 60, 2))"
    }

    private static func digits(_ value: Int64, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}

/// The `bext` chunk of a Broadcast Wave file, version 1 (EBU Tech 3285): who recorded, and when, to the sample.
///
///     0           256         288                  320   330   338            346      348    412          602
///     | description | originator | originator reference | date | time | time reference | version | UMID | reserved |
///
/// - Thread: any.
public struct BroadcastExtension: Equatable, Sendable {
    /// Free text, of which 256 bytes of ASCII are kept; other characters become `?`.
    public var description: String
    public var start: RecordingStart

    /// Bytes of the chunk with its header; always the same, so that the start can be entered later.
    public static let byteCount = 610

    public init(description: String = "", start: RecordingStart) {
        self.description = description
        self.start = start
    }

    func bytes(rate: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        bytes.appendName("bext")
        bytes.appendLittle(UInt64(Self.byteCount - 8), 4)
        bytes += Self.field(description, 256)
        bytes += Self.field("aup", 32)
        bytes += Self.field("", 32)
        bytes += Self.field(start.date, 10)
        bytes += Self.field(start.time, 8)
        bytes.appendLittle(start.framesSinceMidnight(rate: rate), 8)
        bytes.appendLittle(1, 2)
        bytes += [UInt8](repeating: 0, count: 64 + 190)
        return bytes
    }

    private static func field(_ text: String, _ width: Int) -> [UInt8] {
        let ascii = text.unicodeScalars.prefix(width).map { (0x20...0x7E).contains($0.value) ? UInt8($0.value) : 0x3F }
        return ascii + [UInt8](repeating: 0, count: width - ascii.count)
    }
}
