extension SessionDescription {
    /// Reads a description: of its media the first that is sound and of a payload that is spoken here. What is not known is
    /// left alone (RFC 8866, section 5), and lines may end with a line feed alone, as those of most writers do.
    public init(reading bytes: [UInt8]) throws(RTPError) {
        guard bytes.count <= Self.limitBytes else {
            throw .damaged(what: "a description of more than \(Self.limitBytes) bytes")
        }
        var session = Part()
        var media: [Part] = []
        var heading: (name: String, origin: [Substring]) = ("", [])
        for (index, piece) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            let line = piece.last == 0x0D ? piece.dropLast() : piece
            if line.isEmpty { continue }
            let number = index + 1
            guard line.count <= Self.lineBytes else { throw .line(number, what: "more than \(Self.lineBytes) bytes") }
            guard line.count >= 2, line[line.startIndex + 1] == 0x3D, line[line.startIndex] > 0x20 else {
                throw .line(number, what: "no description of a session: a letter and = are missing")
            }
            let value = String(decoding: line.dropFirst(2).filter { $0 >= 0x20 }, as: UTF8.self)
            guard index > 0 || (line.first == Part.version && value == "0") else {
                throw .line(1, what: "a description begins with v=0")
            }
            switch line.first {
            case Part.origin: heading.origin = value.split(separator: " ")
            case Part.name: heading.name = value
            case Part.medium:
                guard media.count < 64 else { throw .line(number, what: "more than 64 media") }
                media.append(try Part(medium: value, line: number))
            default:
                if media.isEmpty {
                    try session.take(line.first, value, line: number)
                } else {
                    try media[media.count - 1].take(line.first, value, line: number)
                }
            }
        }
        guard !media.isEmpty else { throw .damaged(what: "there is no medium in it, no line m=") }
        guard let medium = media.first(where: { $0.isSound && $0.choice != nil }), let choice = medium.choice else {
            throw .unsupported(what: "none of its media is Opus, L16 or L24 over RTP/AVP")
        }
        guard let place = medium.connection ?? session.connection else {
            throw .damaged(what: "it does not say where the sound goes: there is no line c=")
        }
        let origin = heading.origin
        self.init(
            name: heading.name == " " ? "" : heading.name, session: origin.count > 1 ? UInt64(origin[1]) ?? 0 : 0,
            origin: origin.count > 5 ? String(origin[5]) : "", address: place.address, port: medium.port,
            payloadType: choice.type, payload: choice.payload)
        timeToLive = place.timeToLive
        reportPort = medium.isMuxed ? medium.port : medium.reportPort
        packetNanoseconds = medium.packetNanoseconds
        lookAheadFrames = choice.payload.coding == .opus ? medium.lookAheadFrames : nil
        let parameters = medium.parameters[choice.type] ?? [:]
        // What the sender says of what it sends counts; `stereo` is what it would like to be sent (RFC 7587, section 7).
        isStereo = parameters["sprop-stereo"].map { $0 == "1" }
        hasErrorCorrection = parameters["useinbandfec"] == "1"
        hasDiscontinuousTransmission = parameters["usedtx"] == "1"
    }
}

/// The lines of a session, or of one of its media, as far as they matter here.
private struct Part {
    static let (version, origin, name, medium): (UInt8, UInt8, UInt8, UInt8) = (0x76, 0x6F, 0x73, 0x6D)

    var connection: (address: String, timeToLive: Int?)?
    var isSound = false
    var port = 0
    var types: [UInt8] = []
    var maps: [UInt8: RTPPayload?] = [:]
    var parameters: [UInt8: [String: String]] = [:]
    var packetNanoseconds: Int64?
    var lookAheadFrames: Int?
    var reportPort: Int?
    var isMuxed = false

    init() {}

    /// `audio 5004 RTP/AVP 96 97`, `audio 5004/2 RTP/AVP 0`.
    init(medium value: String, line: Int) throws(RTPError) {
        let words = value.split(separator: " ")
        guard words.count >= 4, let port = words[1].split(separator: "/").first.flatMap({ Int($0) }),
            (0...65_535).contains(port)
        else { throw .line(line, what: "a medium is m=audio PORT RTP/AVP NUMBER") }
        self.port = port
        // A port of 0 is a medium that was declined.
        isSound = words[0] == "audio" && ["RTP/AVP", "RTP/AVPF"].contains(words[2]) && port > 0
        types = words[3...].prefix(128).compactMap { UInt8($0) }.filter { $0 < 128 }
    }

    /// The first payload that is spoken here.
    var choice: (type: UInt8, payload: RTPPayload)? {
        for type in types {
            if let mapped = maps[type] {
                if let payload = mapped { return (type, payload) }
            } else if type < 96, let payload = RTPPayload(usualType: type) {
                return (type, payload)
            }
        }
        return nil
    }

    mutating func take(_ letter: UInt8?, _ value: String, line: Int) throws(RTPError) {
        switch letter {
        case UInt8(ascii: "c"): connection = try Self.connection(value, line: line)
        case UInt8(ascii: "a"): try attribute(value, line: line)
        default: return
        }
    }

    /// `IN IP4 239.1.2.3/4`, `IN IP6 ff02::1/2`.
    private static func connection(
        _ value: String, line: Int
    ) throws(RTPError) -> (address: String, timeToLive: Int?) {
        let words = value.split(separator: " ")
        guard words.count == 3, words[0] == "IN", words[1] == "IP4" || words[1] == "IP6" else {
            throw .line(line, what: "an address is c=IN IP4 ADDRESS")
        }
        let parts = words[2].split(separator: "/", omittingEmptySubsequences: false)
        guard let address = parts.first, !address.isEmpty, address.utf8.count <= 253,
            !address.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F })
        else { throw .line(line, what: "an address is missing") }
        var time: Int?
        // What stands behind an IPv6 address is the number of groups.
        if words[1] == "IP4", parts.count > 1 {
            guard let number = Int(parts[1]), (0...255).contains(number) else {
                throw .line(line, what: "how far a group reaches is 0 to 255")
            }
            time = number
        }
        return (String(address), time)
    }

    private mutating func attribute(_ value: String, line: Int) throws(RTPError) {
        let (key, rest) = Self.divided(value, at: ":")
        switch key {
        case "rtpmap":
            let (number, map) = Self.divided(rest, at: " ")
            guard let type = UInt8(number), type < 128 else { throw .line(line, what: "a payload is 0 to 127") }
            maps[type] = .some(Self.payload(map))
        case "fmtp":
            let (number, words) = Self.divided(rest, at: " ")
            guard let type = UInt8(number), type < 128 else { throw .line(line, what: "a payload is 0 to 127") }
            for word in words.split(separator: ";").prefix(64) {
                let (name, value) = Self.divided(Self.trimmed(word), at: "=")
                parameters[type, default: [:]][name.lowercased()] = value
            }
        case "ptime":
            guard let milliseconds = Double(Self.trimmed(rest[...])), milliseconds > 0, milliseconds <= 1000 else {
                return
            }
            packetNanoseconds = Int64(milliseconds * 1e6)
        case "rtcp":
            let number = Self.divided(rest, at: " ").0
            guard let port = Int(number), (1...65_535).contains(port) else {
                throw .line(line, what: "a port is 1 to 65535")
            }
            reportPort = port
        case "rtcp-mux": isMuxed = true
        case SessionDescription.lookAheadKey:
            if let frames = Int(rest), SessionDescription.lookAheadLimits.contains(frames) { lookAheadFrames = frames }
        default: return
        }
    }

    /// `opus/48000/2`, `L16/44100`, in any case; one channel where none is said (RFC 8866, section 6.6). `nil` for others.
    private static func payload(_ map: String) -> RTPPayload? {
        let parts = trimmed(map[...]).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 2, let coding = RTPPayload.Coding(rawValue: parts[0].lowercased()),
            let rate = Int(parts[1]), let channels = parts.count > 2 ? Int(parts[2]) : 1
        else { return nil }
        return RTPPayload(coding, rate: rate, channels: channels)
    }

    private static func divided(_ text: String, at mark: Character) -> (String, String) {
        guard let place = text.firstIndex(of: mark) else { return (text, "") }
        return (String(text[..<place]), String(text[text.index(after: place)...]))
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
