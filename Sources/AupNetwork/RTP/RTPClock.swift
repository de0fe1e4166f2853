/// The clock of a stream's timestamps: so many a second for the payload, beginning anywhere (RFC 3550, section 5.1).
///
/// Opus counts 48000 a second whatever its sound is (RFC 7587, section 4.1): +960 for each 20 ms.
///
/// - Thread: any, one at a time.
public struct RTPClock: Equatable, Sendable {
    public let rate: Int
    private let start: UInt32
    /// Frames since the start.
    public private(set) var position: Int64 = 0

    /// - Parameter start: a number that nobody can guess.
    public init(rate: Int, start: UInt32) {
        self.rate = rate
        self.start = start
    }

    public mutating func advance(frames: Int64) { position += frames }

    public var timestamp: UInt32 { timestamp(at: position) }

    public func timestamp(at position: Int64) -> UInt32 { start &+ UInt32(truncatingIfNeeded: position) }
}

/// Timestamps, which have 32 bits, as numbers that never start anew: each is the one nearest to the one before it.
public struct TimestampLine: Equatable, Sendable {
    private var last: Int64?

    public init() {}

    public mutating func extend(_ timestamp: UInt32) -> Int64 {
        guard let last else {
            // Above zero, so that those before the first have numbers too.
            let first = 1 << 32 + Int64(timestamp)
            self.last = first
            return first
        }
        let next = last + Int64(Int32(truncatingIfNeeded: Int64(timestamp) - last))
        self.last = next
        return next
    }
}

/// How much the times between arrivals differ from those between timestamps (RFC 3550, section 6.4.1 and appendix A.8).
///
/// - Thread: any, one at a time.
public struct InterarrivalJitter: Equatable, Sendable {
    private let rate: Int
    private var lastTransit: UInt32?
    /// Sixteen times the jitter.
    private var scaled: UInt32 = 0

    public init(rate: Int) { self.rate = rate }

    /// - Parameter arrival: in nanoseconds.
    public mutating func note(arrival: Int64, timestamp: UInt32) {
        let units = framesAt(arrival, rate: rate)
        let transit = UInt32(truncatingIfNeeded: units) &- timestamp
        defer { lastTransit = transit }
        guard let lastTransit else { return }
        let difference = Int32(bitPattern: transit &- lastTransit).magnitude
        // J(i) = J(i-1) + (|D(i-1,i)| - J(i-1))/16, in integers with the rounding of appendix A.8.
        scaled = scaled &+ difference &- (scaled &+ 8) >> 4
    }

    /// In units of the timestamps.
    public var value: UInt32 { scaled >> 4 }
    public var nanoseconds: Int64 { nanosecondsOf(Int64(value), rate: rate) }
}

/// Frames in so many nanoseconds, exact for times of any length.
func framesAt(_ nanoseconds: Int64, rate: Int) -> Int64 {
    nanoseconds / 1_000_000_000 * Int64(rate) + nanoseconds % 1_000_000_000 * Int64(rate) / 1_000_000_000
}

/// Nanoseconds of so many frames, exact for counts of any length.
func nanosecondsOf(_ frames: Int64, rate: Int) -> Int64 {
    frames / Int64(rate) * 1_000_000_000 + frames % Int64(rate) * 1_000_000_000 / Int64(rate)
}

/// When to tell how it goes: every five seconds, more or less by half, so that many do not tell at once; the first time
/// after half of it, or at once where there are only two (RFC 3550, section 6.2 and 6.3.1, for the few members that we have).
public struct ReportSchedule: Equatable, Sendable {
    public static let intervalNanoseconds: Int64 = 5_000_000_000
    private var due: Int64

    /// - Parameters:
    ///   - chance: 0 to 1.
    ///   - isAtOnce: the first time is now, which unicast may (section 6.2), so that the other end can tell the way there and
    ///     back as soon as it tells anything.
    public init(now: Int64, chance: Double, isAtOnce: Bool = false) {
        due = isAtOnce ? now : now + Self.interval(chance) / 2
    }

    /// Whether it is time; the next time is then set.
    public mutating func isDue(now: Int64, chance: Double) -> Bool {
        guard now >= due else { return false }
        due = now + Self.interval(chance)
        return true
    }

    public var next: Int64 { due }

    private static func interval(_ chance: Double) -> Int64 {
        Int64(Double(intervalNanoseconds) * (0.5 + min(max(chance, 0), 1)))
    }
}
