import AupFiles

/// A date and a time of day as a calendar on the wall shows them, and their way to UTC and back.
///
/// Days are counted after H. Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013): proleptic Gregorian, exact.
///
/// - Thread: any; a plain value.
struct CivilTime: Equatable, Sendable {
    var year: Int
    var month: Int
    var day: Int
    /// Since midnight.
    var nanosecondOfDay: Int64

    static let daySeconds: Int64 = 86_400

    /// What a clock shows at a moment, this many seconds ahead of UTC.
    init(unixNanoseconds: Int64, offsetSeconds: Int) {
        let local = unixNanoseconds + Int64(offsetSeconds) * 1_000_000_000
        let perDay = Self.daySeconds * 1_000_000_000
        let days = local >= 0 ? local / perDay : (local + 1) / perDay - 1
        nanosecondOfDay = local - days * perDay
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// `nil` when there is no such day in the calendar.
    init?(year: Int, month: Int, day: Int, nanosecondOfDay: Int64) {
        guard (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day) else { return nil }
        self.year = year
        self.month = month
        self.day = day
        self.nanosecondOfDay = nanosecondOfDay
    }

    /// The moment at which a clock so far ahead of UTC shows this.
    func unixNanoseconds(offsetSeconds: Int) -> Int64 {
        (dayNumber * Self.daySeconds - Int64(offsetSeconds)) * 1_000_000_000 + nanosecondOfDay
    }

    /// Whole days since 1970-01-01.
    private var dayNumber: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return Int64(era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468)
    }

    /// The same time of day, days later or earlier.
    func moved(days: Int64) -> CivilTime {
        var moved = CivilTime(
            unixNanoseconds: (dayNumber + days) * Self.daySeconds * 1_000_000_000, offsetSeconds: 0)
        moved.nanosecondOfDay = nanosecondOfDay
        return moved
    }

    private static func days(in month: Int, of year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// `2026-03-29 02:30:00`, with thousandths where there are some.
    var text: String {
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let seconds = nanosecondOfDay / 1_000_000_000
        let thousandths = nanosecondOfDay / 1_000_000 % 1000
        let fraction = thousandths == 0 ? "" : "." + String(String(1000 + thousandths).dropFirst())
        return "\(year)-\(two(Int64(month)))-\(two(Int64(day))) \(two(seconds / 3600)):\(two(seconds / 60 % 60)):"
            + two(seconds % 60) + fraction
    }
}

extension CalendarZone {
    /// What the clock on the wall shows at a moment.
    func civil(_ unixNanoseconds: Int64) -> CivilTime {
        CivilTime(unixNanoseconds: unixNanoseconds, offsetSeconds: offset(unixNanoseconds))
    }

    /// The moment at which the clock on the wall shows this. An hour that is there twice is meant the first time; one
    /// that is left out is that much after the change, as mktime(3) has it: 02:30 of a spring night is 03:30.
    func unixNanoseconds(_ civil: CivilTime) -> Int64 {
        let day = CivilTime.daySeconds * 1_000_000_000
        let guess = civil.unixNanoseconds(offsetSeconds: 0)
        let before = offset(guess - day)
        let after = offset(guess + day)
        let candidates = [before, after].map { civil.unixNanoseconds(offsetSeconds: $0) }
        return candidates.sorted().first { self.civil($0) == civil } ?? candidates[0]
    }

    private func offset(_ unixNanoseconds: Int64) -> Int {
        let seconds = unixNanoseconds / 1_000_000_000
        return offset(at: unixNanoseconds % 1_000_000_000 < 0 ? seconds - 1 : seconds)
    }
}
