/// A door where the process or the machine has no descriptor left: nobody is let in for a moment, those who wait do so in the
/// kernel, and it is told once a minute.
///
/// - Thread: one at a time; the time is told.
struct DoorPause {
    /// Long enough not to spin, short enough that nobody gives up.
    static let nanoseconds: Int64 = 200_000_000
    private static let silenceNanoseconds: Int64 = 60_000_000_000

    private var until = Int64.min
    private var told: Int64?

    func isOn(_ now: Int64) -> Bool { now < until }

    /// Nobody could be let in; true where that is to be told.
    mutating func begin(_ now: Int64) -> Bool {
        until = now + Self.nanoseconds
        if let told, now - told < Self.silenceNanoseconds { return false }
        told = now
        return true
    }
}

/// How many of those who are turned away at a door are told: eight in ten seconds, since thousands may come.
///
/// - Thread: one at a time; the time is told.
struct KnockBudget {
    private var since = Int64.min
    private var told = 0

    mutating func admits(_ now: Int64) -> Bool {
        if since == .min || now - since >= 10_000_000_000 { (since, told) = (now, 0) }
        told += 1
        return told <= 8
    }
}
