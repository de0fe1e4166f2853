/// A place of a stream that is no file and no device.
///
/// - Thread: any.
public enum StreamAddress: Equatable, Hashable, Sendable {
    /// `unix:PATH`: a socket in the file system.
    case unix(path: String)
    /// `tcp:HOST:PORT`, `tcp:[::1]:PORT`, `tcp::PORT`, which is this machine.
    case tcp(host: String, port: Int)

    /// What is wrong with the words, and what would be right.
    public struct Malformed: Error, Equatable, Sendable {
        public let message: String
    }

    /// Reads an address; `nil` for a word of another scheme.
    public init?(_ word: String) throws(Malformed) {
        if let path = Self.rest(word, "unix:") {
            guard !path.isEmpty else {
                throw Malformed(message: "'\(word)': a path is missing, as in unix:/run/aup.sock")
            }
            self = .unix(path: path)
        } else if let rest = Self.rest(word, "tcp:") {
            let (host, port) = try Self.hostAndPort(rest, of: word, example: "tcp:localhost:7000")
            self = .tcp(host: host.isEmpty ? "localhost" : host, port: port)
        } else {
            return nil
        }
    }

    public var word: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .tcp(let host, let port): host.contains(":") ? "tcp:[\(host)]:\(port)" : "tcp:\(host):\(port)"
        }
    }

    /// Whether it is reached from this machine alone, as far as its name says.
    public var isLoopback: Bool {
        switch self {
        case .unix: true
        case .tcp(let host, _): host == "localhost" || host == "::1" || host.hasPrefix("127.")
        }
    }

    static func rest(_ word: String, _ scheme: String) -> String? {
        word.hasPrefix(scheme) ? String(word.dropFirst(scheme.count)) : nil
    }

    /// `HOST:PORT`, `[ADDRESS]:PORT` or `:PORT`.
    static func hostAndPort(
        _ text: String, of word: String, example: String
    ) throws(Malformed) -> (host: String, port: Int) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port)
        else { throw Malformed(message: "'\(word)': a port from 1 to 65535 is missing, as in \(example)") }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw Malformed(message: "'\(word)': an address with colons stands in brackets, as in tcp:[::1]:7000")
        }
        guard host.utf8.count <= 253, !host.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            throw Malformed(message: "'\(word)': this is no name of a machine")
        }
        return (String(host), port)
    }
}
