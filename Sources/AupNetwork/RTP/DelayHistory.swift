/// How long the last packets were on their way, on a clock whose zero nobody knows: arrival less timestamp. Only differences
/// mean anything; the least of them is the way without a queue.
///
/// - Thread: any, one at a time.
struct DelayHistory: Sendable {
    /// As many as are kept, and for how long: the clocks of both ends run apart meanwhile, 1 ms at 100 ppm.
    static let countLimit = 1024
    static let nanosecondsLimit: Int64 = 10_000_000_000

    private var inTime: [(arrival: Int64, delay: Int64)] = []
    private var gone = 0
    private var sorted: [Int64] = []

    var isEmpty: Bool { sorted.isEmpty }
    var least: Int64? { sorted.first }

    mutating func note(delay: Int64, arrival: Int64) {
        inTime.append((arrival, delay))
        sorted.insert(delay, at: place(of: delay))
        // The last one always stays.
        while inTime.count - gone > 1,
            inTime.count - gone > Self.countLimit || arrival - inTime[gone].arrival > Self.nanosecondsLimit
        {
            sorted.remove(at: place(of: inTime[gone].delay))
            gone += 1
        }
        // Moved once in a while and not for each.
        if gone > Self.countLimit {
            inTime.removeFirst(gone)
            gone = 0
        }
    }

    /// The delay that so many of a thousand are not above.
    func percentile(perMille: Int) -> Int64? {
        guard !sorted.isEmpty else { return nil }
        return sorted[min((sorted.count * perMille + 999) / 1000, sorted.count) - 1]
    }

    /// Where a delay stands, or would stand: before all that are not less.
    private func place(of delay: Int64) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < delay { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
