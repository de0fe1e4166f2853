/// What one subscriber was given.
///
/// - Thread: any.
public struct SubscriberStatus: Sendable, Equatable {
    /// Who it is: "process 4711".
    public let name: String
    /// Nanoseconds since it came.
    public let connectedNanoseconds: Int64
    public let packets: Int64
    public let frames: Int64
    public let lostFrames: Int64
    public let gaps: Int64
    public let bytes: Int64
    /// What waits for it, in time and as a part of all that may.
    public let behindNanoseconds: Int64
    public let queueFill: Double
}
