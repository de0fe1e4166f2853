/// What all subscribers together were given, those who left too.
///
/// - Thread: any.
public struct PublishingStatus: Sendable, Equatable {
    /// Those who are there, and the most there were at one time.
    public var peers: Int64 = 0
    public var mostPeers: Int64 = 0
    /// Those who were not let in, or did not greet.
    public var refused: Int64 = 0
    public var packets: Int64 = 0
    public var frames: Int64 = 0
    public var lostFrames: Int64 = 0
    public var bytes: Int64 = 0

    /// How old sound was when a subscriber was given it, by its capture time, one by one; none where that is unknown.
    public var age = TimeDistribution()
    /// Packets that were older then than the latency that is wanted, and their own length.
    public var latePackets: Int64 = 0
    /// How full the queue is for whoever is furthest behind, and on average: 0 to 1.
    public var fullestQueue = 0.0
    public var meanQueue = 0.0
    /// How far a subscriber may be behind, and for how long packets are gathered for one write, as they are now.
    public var queueNanoseconds: Int64 = 0
    public var gatherNanoseconds: Int64 = 0
    /// Of the last quarter of a second, the part in which subscribers were written to.
    public var load = 0.0
    /// Times there was something to give, and writes to sockets.
    public var rounds: Int64 = 0
    public var writes: Int64 = 0
    /// Each who is there, where that was asked for.
    public var subscribers: [SubscriberStatus] = []

    /// What two places were given together; sizes and loads are the larger ones.
    func adding(_ other: PublishingStatus) -> PublishingStatus {
        var sum = self
        sum.peers += other.peers
        sum.mostPeers += other.mostPeers
        sum.refused += other.refused
        sum.packets += other.packets
        sum.frames += other.frames
        sum.lostFrames += other.lostFrames
        sum.bytes += other.bytes
        sum.age = age.adding(other.age)
        sum.latePackets += other.latePackets
        sum.fullestQueue = max(fullestQueue, other.fullestQueue)
        let all = peers + other.peers
        sum.meanQueue =
            all > 0 ? (meanQueue * Double(peers) + other.meanQueue * Double(other.peers)) / Double(all) : 0
        sum.queueNanoseconds = max(queueNanoseconds, other.queueNanoseconds)
        sum.gatherNanoseconds = max(gatherNanoseconds, other.gatherNanoseconds)
        sum.load = max(load, other.load)
        sum.rounds += other.rounds
        sum.writes += other.writes
        sum.subscribers += other.subscribers
        return sum
    }

    /// Of all frames that were to be given; 0 before there were any.
    public var dropRate: Double {
        frames + lostFrames > 0 ? Double(lostFrames) / Double(frames + lostFrames) : 0
    }
}
