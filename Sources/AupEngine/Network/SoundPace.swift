import AupSound

/// When sound is due that is not live: at the pace at which it sounds, from a moment on.
///
/// A source or a process that stood still goes on from where it is: what is later than half a second is not made up for, or
/// it would go out in one burst, which no receiver's buffer holds.
///
/// - Thread: one at a time; the time is told.
struct SoundPace: Sendable {
    static let mostLateNanoseconds: Int64 = 500_000_000

    private let rate: Int
    private let first: Int64
    private let leadNanoseconds: Int64
    /// When the first frame is heard.
    private var start: Int64

    /// - Parameters:
    ///   - position: of the frame that is heard now.
    ///   - lead: how far ahead of its time it may go.
    init(rate: Int, position: Int64, lead: Int64 = 0, now: Int64) {
        (self.rate, first, leadNanoseconds, start) = (rate, position, lead, now)
    }

    /// Nanoseconds until the frame of a position may go; none where it may.
    mutating func rest(until position: Int64, now: Int64) -> Int64 {
        let due = start + TimeSpan.frames(position - first).nanoseconds(rate: rate) - leadNanoseconds
        if now - due > Self.mostLateNanoseconds { start += now - due }
        return max(0, due - now)
    }
}
