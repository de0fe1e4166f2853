/// The numbers of a source's packets, which have 16 bits, as numbers that never start anew (RFC 3550, appendix A.1 and A.3).
///
/// A new source counts only once two of its packets came in order; so does one that jumped far.
///
/// - Thread: any, one at a time.
public struct RTPSequence: Equatable, Sendable {
    public enum Verdict: Equatable, Sendable {
        /// Its place among all of the source, cycles included.
        case place(Int64)
        /// Not yet: it may be a stray one.
        case doubted
        /// The source began anew; this is the first place of the new count.
        case restarted(Int64)
    }

    /// Numbers that may be missing in one step, and by which a packet may be late.
    public static let dropoutLimit = 3000
    public static let disorderLimit = 100
    /// Packets in order before a source is one.
    static let probation = 2

    private var isValid: Bool
    /// In order so far, while the source is on probation.
    private var inOrder = 0
    private var first: Int64 = 0
    private var highest: Int64 = 0
    /// What would be next of a source that began anew.
    private var afterJump: UInt16?
    private var last: UInt16?
    private var received: Int64 = 0
    private var expectedBefore: Int64 = 0
    private var receivedBefore: Int64 = 0

    /// - Parameter isTrusted: the first packet counts at once; for a source that somebody vouched for.
    public init(isTrusted: Bool = false) { isValid = isTrusted }

    public mutating func take(_ sequence: UInt16) -> Verdict {
        guard isValid else { return prove(sequence) }
        guard received > 0 else { return begin(sequence) }
        let step = Int(Int16(truncatingIfNeeded: Int64(sequence) - highest))
        if step > -Self.disorderLimit, step < Self.dropoutLimit {
            let place = highest + Int64(step)
            highest = max(highest, place)
            afterJump = nil
            received += 1
            return .place(place)
        }
        if afterJump == sequence {
            // Two in order behind the jump: whoever it is began anew and did not say so.
            let place = begin(sequence)
            if case .place(let first) = place { return .restarted(first) }
        }
        afterJump = sequence &+ 1
        return .doubted
    }

    private mutating func prove(_ sequence: UInt16) -> Verdict {
        inOrder = last.map { $0 &+ 1 == sequence } ?? false ? inOrder + 1 : 1
        last = sequence
        guard inOrder >= Self.probation else { return .doubted }
        isValid = true
        return begin(sequence)
    }

    private mutating func begin(_ sequence: UInt16) -> Verdict {
        // Above zero, so that those before the first have numbers too.
        first = 65_536 + Int64(sequence)
        highest = first
        (received, expectedBefore, receivedBefore, afterJump) = (1, 0, 0, nil)
        return .place(first)
    }

    // MARK: - Counts of a report

    /// With the cycles above 16 bits.
    public var highestSequence: UInt32 { UInt32(truncatingIfNeeded: highest - (received > 0 ? 65_536 : 0)) }
    public var expected: Int64 { received > 0 ? highest - first + 1 : 0 }
    /// Those that are missing; duplicates count against them.
    public var lost: Int64 { expected - received }

    /// The part that was lost since this was last asked, of 256 (appendix A.3).
    public mutating func fractionLost() -> UInt8 {
        let (expectedNow, receivedNow) = (expected - expectedBefore, received - receivedBefore)
        (expectedBefore, receivedBefore) = (expected, received)
        let lostNow = expectedNow - receivedNow
        return expectedNow == 0 || lostNow <= 0 ? 0 : UInt8(min(lostNow << 8 / expectedNow, 255))
    }
}
