/// Keeps a device that comes and goes without end, a plug that is loose, from filling a log: the first lines pass at once,
/// then pauses double, to ten minutes. Ten minutes of calm, and it starts anew.
///
/// What came of a pause is told as one change. At most 24 lines in the first hour, 6 in each one after.
///
/// - Thread: any.
struct FlapBudget: Sendable, Equatable {
    static let freeLines = 8
    static let firstPause: Int64 = 2_000_000_000
    static let longestPause: Int64 = 600_000_000_000

    private var lines = 0
    private var pause = firstPause
    /// When the next line may be told.
    private(set) var nextTime: Int64 = .min
    private var lastRestless: Int64 = .min

    /// Something changed, whether it is told or not.
    mutating func changed(now: Int64) {
        if lastRestless != .min, now - lastRestless >= Self.longestPause { self = FlapBudget() }
        lastRestless = now
    }

    /// So many lines were told, at once.
    mutating func told(_ count: Int, now: Int64) {
        for _ in 0..<count {
            lines += 1
            guard lines > Self.freeLines else { continue }
            // Each line has its pause, so that a card with many PCMs says no more than one with a single one.
            nextTime = max(nextTime, now) + pause
            pause = min(pause * 2, Self.longestPause)
        }
    }

    /// Whether nothing would be lost by forgetting it.
    func isCalm(now: Int64) -> Bool { lastRestless == .min || now - lastRestless >= Self.longestPause }
}
