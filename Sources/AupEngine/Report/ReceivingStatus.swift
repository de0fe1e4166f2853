/// What came through a door for senders.
///
/// - Thread: any.
public struct ReceivingStatus: Sendable, Equatable {
    /// Those who are there, and the most there were at one time.
    public var senders: Int64 = 0
    public var mostSenders: Int64 = 0
    /// Those who were not let in, or did not greet.
    public var refused: Int64 = 0
    /// Of a mix: frames for which a sender that was there had nothing, of all senders together, and frames of theirs that were
    /// left out because they came faster than the mix.
    public var starvedFrames: Int64 = 0
    public var skippedFrames: Int64 = 0
}
