/// How long something took, of all the times it happened.
///
/// - Thread: any.
public struct TimeDistribution: Sendable, Equatable {
    /// Nanoseconds up to which it is counted how many there were: 1, 2.5, 5 of each decade from 10 µs to 10 s.
    public static let bounds: [Int64] =
        [10_000, 25_000, 50_000].flatMap { first in
            [1, 10, 100, 1000, 10_000, 100_000].map { first * $0 }
        }.sorted() + [10_000_000_000]

    public var count: Int64 = 0
    public var sumNanoseconds: Int64 = 0
    /// What half of them, and 99 of 100, were within, to 1/32; `nil` of none.
    public var medianNanoseconds: Int64?
    public var percentile99Nanoseconds: Int64?
    public var mostNanoseconds: Int64?
    /// How many were within each of ``bounds``.
    public var within: [Int64] = []

    public init() {}

    /// Of two together: what is counted is exact, and what half and 99 of 100 were within is the longer of both.
    func adding(_ other: TimeDistribution) -> TimeDistribution {
        func longer(_ one: Int64?, _ two: Int64?) -> Int64? { [one, two].compactMap(\.self).max() }
        if count == 0 { return other }
        if other.count == 0 { return self }
        var sum = self
        sum.count += other.count
        let (nanoseconds, isTooMuch) = sumNanoseconds.addingReportingOverflow(other.sumNanoseconds)
        sum.sumNanoseconds = isTooMuch ? .max : nanoseconds
        sum.medianNanoseconds = longer(medianNanoseconds, other.medianNanoseconds)
        sum.percentile99Nanoseconds = longer(percentile99Nanoseconds, other.percentile99Nanoseconds)
        sum.mostNanoseconds = longer(mostNanoseconds, other.mostNanoseconds)
        sum.within = zip(within, other.within).map { $0 + $1 }
        return sum
    }

    public var meanNanoseconds: Double? { count > 0 ? Double(sumNanoseconds) / Double(count) : nil }
}
