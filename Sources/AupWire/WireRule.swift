/// The numbered rules of docs/wire.md that a stream can break. The raw value is the number.
///
/// - Thread: any.
public enum WireRule: Int, CaseIterable, Sendable {
    // The header
    case magic = 1
    case version = 2
    case headerCheck = 3
    case flags = 4
    case unknownCritical = 5
    case criticalFlag = 6
    case checkFlag = 7
    case payloadLength = 8
    // The body
    case padding = 9
    case payloadCheck = 10
    case reserved = 11
    case text = 12
    // The order of packets
    case formatFirst = 13
    case sequence = 14
    case position = 15
    case positionLimit = 16
    case captureTime = 17
    // The end of the bytes
    case cutInPacket = 18
    case noEnd = 19
    case empty = 20
    // What the packets say
    case formatLength = 21
    case codec = 22
    case rateAndChannels = 23
    case clock = 24
    case layout = 25
    case opus = 26
    case audioFrames = 27
    case opusPacket = 28
    case silenceFrames = 29
    case gapFrames = 30
    case eventKey = 31
    case endFields = 32
    case endTotals = 33

    /// `W-01` … as docs/wire.md prints it.
    public var name: String { rawValue < 10 ? "W-0\(rawValue)" : "W-\(rawValue)" }

    /// What the user can do about it.
    var remedy: String {
        switch self {
        case .magic: "give a stream that aup wrote, or name another input with --input"
        case .version, .unknownCritical: "a newer aup wrote it: update this one"
        case .headerCheck, .padding, .payloadCheck: "the bytes were damaged on the way: send them again"
        case .cutInPacket, .noEnd: "the writer was killed or the copy is incomplete; what came before is good"
        case .empty: "look at what the command before this one said"
        default: "the program that wrote it breaks docs/wire.md: update or mend that one"
        }
    }
}
