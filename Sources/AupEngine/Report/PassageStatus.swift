/// What went through a line, packet by packet.
///
/// - Thread: any.
public struct PassageStatus: Sendable, Equatable {
    /// Packets of sound, silence and gaps.
    public var packets: Int64 = 0
    /// What each took, from its source until every stage and every output had it, waits for a slow reader included.
    public var processing = TimeDistribution()
    /// How old each was when it came, by the capture time of its first frame; none where another machine's clock or no
    /// clock stamped it.
    public var age = TimeDistribution()
    /// Those that were older than the latency that was asked for and their own length.
    public var latePackets: Int64 = 0

    public init() {}
}
