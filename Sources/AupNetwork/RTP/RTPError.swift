/// Why bytes are no RTP, no RTCP or no description of a session. The message is one line.
///
/// - Thread: any.
public enum RTPError: Error, Equatable, Sendable {
    /// Fewer bytes than what they begin needs.
    case short(what: String, bytes: Int)
    case version(Int)
    case damaged(what: String)
    /// A line of a description, counted from 1.
    case line(Int, what: String)
    case unsupported(what: String)

    public var message: String {
        switch self {
        case .short(let what, let bytes): "\(what) is cut off after \(bytes) bytes"
        case .version(let number): "RTP of version \(number), and only 2 is spoken"
        case .damaged(let what): what
        case .line(let number, let what): "line \(number): \(what)"
        case .unsupported(let what): what
        }
    }
}

/// Big-endian numbers in a list of bytes; whoever reads has looked that they are there.
extension [UInt8] {
    func half(_ place: Int) -> UInt16 { UInt16(self[place]) << 8 | UInt16(self[place + 1]) }

    func word(_ place: Int) -> UInt32 {
        UInt32(self[place]) << 24 | UInt32(self[place + 1]) << 16 | UInt32(self[place + 2]) << 8
            | UInt32(self[place + 3])
    }

    mutating func append(half: UInt16) {
        append(UInt8(half >> 8))
        append(UInt8(half & 0xFF))
    }

    mutating func append(word: UInt32) {
        append(half: UInt16(word >> 16))
        append(half: UInt16(word & 0xFFFF))
    }
}
