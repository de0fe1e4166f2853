import AupALSA
import AupNetwork
import AupSound
import AupSystem

/// Where sound comes from or goes to, as a user names it after `-i` and `-o`.
public enum Endpoint: Equatable, Sendable {
    /// `-`: standard input or output.
    case standardStream
    /// A path, of a regular file, a FIFO or a device node.
    case file(String)
    /// `unix:PATH` or `tcp:HOST:PORT`: as an input a stream that is published there, as an output one that is published.
    /// `rtp:HOST:PORT`: sent there, or received there; `rtp:FILE.sdp` is received as the file says.
    /// `icecast://HOST/MOUNT`: sent there.
    case network(String)
    /// `alsa:NAME` or `sim:…`: the name as `-D` takes it.
    case device(String)

    /// A scheme that this version does not speak.
    public struct UnknownScheme: Error, Equatable, Sendable {
        public let word: String
        /// What most likely was meant.
        public var meant: String?
        /// What should stand behind a kind of endpoint that is all there is.
        var missing: String? {
            switch word {
            case "unix:": "a path"
            case "tcp:", "rtp:": "HOST:PORT"
            case "icecast:": "//HOST/MOUNT"
            case "alsa:": "a device's name"
            default: nil
            }
        }

        public var message: String {
            if let missing { return "endpoint '\(word)': \(missing) is missing behind it" }
            if let meant { return "endpoint '\(word)': did you mean '\(meant)'? A file of that name is './\(word)'" }
            return
                "endpoint '\(word)': there is no such kind of endpoint here; use '-', a path (./\(word) for a file of that "
                + "name), alsa:NAME, sim:NAME, unix:PATH, tcp:HOST:PORT, rtp:HOST:PORT or icecast://HOST/MOUNT"
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
            || word.hasPrefix("rtp:") && word.count > 4 || word.hasPrefix("icecast:") && word.count > 8
        {
            self = .network(word)
        } else if ["unix:", "tcp:", "rtp:", "icecast:", "alsa:"].contains(where: word.hasPrefix) || word.isEmpty {
            throw UnknownScheme(word: word)
        } else if let meant = Self.meant(word) {
            throw UnknownScheme(word: word, meant: meant)
        } else {
            self = .file(word)
        }
    }

    /// A word that is no path that is there, and looks like an endpoint with a slip of the pen or a device without its
    /// `alsa:`: a file of such a name is hardly what anybody wants.
    private static func meant(_ word: String) -> String? {
        guard let colon = word.firstIndex(of: ":"), !word[..<colon].contains("/"), Descriptor.Kind(path: word) == nil
        else { return nil }
        let scheme = String(word[..<colon])
        let rest = word[word.index(after: colon)...]
        guard !rest.isEmpty else { return nil }
        if DeviceIdentifier(word) != nil || DeviceIdentifier.kinds.contains(scheme) {
            return "alsa:\(word)"
        }
        guard scheme.count >= 3 else { return nil }
        let near = ["alsa", "sim", "unix", "tcp", "rtp", "icecast"].first {
            NearWord.slips(between: scheme, and: $0) == 1
        }
        return near.map { "\($0):\(rest)" }
    }

    /// What is wrong with the address of a place on a network, as far as that is known before anybody goes there.
    public var complaint: String? {
        guard case .network(let word) = self else { return nil }
        do throws(StreamAddress.Malformed) {
            if IcecastAddress.isMeant(by: word) {
                _ = try IcecastAddress(word)
            } else if try RTPAddress(word) == nil {
                _ = try StreamAddress(word)
            }
            return nil
        } catch {
            return error.message
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
        case .network(let word) where word.hasPrefix("icecast:"):
            // What may be wrong with it is told elsewhere, and without what it may give away.
            (try? IcecastAddress(word))?.word ?? "icecast:"
        case .device(let name), .network(let name): name
        }
    }
}
