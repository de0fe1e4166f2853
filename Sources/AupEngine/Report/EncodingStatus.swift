/// The numbers of an encoder.
///
/// - Thread: any.
public struct EncodingStatus: Sendable, Equatable {
    public var codec = ""
    public var packets: Int64 = 0
    /// Bytes of the packets, without what carries them.
    public var bytes: Int64 = 0
    /// Frames at 48 kHz that they stand for.
    public var frames: Int64 = 0
    /// What the codec makes a frame late by: one packet, and the frames it looks ahead.
    public var delayNanoseconds: Int64 = 0

    /// Of the packets so far; `nil` before there is a second to divide by.
    public var bitsPerSecond: Double? {
        frames > 0 ? Double(bytes) * 8 * 48_000 / Double(frames) : nil
    }
}
