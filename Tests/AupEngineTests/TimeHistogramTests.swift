import Testing

@testable import AupEngine

/// Counted times against times that are sorted.
@Suite struct `A histogram of times` {
    /// Numbers that look like chance and are the same each time (SplitMix64).
    private struct Chance {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    @Test func `has a place for every value, and each place the values that have it`() {
        var expected: Int64 = 0
        for bucket in 0..<TimeHistogram.bucketCount {
            let values = TimeHistogram.values(of: bucket)
            // One behind the other, without a hole and without an overlap.
            guard values.lowerBound == expected else {
                Issue.record("place \(bucket) begins at \(values.lowerBound), not \(expected)")
                return
            }
            #expect(TimeHistogram.bucket(of: values.lowerBound) == bucket)
            #expect(TimeHistogram.bucket(of: values.upperBound) == bucket)
            // A 32nd of what it is at most, and exact below 64.
            if bucket < TimeHistogram.bucketCount - 1 {
                let width = values.upperBound - values.lowerBound + 1
                #expect(values.lowerBound < 64 ? width == 1 : width * 32 <= values.lowerBound)
            }
            expected = values.upperBound &+ 1
        }
        #expect(TimeHistogram.bucketCount == 1152)
        #expect(TimeHistogram.bucket(of: .max) == 1151)
    }

    @Test(arguments: [1, 2, 99, 100, 101, 5000]) func `knows each quantile to a 32nd of it`(number: Int) {
        var chance = Chance(state: UInt64(number))
        var histogram = TimeHistogram()
        var all: [Int64] = []
        for _ in 0..<number {
            // From nanoseconds to minutes, as many of each length.
            let value = Int64(chance.next() >> (24 + chance.next() % 40))
            all.append(value)
            histogram.add(value)
        }
        all.sort()
        for part in [0.001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1] {
            let exact = all[max(0, Int((part * Double(number)).rounded(.up)) - 1)]
            let told = histogram.quantile(part) ?? -1
            #expect(told >= exact && told <= exact + exact / 32, "\(part) of \(number): \(told) for \(exact)")
        }
        let distribution = histogram.distribution
        #expect(distribution.count == Int64(number))
        #expect(distribution.sumNanoseconds == all.reduce(0, +))
        #expect(distribution.mostNanoseconds == all.last)
        #expect(distribution.percentile99Nanoseconds == histogram.quantile(0.99))
        for (bound, count) in zip(TimeDistribution.bounds, distribution.within) {
            #expect(count == Int64(all.count { $0 <= bound }), "within \(bound)")
        }
    }

    @Test func `counts what stands for many as many, and what lies ahead as nothing`() {
        var histogram = TimeHistogram()
        histogram.add(1000, times: 99)
        histogram.add(-5)
        histogram.add(7, times: 0)
        #expect(histogram.count == 100)
        #expect(histogram.sumNanoseconds == 99_000)
        #expect(histogram.quantile(0.01) == 0)
        #expect(histogram.quantile(0.02) == 1000)
    }

    @Test func `of nothing says nothing, and of the longest does not overflow`() {
        var histogram = TimeHistogram()
        #expect(histogram.quantile(0.5) == nil)
        #expect(histogram.distribution.meanNanoseconds == nil)
        #expect(histogram.distribution.mostNanoseconds == nil)
        histogram.add(.max, times: 3)
        #expect(histogram.quantile(0.5) == .max)
        #expect(histogram.distribution.sumNanoseconds == .max)
        #expect(histogram.distribution.within.last == 0)
    }

    @Test func `has bounds that rise, from ten microseconds to ten seconds`() {
        let bounds = TimeDistribution.bounds
        #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 })
        #expect(bounds.first == 10_000 && bounds.last == 10_000_000_000)
    }
}
