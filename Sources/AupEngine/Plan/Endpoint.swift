/// Where sound comes from or goes to, as a user names it after `-i` and `-o`.
public enum Endpoint: Equatable, Sendable {
    /// `-`: standard input or output.
    case standardStream
    /// A path, of a regular file, a FIFO or a device node.
    case file(String)
    /// `unix:PATH` or `tcp:HOST:PORT`: as an input a stream that is published there, as an output one that is published.
    /// `rtp:HOST:PORT`: sent there, or received there; `rtp:FILE.sdp` is received as the file says.
    case network(String)
    /// `alsa:NAME` or `sim:…`: the name as `-D` takes it.
    case device(String)

    /// A scheme that this version does not speak.
    public struct UnknownScheme: Error, Equatable, Sendable {
        public let word: String
        public var message: String {
            "endpoint '\(word)': there is no such kind of endpoint here; use '-', a path (./\(word) for a file of that "
                + "name), alsa:NAME, sim:NAME, unix:PATH or tcp:HOST:PORT"
        }
    }

    public init(_ word: String) throws(UnknownScheme) {
        if word == "-" {
            self = .standardStream
        } else if word.hasPrefix("alsa:"), word.count > 5 {
            self = .device(String(word.dropFirst(5)))
        } else if word.hasPrefix("sim:") {
            self = .device(word)
        } else if word.hasPrefix("unix:") && word.count > 5 || word.hasPrefix("tcp:") && word.count > 4
            || word.hasPrefix("rtp:") && word.count > 4
        {
            self = .network(word)
        } else if ["unix:", "tcp:", "rtp:", "icecast:", "alsa:"].contains(where: word.hasPrefix) || word.isEmpty {
            throw UnknownScheme(word: word)
        } else {
            self = .file(word)
        }
    }

    /// Whether it takes any stream of ours as it is.
    public var isStream: Bool {
        switch self {
        case .standardStream, .network: true
        case .file(let path): path.hasSuffix(".aup")
        case .device: false
        }
    }

    /// How reports call it.
    public var name: String {
        switch self {
        case .standardStream: "-"
        case .file(let path): path
        case .device(let name), .network(let name): name
        }
    }
}
