import Foundation
import Testing

/// How much of the processors' time the host of this machine took for others since it was made.
///
/// What keeps time with the clock on the wall cannot be judged while the machine stands still, and no program on it can
/// help: such a test is cancelled with the figure, and neither passes nor fails.
public struct StolenTime {
    /// Shares above this have cost a device its time in tests that pass otherwise.
    public static let bearableShare = 0.02

    private let begun = StolenTime.jiffies()

    public init() {}

    /// Of all processors' time since.
    public var share: Double {
        let now = Self.jiffies()
        return now.all > begun.all ? Double(now.stolen - begun.stolen) / Double(now.all - begun.all) : 0
    }

    /// Cancels the test that runs if something went wrong in time while the host took too much of it.
    public func judge(_ isGood: Bool) throws {
        let share = share
        guard !isGood, share > Self.bearableShare else { return }
        try Test.cancel("the host took \(Int((share * 100).rounded())) % of the processors away meanwhile")
    }

    /// The first line of /proc/stat: user nice system idle iowait irq softirq steal, proc(5).
    private static func jiffies() -> (stolen: Int, all: Int) {
        let text = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)) ?? ""
        let numbers = text.prefix { $0 != "\n" }.split(separator: " ").dropFirst().prefix(8).compactMap { Int($0) }
        return (numbers.count == 8 ? numbers[7] : 0, numbers.reduce(0, +))
    }
}
