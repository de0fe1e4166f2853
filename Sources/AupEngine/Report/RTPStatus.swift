/// What went over RTP, or came.
///
/// - Thread: any.
public struct RTPStatus: Sendable, Equatable {
    /// Packets and bytes of sound, without headers.
    public var packets: Int64 = 0
    public var bytes: Int64 = 0
    /// Packets that the system did not take, or that were none of ours.
    public var refused: Int64 = 0

    /// Of a receiver: packets that did not come in time, came too late, twice, or after a later one.
    public var lost: Int64 = 0
    public var late: Int64 = 0
    public var duplicates: Int64 = 0
    public var reordered: Int64 = 0
    /// Frames that the next packet repeated, and those that the codec guessed.
    public var repairedFrames: Int64 = 0
    public var guessedFrames: Int64 = 0
    /// Times that another source began.
    public var restarts: Int64 = 0
    /// How long a packet waits that came the shortest way.
    public var targetNanoseconds: Int64?

    /// Of both: interarrival jitter (RFC 3550, section 6.4.1), as it was measured or as a receiver told.
    public var jitterNanoseconds: Int64?
    /// Of a sender: the part that a receiver lost lately, 0 to 1, and the way there and back.
    public var toldLoss: Double?
    public var roundTripNanoseconds: Int64?
    /// Whether sound is awaited.
    public var isWaiting = false
    public var isSender = false

    public init() {}

    /// What went to two places together; of what receivers told the worse.
    func adding(_ other: RTPStatus) -> RTPStatus {
        func worse<Value: Comparable>(_ one: Value?, _ two: Value?) -> Value? { [one, two].compactMap(\.self).max() }
        var sum = self
        sum.packets += other.packets
        sum.bytes += other.bytes
        sum.refused += other.refused
        sum.jitterNanoseconds = worse(jitterNanoseconds, other.jitterNanoseconds)
        sum.toldLoss = worse(toldLoss, other.toldLoss)
        sum.roundTripNanoseconds = worse(roundTripNanoseconds, other.roundTripNanoseconds)
        return sum
    }

    /// Of all packets that were sent as far as it is known here; 0 before there were any.
    public var lossRate: Double {
        packets + lost > 0 ? Double(lost) / Double(packets + lost) : 0
    }
}
