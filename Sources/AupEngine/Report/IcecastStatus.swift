/// What an Icecast server was given.
///
/// - Thread: any.
public struct IcecastStatus: Sendable, Equatable {
    public var isConnected = false
    /// Times that the connection came back.
    public var reconnects: Int64 = 0
    /// Pages of Ogg and their bytes that went to the socket, those that went twice too.
    public var pages: Int64 = 0
    public var bytes: Int64 = 0
    /// Pages that went twice because nobody had acknowledged them.
    public var repeatedPages: Int64 = 0
    /// Frames of sound that the other end acknowledged, that wait, and that are lost: all that there were.
    public var frames: Int64 = 0
    public var spooledFrames: Int64 = 0
    public var lostFrames: Int64 = 0

    public init() {}

    /// What two servers were given together.
    func adding(_ other: IcecastStatus) -> IcecastStatus {
        var sum = self
        sum.isConnected = isConnected && other.isConnected
        sum.reconnects += other.reconnects
        sum.pages += other.pages
        sum.bytes += other.bytes
        sum.repeatedPages += other.repeatedPages
        sum.frames += other.frames
        sum.spooledFrames += other.spooledFrames
        sum.lostFrames += other.lostFrames
        return sum
    }
}
