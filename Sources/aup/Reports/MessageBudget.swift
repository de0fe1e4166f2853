/// Keeps a fault that lasts from filling a log: of each kind of message the first few are printed, then one at ever
/// longer intervals, with the number of those that were left out.
///
/// Eight lines, then intervals of 2, 4, 8 … 600 seconds: at most 22 lines of a kind in the first hour and 6 in each one
/// after, so less than 10 kB an hour for any one fault.
struct MessageBudget {
    static let freeLines = 8
    static let longestInterval = 600.0

    private struct Kind {
        var printed = 0
        var left = 0
        var nextTime = 0.0
        var interval = 2.0
    }
    private var kinds: [String: Kind] = [:]

    /// The text to print now for a message of this kind, `nil` to stay silent.
    mutating func admit(_ kind: String, _ text: String, now: Double) -> String? {
        var state = kinds[kind] ?? Kind()
        defer { kinds[kind] = state }
        if state.printed >= Self.freeLines {
            guard now >= state.nextTime else {
                state.left += 1
                return nil
            }
            state.interval = min(state.interval * 2, Self.longestInterval)
        }
        state.printed += 1
        state.nextTime = now + state.interval
        defer { state.left = 0 }
        return state.left == 0 ? text : "\(text) (and \(state.left) more since the last such line)"
    }
}
