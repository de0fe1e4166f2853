/// `rtp:HOST:PORT` or `rtp:FILE.sdp`, and behind a question mark what else is to be said.
///
///     rtp:192.0.2.7:5004
///     rtp:239.1.2.3:5004?ttl=4&interface=eth0
///     rtp:0.0.0.0:5004?payload=l16/44100/1&delay=10ms
///     rtp:session.sdp
///
/// - Thread: any.
public struct RTPAddress: Equatable, Sendable {
    public enum Place: Equatable, Sendable {
        case host(String, port: Int)
        case description(path: String)
    }

    /// A word behind the question mark.
    public struct Wish: Equatable, Sendable {
        public let key: String
        public let value: String
    }

    public let place: Place
    public let wishes: [Wish]

    /// Reads an address; `nil` for a word of another scheme.
    public init?(_ word: String) throws(StreamAddress.Malformed) {
        guard let rest = StreamAddress.rest(word, "rtp:") else { return nil }
        let mark = rest.firstIndex(of: "?") ?? rest.endIndex
        let place = String(rest[..<mark])
        guard !place.isEmpty else {
            throw StreamAddress.Malformed(
                message: "'\(word)': an address is missing, as in rtp:localhost:5004 or rtp:session.sdp")
        }
        if place.hasSuffix(".sdp") || place.contains("/") {
            self.place = .description(path: place)
        } else {
            let (host, port) = try StreamAddress.hostAndPort(place, of: word, example: "rtp:localhost:5004")
            guard port < 65_535 else {
                throw StreamAddress.Malformed(
                    message: "'\(word)': the port behind it is for reports; give one up to 65534")
            }
            self.place = .host(host.isEmpty ? "localhost" : host, port: port)
        }
        var wishes: [Wish] = []
        for pair in rest[mark...].dropFirst().split(separator: "&") {
            guard let equals = pair.firstIndex(of: "=") else {
                throw StreamAddress.Malformed(message: "'\(word)': '\(pair)' is no key=value")
            }
            wishes.append(Wish(key: String(pair[..<equals]), value: String(pair[pair.index(after: equals)...])))
        }
        self.wishes = wishes
    }
}
