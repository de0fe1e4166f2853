/// What all subscribers together were given, those who left too.
///
/// - Thread: any.
public struct PublishingStatus: Sendable, Equatable {
    /// Those who are there, and the most there were at one time.
    public var peers: Int64 = 0
    public var mostPeers: Int64 = 0
    /// Those who were not let in, or did not greet.
    public var refused: Int64 = 0
    public var frames: Int64 = 0
    public var lostFrames: Int64 = 0
    public var bytes: Int64 = 0

    /// Of all frames that were to be given; 0 before there were any.
    public var dropRate: Double {
        frames + lostFrames > 0 ? Double(lostFrames) / Double(frames + lostFrames) : 0
    }
}
