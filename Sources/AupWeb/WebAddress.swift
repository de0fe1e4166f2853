/// Where a page is served: a host and a port. A port alone is this machine's own.
///
/// - Thread: any.
public struct WebAddress: Equatable, Sendable {
    /// Without the brackets that an IPv6 address has in a URL.
    public let host: String
    /// 0 lets the system choose.
    public let port: Int

    public init(host: String = "127.0.0.1", port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `8080`, `:8080`, `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`, and with `http://` before it.
    public init(_ word: String) throws(WebError) {
        var rest = word[...]
        if rest.lowercased().hasPrefix("http://") { rest = rest.dropFirst(7) }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        var host = rest[..<(rest.lastIndex(of: ":") ?? rest.startIndex)]
        let digits = rest.lastIndex(of: ":").map { rest[rest.index(after: $0)...] } ?? rest
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { throw .malformedAddress(word) }
        } else if host.contains(":") {
            throw .malformedAddress(word)
        }
        let isName = host.utf8.allSatisfy { HostName.isNameByte($0) || $0 == UInt8(ascii: ":") }
        guard isName, host.utf8.count <= 253, (1...5).contains(digits.count),
            digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = Int(digits), port <= 65535
        else { throw .malformedAddress(word) }
        self.init(host: host.isEmpty ? "127.0.0.1" : String(host), port: port)
    }

    /// Whether nobody but this machine reaches it, as it is written; a name that only leads here does not count.
    public var isLoopback: Bool { HostName(host).isLoopback }

    public var text: String { HostName(host).isVersion6 ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// A host as it stands in an address or in a `Host` header, without its port.
struct HostName: Equatable {
    let text: String

    init(_ text: some StringProtocol) {
        var name = text.lowercased()[...]
        // A name with its root dot is the same name.
        if name.hasSuffix("."), name.count > 1 { name = name.dropLast() }
        self.text = String(name)
    }

    /// The host of `name:port`, `1.2.3.4:port`, `[::1]:port`, each also without a port; `nil` where it is none of them.
    init?(header: String) {
        var host = header[...]
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return nil }
            let rest = host[host.index(after: end)...]
            guard rest.isEmpty || Self.isPort(rest) else { return nil }
            host = host[host.index(after: host.startIndex)..<end]
            guard host.contains(":"), host.utf8.allSatisfy({ Self.isNameByte($0) || $0 == UInt8(ascii: ":") }) else {
                return nil
            }
        } else {
            if let colon = host.firstIndex(of: ":") {
                guard Self.isPort(host[colon...]) else { return nil }
                host = host[..<colon]
            }
            guard !host.isEmpty, host.utf8.allSatisfy(Self.isNameByte) else { return nil }
        }
        self.init(host)
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.first == ":" && text.count <= 6 && text.dropFirst().utf8.allSatisfy { (48...57).contains($0) }
    }

    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    var isVersion6: Bool { text.contains(":") }

    /// Four numbers of one byte each.
    private var version4: [Int]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in part.utf8.allSatisfy { (48...57).contains($0) } ? Int(part) : nil }
        return parts.count == 4 && numbers.count == 4 && numbers.allSatisfy { $0 <= 255 } ? numbers : nil
    }

    var isLoopback: Bool { text == "localhost" || text == "::1" || version4?.first == 127 }

    /// An address of its own, which no name server can turn to somewhere else.
    var isAddress: Bool { isVersion6 || version4 != nil }
}
