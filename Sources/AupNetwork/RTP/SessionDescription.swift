/// Where a stream of RTP goes and what its packets hold, as text (SDP, RFC 8866): one medium, sound.
///
///     v=0
///     o=- 3941234567 1 IN IP4 192.0.2.1          who, and when
///     s=studio                                   a name for people
///     c=IN IP4 239.1.2.3/4                       where it goes; of a group how far
///     t=0 0
///     m=audio 5004 RTP/AVP 96                    port, numbers of payloads
///     a=rtpmap:96 opus/48000/2                   what a number means
///     a=fmtp:96 stereo=1;sprop-stereo=1          more of it
///     a=ptime:20                                 milliseconds of a packet
///
/// - Thread: any.
public struct SessionDescription: Equatable, Sendable {
    public var name: String
    /// Who made it: numbers that no other session has.
    public var session: UInt64
    public var origin: String
    /// A numeric address or a name; IPv6 has colons.
    public var address: String
    /// Of a multicast address; `nil` where nothing is said.
    public var timeToLive: Int?
    public var port: Int
    /// Where reports go; the port behind the sound's where nothing is said (RFC 3605).
    public var reportPort: Int?
    public var payloadType: UInt8
    public var payload: RTPPayload
    /// What the sender said of Opus (RFC 7587, section 6.1); `nil` where it said nothing.
    public var isStereo: Bool?
    public var hasErrorCorrection = false
    public var hasDiscontinuousTransmission = false
    public var packetNanoseconds: Int64?
    /// Frames of the codec's look-ahead, which come before the sound and are none. RTP has no word for it, so that this one is
    /// ours: `a=aup-look-ahead:312`; others leave it alone (RFC 8866, section 5).
    public var lookAheadFrames: Int?

    /// Bytes of a description, and of a line of it, at most.
    public static let limitBytes = 65_536
    static let lineBytes = 4096
    static let lookAheadKey = "aup-look-ahead"
    /// A tenth of a second is more than any encoder looks ahead.
    static let lookAheadLimits = 0...4800

    public init(
        name: String, session: UInt64 = 0, origin: String, address: String, port: Int, payloadType: UInt8,
        payload: RTPPayload
    ) {
        self.name = name
        self.session = session
        self.origin = origin
        self.address = address
        self.port = port
        self.payloadType = payloadType
        self.payload = payload
    }

    /// What a receiver decodes: mono only where that was said, because many who send stereo say nothing.
    public var channels: Int {
        payload.coding == .opus ? (isStereo == false ? 1 : 2) : payload.channels
    }

    // MARK: - Writing

    /// The description, its lines ended as RFC 8866, section 5, has them.
    public var text: String {
        let family = address.contains(":") ? "IP6" : "IP4"
        // Of IPv6 the scope says how far (section 5.7).
        let reach = family == "IP4" ? timeToLive.map { "/\($0)" } ?? "" : ""
        var lines = [
            "v=0", "o=- \(session) 1 IN \(origin.contains(":") ? "IP6" : "IP4") \(origin)",
            "s=\(Self.line(name))", "c=IN \(family) \(address)\(reach)", "t=0 0",
            "m=audio \(port) RTP/AVP \(payloadType)", "a=rtpmap:\(payloadType) \(payload.map)",
        ]
        let parameters = self.parameters
        if !parameters.isEmpty { lines.append("a=fmtp:\(payloadType) \(parameters.joined(separator: ";"))") }
        if let packetNanoseconds { lines.append("a=ptime:\(Self.milliseconds(packetNanoseconds))") }
        if let reportPort, reportPort != port + 1 { lines.append("a=rtcp:\(reportPort)") }
        if let lookAheadFrames { lines.append("a=\(Self.lookAheadKey):\(lookAheadFrames)") }
        // Whoever reads it is to listen (section 6.7).
        lines.append("a=recvonly")
        return lines.map { $0 + "\r\n" }.joined()
    }

    private var parameters: [String] {
        guard payload.coding == .opus else { return [] }
        let stereo = isStereo ?? (payload.channels == 2)
        var words = ["stereo=\(stereo ? 1 : 0)", "sprop-stereo=\(stereo ? 1 : 0)"]
        if hasErrorCorrection { words.append("useinbandfec=1") }
        if hasDiscontinuousTransmission { words.append("usedtx=1") }
        return words
    }

    /// A name without what would end its line; never empty (section 5.3).
    private static func line(_ name: String) -> String {
        let text = String(name.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }.map(Character.init))
        return text.isEmpty ? " " : text
    }

    /// `20`, `2.5`: RFC 8866 has decimals too (section 6.4).
    private static func milliseconds(_ nanoseconds: Int64) -> String {
        let thousandths = (nanoseconds + 500) / 1000
        guard thousandths % 1000 != 0 else { return "\(thousandths / 1000)" }
        var digits = String(String(1000 + thousandths % 1000).dropFirst())
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(thousandths / 1000).\(digits)"
    }
}
