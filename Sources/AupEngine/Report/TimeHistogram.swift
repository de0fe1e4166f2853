/// How long something took, of any number of times, in memory that never grows.
///
/// Below 32 ns each nanosecond has a counter, above it each doubling has 32 of equal width, so that a quantile is known to
/// 1/32 (HdrHistogram's layout). Number, sum, least and most are exact, and so is how many were within each of
/// ``TimeDistribution/bounds``.
///
/// - Thread: one at a time.
struct TimeHistogram: Sendable {
    /// 2^5 counters for each doubling.
    private static let precisionBits = 5
    private static let width = 1 << precisionBits
    /// What takes longer than 2^40 ns, 18 minutes, is counted with the longest.
    private static let largestBits = 40
    static let bucketCount = (largestBits - precisionBits + 1) * width

    private var counts = [Int64](repeating: 0, count: bucketCount)
    private var within = [Int64](repeating: 0, count: TimeDistribution.bounds.count)
    private(set) var count: Int64 = 0
    private(set) var sumNanoseconds: Int64 = 0
    private var least: Int64 = .max
    private var most: Int64 = 0

    /// - Parameters:
    ///   - nanoseconds: less than none, as of a stamp that lies ahead, counts as none.
    ///   - times: how many it stands for.
    mutating func add(_ nanoseconds: Int64, times: Int64 = 1) {
        guard times > 0 else { return }
        let value = max(0, nanoseconds)
        counts[Self.bucket(of: value)] += times
        if let bound = TimeDistribution.bounds.firstIndex(where: { value <= $0 }) { within[bound] += times }
        count += times
        let product = value.multipliedReportingOverflow(by: times)
        let (sum, isTooMuch) = sumNanoseconds.addingReportingOverflow(product.partialValue)
        sumNanoseconds = product.overflow || isTooMuch ? .max : sum
        least = min(least, value)
        most = max(most, value)
    }

    /// The place of a value.
    static func bucket(of value: Int64) -> Int {
        guard value >= width else { return Int(value) }
        let bits = Int64.bitWidth - value.leadingZeroBitCount
        guard bits <= largestBits else { return bucketCount - 1 }
        let shift = bits - precisionBits - 1
        return (shift + 1) * width + Int(value >> Int64(shift)) - width
    }

    /// The values of one place; the last has all that is longer too.
    static func values(of bucket: Int) -> ClosedRange<Int64> {
        guard bucket >= width else { return Int64(bucket)...Int64(bucket) }
        let shift = Int64(bucket / width - 1)
        let first = Int64(width + bucket % width) << shift
        return first...(bucket == bucketCount - 1 ? .max : first + (1 << shift) - 1)
    }

    /// The least time that so great a part was within (nearest rank), or up to 1/32 more; `nil` of none.
    func quantile(_ part: Double) -> Int64? {
        guard count > 0 else { return nil }
        let rank = min(count, max(1, Int64((part * Double(count)).rounded(.up))))
        var seen: Int64 = 0
        for (bucket, number) in counts.enumerated() where number > 0 {
            seen += number
            if seen >= rank { return max(least, min(most, Self.values(of: bucket).upperBound)) }
        }
        return most
    }

    var distribution: TimeDistribution {
        var result = TimeDistribution()
        result.count = count
        result.sumNanoseconds = sumNanoseconds
        result.medianNanoseconds = quantile(0.5)
        result.percentile99Nanoseconds = quantile(0.99)
        result.mostNanoseconds = count > 0 ? most : nil
        var sum: Int64 = 0
        result.within = within.map { number in
            sum += number
            return sum
        }
        return result
    }
}
