public import AupSound

/// One unit of the stream, as ``PacketDecoder/next()`` hands it out.
///
/// - Thread: any, one at a time: the view inside an audio packet belongs to its decoder.
public enum Packet {
    /// How to read what follows. The first packet of a stream, and again whenever the format changes.
    case format(StreamDescription)
    case audio(AudioPacket)
    case silence(SilencePacket)
    case gap(GapPacket)
    case event(EventPacket)
    case end(EndPacket)
}

/// Sound: whole frames of PCM, or one Opus packet.
@safe public struct AudioPacket {
    /// Frames of the stream before the first one of this packet.
    public let position: Int64
    /// When the first frame was captured, on the clock of the format packet; `nil` when nobody knows.
    public let captureTime: Int64?
    /// Frames by which this packet moves the position.
    public let frames: Int
    /// Whether the writer protected the payload with a check (which held).
    public let isChecked: Bool
    /// The samples or the Opus packet, aligned to eight bytes for PCM.
    ///
    /// Valid until the decoder is next given bytes or asked for room.
    @unsafe public let payload: UnsafeRawBufferPointer
    /// The whole packet as it lay on the wire, header included, where it came from there; valid as long as the payload.
    /// Whoever writes a stream that is the same so far passes it on without copying a sample.
    @unsafe public let wire: UnsafeRawBufferPointer?

    @unsafe public init(
        position: Int64, captureTime: Int64?, frames: Int, isChecked: Bool = false, payload: UnsafeRawBufferPointer,
        wire: UnsafeRawBufferPointer? = nil
    ) {
        self.position = position
        self.captureTime = captureTime
        self.frames = frames
        self.isChecked = isChecked
        unsafe self.payload = unsafe payload
        unsafe self.wire = unsafe wire
    }
}

/// Frames of silence that were not sent, because they hold nothing.
public struct SilencePacket: Equatable, Sendable {
    public let position: Int64
    public let captureTime: Int64?
    /// At least one.
    public let frames: Int64

    public init(position: Int64, captureTime: Int64?, frames: Int64) {
        self.position = position
        self.captureTime = captureTime
        self.frames = frames
    }
}

/// Frames that were lost and are not in the stream; positions go on as if they were.
public struct GapPacket: Equatable, Sendable {
    public let position: Int64
    public let captureTime: Int64?
    /// At least one.
    public let frames: Int64
    public let cause: GapCause
    /// Who noticed, for people: `capture hw:0`. May be empty.
    public let seenBy: String

    public init(position: Int64, captureTime: Int64?, frames: Int64, cause: GapCause, seenBy: String) {
        self.position = position
        self.captureTime = captureTime
        self.frames = frames
        self.cause = cause
        self.seenBy = seenBy
    }
}

/// A remark at a position: a title, a mark, a file's name, an xrun without loss. Moves nothing.
public struct EventPacket: Equatable, Sendable {
    public let position: Int64
    public let captureTime: Int64?
    /// `a-z 0-9 _ . -`, at least one.
    public let key: String
    public let value: String

    public init(position: Int64, captureTime: Int64?, key: String, value: String) {
        self.position = position
        self.captureTime = captureTime
        self.key = key
        self.value = value
    }
}

/// The last packet of a stream: why it ends, and how much it was.
public struct EndPacket: Equatable, Sendable {
    /// Frames of the stream, silence and gaps included, since its first format packet; the position it ends at is
    /// this much after the one it began at.
    public let totalFrames: Int64
    /// How many of them were lost.
    public let lostFrames: Int64
    public let reason: EndReason
    /// For an error its exit code or errno, 0 where there is none.
    public let code: Int32
    /// For an error what failed, in one line. May be empty.
    public let message: String

    public init(totalFrames: Int64, lostFrames: Int64, reason: EndReason, code: Int32 = 0, message: String = "") {
        self.totalFrames = totalFrames
        self.lostFrames = lostFrames
        self.reason = reason
        self.code = code
        self.message = message
    }
}

/// The bounds that are the stream's own; ``AupSound/Limits`` holds those it shares with the other rooms.
public enum WireLimits {
    /// The last position there is, 2^53: exact also where numbers are doubles, as in JSON. 5900 years at 48 kHz.
    public static let position: Int64 = 1 << 53
    /// Bytes of an event's key.
    public static let keyBytes = 64
    /// Frames one Opus packet can hold: 120 ms.
    public static let opusFrames = 5760
}
