/// What a receiver was sent.
///
/// - Thread: any.
public struct SendingStatus: Sendable, Equatable {
    public var isConnected = false
    /// Times that the connection came back.
    public var reconnects: Int64 = 0
    /// Frames that a connection took, and those that found none or were on their way into one that broke.
    public var frames: Int64 = 0
    public var lostFrames: Int64 = 0

    /// What two receivers were sent together.
    func adding(_ other: SendingStatus) -> SendingStatus {
        var sum = self
        sum.isConnected = isConnected && other.isConnected
        sum.reconnects += other.reconnects
        sum.frames += other.frames
        sum.lostFrames += other.lostFrames
        return sum
    }
}
