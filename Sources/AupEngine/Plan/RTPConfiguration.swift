import AupNetwork
import AupSound

/// How sound goes over RTP and comes from it. Each value has a word, which an address may hold behind a question mark:
/// `rtp:239.1.2.3:5004?ttl=4`.
public struct RTPConfiguration: Sendable, Equatable {
    /// `opus`, `l16`, `l24/96000/8`: what is sent, and what is received where nobody describes it; `nil` is what the sound
    /// is, and what the number of the payload usually means.
    public var payloadWord: String?
    /// Of one packet; the codec's own where it is not said, else 20 ms (RFC 3551, section 4.2).
    public var packetNanoseconds: Int64?
    /// Bytes of sound in one packet at most: what fits into 1280 bytes, which every network carries (RFC 8200, section 5),
    /// with room for headers and a tunnel.
    public var payloadBytes = 1200
    /// Routers that a multicast crosses at most, less one.
    public var hops = 1
    public var interface: String?
    /// Where the description is written.
    public var descriptionPath: String?
    /// What the description calls the session.
    public var name = "aup"
    /// What packets wait at least and at most, above the shortest way.
    public var leastDelayNanoseconds: Int64 = 20_000_000
    public var mostDelayNanoseconds: Int64 = 500_000_000
    /// A source that says nothing for so long is gone.
    public var livenessNanoseconds: Int64 = 10_000_000_000

    public static let packetLimits: ClosedRange<Int64> = 125_000...120_000_000
    public static let payloadLimits = 64...9000
    public static let delayLimits: ClosedRange<Int64> = 0...10_000_000_000
    public static let livenessLimits: ClosedRange<Int64> = 100_000_000...3_600_000_000_000

    public init() {}

    /// The words of ``set(_:_:)``.
    public static let keys = [
        "payload", "ptime", "mtu", "ttl", "interface", "sdp", "name", "delay", "max-delay", "liveness",
    ]

    /// Takes a value by its word.
    ///
    /// - Returns: what is wrong with it; `nil` where nothing is.
    public mutating func set(_ key: String, _ value: String) -> String? {
        switch key {
        case "payload":
            guard RTPPayload(word: value) != nil else {
                return "'\(value)': opus, l16 or l24, and behind it what it is where nobody says, as in l16/44100/1"
            }
            payloadWord = value.lowercased()
        case "ptime":
            guard let time = Self.time(value, Self.packetLimits) else { return "'\(value)': 0.125ms to 120ms" }
            packetNanoseconds = time
        case "mtu":
            guard let bytes = Int(value), Self.payloadLimits.contains(bytes) else {
                return "'\(value)': 64 to 9000 bytes of sound in a packet"
            }
            payloadBytes = bytes
        case "ttl":
            guard let hops = Int(value), (0...255).contains(hops) else { return "'\(value)': 0 to 255" }
            self.hops = hops
        case "interface": interface = value
        case "sdp": descriptionPath = value
        case "name": name = value
        case "delay":
            guard let time = Self.time(value, Self.delayLimits) else { return "'\(value)': 0 to 10s" }
            leastDelayNanoseconds = time
            mostDelayNanoseconds = max(mostDelayNanoseconds, time)
        case "max-delay":
            guard let time = Self.time(value, Self.delayLimits) else { return "'\(value)': 0 to 10s" }
            mostDelayNanoseconds = time
            leastDelayNanoseconds = min(leastDelayNanoseconds, time)
        case "liveness":
            guard let time = Self.time(value, Self.livenessLimits) else { return "'\(value)': 100ms to 1h" }
            livenessNanoseconds = time
        default: return "there is no such word; there are \(Self.keys.joined(separator: ", "))"
        }
        return nil
    }

    private static func time(_ word: String, _ limits: ClosedRange<Int64>) -> Int64? {
        guard let span = TimeSpan(word), case .nanoseconds(let time) = span, limits.contains(time) else { return nil }
        return time
    }

    var payload: RTPPayload? { payloadWord.flatMap { RTPPayload(word: $0) } }

    var bounds: JitterBuffer.Bounds {
        var bounds = JitterBuffer.Bounds()
        (bounds.least, bounds.most) = (leastDelayNanoseconds, mostDelayNanoseconds)
        return bounds
    }
}

extension NetworkConfiguration {
    /// Whether an endpoint's word is one of RTP.
    static func isRTP(_ word: String) -> Bool { word.hasPrefix("rtp:") }

    /// Where a word of RTP leads, and how: what it says itself counts before what options said.
    func rtp(_ word: String) throws(SessionFailure) -> (place: RTPAddress.Place, plan: RTPConfiguration) {
        var plan = rtp
        let address: RTPAddress?
        do throws(StreamAddress.Malformed) {
            address = try RTPAddress(word)
        } catch {
            throw .before(.usage(error.message))
        }
        guard let address else { throw .before(.usage("'\(word)': give rtp:HOST:PORT or rtp:FILE.sdp")) }
        for wish in address.wishes {
            if let complaint = plan.set(wish.key, wish.value) {
                throw .before(.usage("'\(word)': \(wish.key): \(complaint)"))
            }
        }
        return (address.place, plan)
    }
}
