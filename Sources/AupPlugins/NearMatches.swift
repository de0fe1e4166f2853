/// The names closest to a mistyped one, nearest first, at most three: what "did you mean" offers.
///
/// Near means at most two insertions, deletions, substitutions or swaps (one for names of up to three letters), or that
/// one name begins with the other.
func nearMatches(to wanted: String, among names: [String]) -> [String] {
    let wanted = wanted.lowercased()
    let limit = wanted.count <= 3 ? 1 : 2
    var found: [(distance: Int, name: String)] = []
    for name in names {
        let other = name.lowercased()
        let distance = editDistance(Array(wanted.utf8.prefix(64)), Array(other.utf8.prefix(64)))
        if distance <= limit {
            found.append((distance, name))
        } else if wanted.count >= 2, other.hasPrefix(wanted) || wanted.hasPrefix(other) {
            found.append((limit + 1, name))
        }
    }
    return found.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3).map(\.name)
}

/// `; did you mean 'gain'?`, or nothing.
func suggestion(_ names: [String]) -> String {
    names.isEmpty ? "" : "; did you mean " + names.map { "'\($0)'" }.joined(separator: " or ") + "?"
}

/// Optimal string alignment distance (Damerau 1964, restricted).
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var before: [Int] = []
    var previous = Array(0...b.count)
    for (i, x) in a.enumerated() {
        var current = [i + 1]
        for (j, y) in b.enumerated() {
            var best = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (x == y ? 0 : 1))
            if i > 0, j > 0, x == b[j - 1], a[i - 1] == y { best = min(best, before[j - 1] + 1) }
            current.append(best)
        }
        before = previous
        previous = current
    }
    return previous[b.count]
}
