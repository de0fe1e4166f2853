/// The bound on everything that comes from outside. Each is checked before anything is allocated.
public enum Limits {
    /// Channels of one stream.
    public static let channels = 64
    /// Hertz; the slowest telephone band to the fastest converters.
    public static let rates: ClosedRange<Int> = 1_000...768_000
    /// Bytes of one packet's payload.
    public static let payloadBytes = 1 << 20
    /// Bytes of one string on the wire.
    public static let stringBytes = 4096
    /// Threads that encode one file, and files that are encoded at once.
    public static let jobs = 64
    /// Plugins in one chain.
    public static let chainLength = 64
    /// Frames of one device buffer: ten seconds at 192 kHz.
    public static let bufferFrames = 1_920_000
}
