/// What somebody may have meant who wrote a word that there is not.
///
/// - Thread: any.
public enum NearWord {
    /// The words nearest to one, at most three, the nearest first: a third of its letters may be slips, or it is how they
    /// begin.
    ///
    /// - Parameters:
    ///   - atMost: slips, however long the word is: of names that differ in a digit more would be another one's.
    ///   - isBeginningEnough: whether a word that goes on as this one begins is near, whatever its length.
    public static func near(
        _ word: String, among words: some Sequence<String>, atMost: Int = .max, isBeginningEnough: Bool = true
    ) -> [String] {
        let most = min(max(1, word.unicodeScalars.count / 3), atMost)
        let near = Set(words).compactMap { candidate -> (slips: Int, word: String)? in
            // What was written and is not there is no advice.
            guard candidate != word else { return nil }
            let slips = slips(between: word, and: candidate)
            if slips <= most { return (slips, candidate) }
            return isBeginningEnough && word.count >= 3 && candidate.hasPrefix(word) ? (most + 1, candidate) : nil
        }
        return near.sorted { ($0.slips, $0.word) < ($1.slips, $1.word) }.prefix(3).map(\.word)
    }

    /// For the end of a message: `; did you mean 'latency'?`, or nothing.
    public static func question(_ word: String, among words: some Sequence<String>) -> String {
        let near = near(word, among: words).map { "'\($0)'" }
        return near.isEmpty ? "" : "; did you mean \(near.joined(separator: " or "))?"
    }

    /// Letters inserted, left out, exchanged or swapped with their neighbour, in whatever case (optimal string alignment
    /// distance).
    public static func slips(between left: String, and right: String) -> Int {
        let a = Array(left.lowercased().unicodeScalars)
        let b = Array(right.lowercased().unicodeScalars)
        // Words longer than any of ours are near to none.
        guard a.count <= 64, b.count <= 64, abs(a.count - b.count) <= 8 else { return max(a.count, b.count) }
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var current = [i + 1]
            for j in b.indices {
                var least = min(last[j + 1] + 1, current[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, beforeLast[j - 1] + 1) }
                current.append(least)
            }
            (beforeLast, last) = (last, current)
        }
        return last[b.count]
    }
}
