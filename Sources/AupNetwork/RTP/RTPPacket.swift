/// One packet of sound (RFC 3550, section 5.1).
///
/// ```
///     0                   1                   2                   3
///     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///    |V=2|P|X|  CC   |M|     PT      |       sequence number         |
///    |                           timestamp                           |
///    |                synchronisation source (SSRC)                  |
///    |                contributing sources (CSRC), 0 to 15           |
///    |  extension: profile (16), words (16), words …     (X)         |
///    |  payload …                                                    |
///    |                      padding …                  | count  (P)  |
///    +---------------------------------------------------------------+
/// ```
///
/// - Thread: any.
public struct RTPPacket: Equatable, Sendable {
    /// Words behind the fixed header that a profile defines (section 5.3.1).
    public struct Extension: Equatable, Sendable {
        public var profile: UInt16
        /// A multiple of four bytes, at most 262140.
        public var bytes: [UInt8]

        public init(profile: UInt16, bytes: [UInt8]) {
            self.profile = profile
            self.bytes = bytes
        }
    }

    /// 0 to 127.
    public var payloadType: UInt8
    /// For sound: the first packet after a silence (RFC 3551, section 4.1).
    public var hasMarker: Bool
    public var sequence: UInt16
    public var timestamp: UInt32
    public var source: UInt32
    /// At most 15.
    public var contributors: [UInt32] = []
    public var headerExtension: Extension?
    public var payload: [UInt8]

    public static let headerBytes = 12
    /// Bytes of a datagram at most: 65535 without the headers of IP and UDP.
    public static let limitBytes = 65_507

    public init(
        payloadType: UInt8, hasMarker: Bool = false, sequence: UInt16, timestamp: UInt32, source: UInt32,
        payload: [UInt8]
    ) {
        self.payloadType = payloadType & 0x7F
        self.hasMarker = hasMarker
        self.sequence = sequence
        self.timestamp = timestamp
        self.source = source
        self.payload = payload
    }

    /// Whether a datagram is RTCP where both come to one port: its second byte is in the range that RFC 5761, section 4,
    /// leaves to it.
    public static func isControl(_ bytes: [UInt8]) -> Bool { bytes.count > 1 && (192...223).contains(bytes[1]) }

    // MARK: - Bytes

    /// Reads a datagram, with the checks of RFC 3550, appendix A.1.
    public init(_ bytes: [UInt8]) throws(RTPError) {
        guard bytes.count >= Self.headerBytes else { throw .short(what: "an RTP header", bytes: bytes.count) }
        guard bytes.count <= Self.limitBytes else { throw .damaged(what: "a packet of \(bytes.count) bytes") }
        guard bytes[0] >> 6 == 2 else { throw .version(Int(bytes[0] >> 6)) }
        payloadType = bytes[1] & 0x7F
        hasMarker = bytes[1] & 0x80 != 0
        sequence = bytes.half(2)
        timestamp = bytes.word(4)
        source = bytes.word(8)
        var start = Self.headerBytes + 4 * Int(bytes[0] & 15)
        guard bytes.count >= start else { throw .short(what: "a list of sources", bytes: bytes.count) }
        contributors = stride(from: Self.headerBytes, to: start, by: 4).map { bytes.word($0) }
        if bytes[0] & 0x10 != 0 {
            guard bytes.count >= start + 4 else { throw .short(what: "a header extension", bytes: bytes.count) }
            let end = start + 4 + 4 * Int(bytes.half(start + 2))
            guard bytes.count >= end else { throw .short(what: "a header extension", bytes: bytes.count) }
            headerExtension = Extension(profile: bytes.half(start), bytes: Array(bytes[(start + 4)..<end]))
            start = end
        }
        var end = bytes.count
        if bytes[0] & 0x20 != 0 {
            // The last byte counts itself too.
            let padding = Int(bytes[end - 1])
            guard padding > 0, padding <= end - start else { throw .damaged(what: "padding of \(padding) bytes") }
            end -= padding
        }
        payload = Array(bytes[start..<end])
    }

    /// The packet as it is sent.
    ///
    /// - Parameter paddedTo: a multiple of so many bytes, at most 255; 1 for no padding.
    public func bytes(paddedTo multiple: Int = 1) -> [UInt8] {
        precondition(
            contributors.count <= 15 && (1...255).contains(multiple)
                && headerExtension.map { $0.bytes.count % 4 == 0 && $0.bytes.count / 4 <= 65_535 } ?? true)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.headerBytes + 4 * contributors.count + payload.count)
        bytes.append(0x80 | (headerExtension == nil ? 0 : 0x10) | UInt8(contributors.count))
        bytes.append(hasMarker ? payloadType | 0x80 : payloadType)
        bytes.append(half: sequence)
        bytes.append(word: timestamp)
        bytes.append(word: source)
        for contributor in contributors { bytes.append(word: contributor) }
        if let headerExtension {
            bytes.append(half: headerExtension.profile)
            bytes.append(half: UInt16(headerExtension.bytes.count / 4))
            bytes += headerExtension.bytes
        }
        bytes += payload
        let padding = (multiple - bytes.count % multiple) % multiple
        if padding > 0 {
            bytes[0] |= 0x20
            bytes += [UInt8](repeating: 0, count: padding - 1) + [UInt8(padding)]
        }
        return bytes
    }
}
