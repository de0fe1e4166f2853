/// A mount of an Icecast server, and behind a question mark what else is to be said.
///
///     icecast://host/talk.opus
///     icecast://source@host:8000/talk.opus?name=Talk&genre=Speech
///     icecast:https://host/talk.flac
///
/// - Thread: any.
public struct IcecastAddress: Equatable, Sendable {
    /// A word behind the question mark, its escapes undone.
    public struct Wish: Equatable, Sendable {
        public let key: String
        public let value: String
    }

    public let isSecure: Bool
    public let user: String
    public let host: String
    public let port: Int
    /// With the slash, escaped as a URL wants it.
    public let mount: String
    public let wishes: [Wish]

    /// Who a source is where nobody says, and where an Icecast listens.
    public static let usualUser = "source"
    public static let usualPort = 8000

    /// Whether a word is an address of this kind.
    public static func isMeant(by word: String) -> Bool { word.hasPrefix("icecast:") }

    public init(_ word: String) throws(StreamAddress.Malformed) {
        func malformed(_ what: String) -> StreamAddress.Malformed {
            // Not the word itself, which may hold a password.
            StreamAddress.Malformed(message: "icecast: \(what), as in icecast://HOST:8000/talk.opus")
        }
        var rest = Substring(word.dropFirst("icecast:".count))
        isSecure = rest.hasPrefix("https:")
        for scheme in ["https:", "http:"] where rest.hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.count)
            break
        }
        guard rest.hasPrefix("//") else { throw malformed("give a server and a mount") }
        rest = rest.dropFirst(2)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var server = rest[..<slash]
        let mark = rest[slash...].firstIndex(of: "?") ?? rest.endIndex
        let path = rest[slash..<mark]
        guard path.utf8.count > 1 else { throw malformed("a mount is missing") }
        if let at = server.lastIndex(of: "@") {
            let name = server[..<at]
            guard !name.contains(":") else {
                throw StreamAddress.Malformed(
                    message:
                        "icecast: a password on the command line is seen by everybody on this machine; put it into a file and give --secret-file, or into AUP_ICECAST_PASSWORD"
                )
            }
            user = try Self.unescaped(name)
            server = server[server.index(after: at)...]
        } else {
            user = Self.usualUser
        }
        guard !user.isEmpty, !user.utf8.contains(where: { $0 < 0x20 || $0 == 0x3A || $0 == 0x7F }) else {
            throw malformed("this is no name of a user")
        }
        let usual = isSecure ? 443 : Self.usualPort
        let hasPort = server.lastIndex(of: ":").map { server[$0...].contains("]") == false } ?? false
        (host, port) = try StreamAddress.hostAndPort(
            hasPort ? String(server) : "\(server):\(usual)", of: "icecast:", example: "icecast://HOST:8000/talk.opus")
        // What a URL gives a meaning to is no part of a name.
        guard !host.isEmpty, !host.utf8.contains(where: { "/?#@%\\\"'<>^`{|}".utf8.contains($0) }) else {
            throw malformed("a server is missing")
        }
        mount = Self.escaped(String(path))
        wishes = try Self.wishes(rest[mark...].dropFirst())
    }

    /// Without anything that is secret.
    public var word: String {
        "icecast:\(isSecure ? "https:" : "")//\(bracketedHost):\(port)\(mount)"
    }

    public var url: String { "\(isSecure ? "https" : "http")://\(bracketedHost):\(port)\(mount)" }

    private var bracketedHost: String { host.contains(":") ? "[\(host)]" : host }

    private static func wishes(_ text: Substring) throws(StreamAddress.Malformed) -> [Wish] {
        var wishes: [Wish] = []
        for pair in text.split(separator: "&") {
            guard let equals = pair.firstIndex(of: "=") else {
                throw StreamAddress.Malformed(message: "icecast: '\(pair)' is no key=value")
            }
            wishes.append(
                Wish(key: String(pair[..<equals]), value: try unescaped(pair[pair.index(after: equals)...])))
        }
        return wishes
    }

    /// What RFC 3986 (section 3.3) lets stand in a path stays, an escape too; anything else becomes one.
    private static func escaped(_ path: String) -> String {
        var text = ""
        for byte in path.utf8 {
            let scalar = Unicode.Scalar(byte)
            if scalar.isASCII, scalar.properties.isAlphabetic || "0123456789-._~!$&'()*+,;=:@/%".utf8.contains(byte) {
                text.unicodeScalars.append(scalar)
            } else {
                text +=
                    "%" + String(byte / 16, radix: 16, uppercase: true)
                    + String(byte % 16, radix: 16, uppercase: true)
            }
        }
        return text
    }

    private static func unescaped(_ text: Substring) throws(StreamAddress.Malformed) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                bytes.append(byte == 0x2B ? 0x20 : byte)
                continue
            }
            guard rest.count >= 2, let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                throw StreamAddress.Malformed(message: "icecast: '\(text)': a % is followed by two figures, as in %20")
            }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
