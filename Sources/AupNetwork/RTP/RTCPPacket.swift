/// What both ends of RTP tell each other about it (RFC 3550, section 6): several packets in one datagram.
///
/// - Thread: any.
public enum RTCPPacket: Equatable, Sendable {
    /// Somebody who sends: what the time is, and how much was sent.
    case senderReport(SenderReport)
    case receiverReport(source: UInt32, blocks: [ReportBlock])
    /// Who the sources are.
    case descriptions([SourceDescription])
    /// They are gone.
    case bye(sources: [UInt32], reason: String)
    /// Of a type that nobody here knows.
    case other(type: UInt8)

    public struct SenderReport: Equatable, Sendable {
        public var source: UInt32
        public var time: NTPTime
        /// The same moment on the clock of the packets.
        public var timestamp: UInt32
        /// Since the beginning, and bytes without headers and padding.
        public var packets: UInt32
        public var bytes: UInt32
        public var blocks: [ReportBlock]

        public init(
            source: UInt32, time: NTPTime, timestamp: UInt32, packets: UInt32, bytes: UInt32,
            blocks: [ReportBlock] = []
        ) {
            self.source = source
            self.time = time
            self.timestamp = timestamp
            self.packets = packets
            self.bytes = bytes
            self.blocks = blocks
        }
    }

    /// How one source arrives (section 6.4.1).
    public struct ReportBlock: Equatable, Sendable {
        public var source: UInt32
        /// Of 256, since the last report.
        public var fractionLost: UInt8
        /// Since the beginning, 24 bits; duplicates count against it.
        public var lost: Int32
        /// The highest number that came, with its cycles above 16 bits.
        public var highestSequence: UInt32
        /// Of the interarrival times, in units of the timestamps.
        public var jitter: UInt32
        /// The middle 32 bits of the last sender report's time, and 1/65536 s since it came; 0 for none.
        public var lastReport: UInt32
        public var delaySinceLastReport: UInt32

        public init(
            source: UInt32, fractionLost: UInt8, lost: Int32, highestSequence: UInt32, jitter: UInt32,
            lastReport: UInt32, delaySinceLastReport: UInt32
        ) {
            self.source = source
            self.fractionLost = fractionLost
            self.lost = min(max(lost, -0x80_0000), 0x7F_FFFF)
            self.highestSequence = highestSequence
            self.jitter = jitter
            self.lastReport = lastReport
            self.delaySinceLastReport = delaySinceLastReport
        }
    }

    public struct SourceDescription: Equatable, Sendable {
        public var source: UInt32
        /// A name that stays when the number does not (RFC 7022); at most 255 bytes.
        public var canonicalName: String

        public init(source: UInt32, canonicalName: String) {
            self.source = source
            self.canonicalName = canonicalName
        }
    }

    /// How sources arrive at whoever sent this: a sender may tell it too, where it hears others.
    public var blocks: [ReportBlock] {
        switch self {
        case .senderReport(let report): report.blocks
        case .receiverReport(_, let blocks): blocks
        case .descriptions, .bye, .other: []
        }
    }

    /// Types of packets (section 12.1).
    enum Kind { static let (sender, receiver, description, bye): (UInt8, UInt8, UInt8, UInt8) = (200, 201, 202, 203) }
    /// Sources and report blocks of one packet at most: five bits count them.
    public static let countLimit = 31
}

/// A moment as NTP has it: seconds since 1900, 32 bits before the point and 32 behind it (RFC 3550, section 4).
public struct NTPTime: Equatable, Sendable {
    public var bits: UInt64

    public init(bits: UInt64) { self.bits = bits }

    /// - Parameter nanoseconds: since 1970-01-01 UTC.
    public init(unixNanoseconds nanoseconds: Int64) {
        let (seconds, rest) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000)
        // 70 years of 365 days and 17 leap days.
        bits = UInt64(truncatingIfNeeded: seconds + 2_208_988_800) << 32 | (UInt64(rest) << 32) / 1_000_000_000
    }

    /// What reports repeat.
    public var middle: UInt32 { UInt32(truncatingIfNeeded: bits >> 16) }
}
