/// Who is let in: by the name that was asked for, by who sent the browser, by what they know.
///
/// A page on the web can make a browser ask any address, this machine's own included. What it must not do is read the
/// answers, or press buttons. Two ways lead there: from another origin, which `Origin` and `Sec-Fetch-Site` tell of, and
/// by a name of its own that it lets lead here (DNS rebinding), which `Host` tells of.
///
/// - Thread: any.
struct Doorkeeper: Sendable {
    private let names: [String]
    private let isLoopback: Bool
    let token: WebToken?
    let cookieName: String

    /// Bytes of a target.
    static let targetBytes = 1024

    /// - Parameters:
    ///   - names: names that the page may be asked for by, besides those that this machine has for itself.
    ///   - port: part of the cookie's name, because browsers give cookies of one port to another.
    init(address: WebAddress, names: [String] = [], token: WebToken?, port: Int) {
        self.names = ([address.host] + names).map { HostName($0).text }
        isLoopback = address.isLoopback
        self.token = token
        cookieName = "aup_\(port)"
    }

    /// What is wrong with a request, `nil` when it may go on.
    func refusal(of request: WebRequest) -> WebReply? {
        if request.targetBytes > Self.targetBytes { return WebReply(414, "the address is too long") }
        guard request.hostCount == 1, let header = request.host, let host = HostName(header: header) else {
            return WebReply(400, "the request names no host, or more than one")
        }
        guard isOurs(host) else {
            return WebReply(421, "nothing is served here for '\(host.text)'; ask for the address, or for localhost")
        }
        if let stranger = strangeness(of: request, at: header) { return WebReply(403, stranger) }
        return nil
    }

    /// Whether a request may be asked for this host. An address cannot be made to lead elsewhere, a name can.
    private func isOurs(_ host: HostName) -> Bool {
        if host.isLoopback || names.contains(host.text) { return true }
        return !isLoopback && host.isAddress
    }

    private func strangeness(of request: WebRequest, at host: String) -> String? {
        let refusal = "other pages do not read this one"
        if let origin = request.origin, origin.lowercased() != "http://" + host.lowercased() { return refusal }
        switch request.fetchSite {
        case nil, "same-origin", "none": return nil
        // A link on another page may lead to this one, which then knows nothing of it.
        default: return request.isReading && request.path == "/" && request.isNavigation ? nil : refusal
        }
    }

    /// What somebody who asks has shown.
    enum Pass: Equatable {
        case good
        /// The token came in the address, from which it is to go.
        case goodOnce
        case none
    }

    func pass(of request: WebRequest) -> Pass {
        guard let token else { return .good }
        if let cookie = request.cookie, token.isMatched(by: cookie) { return .good }
        if let word = request.authorization.flatMap(Self.bearer), token.isMatched(by: word) { return .good }
        // Only where a browser begins: elsewhere a token in an address would be left in other programs' logs.
        if request.path == "/", let word = request.queryToken, token.isMatched(by: word) { return .goodOnce }
        return .none
    }

    private static func bearer(_ header: String) -> String? {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }

    /// The header that lets a browser come again without the token in the address.
    var cookie: WebReply.Header {
        WebReply.Header(
            name: "Set-Cookie", value: "\(cookieName)=\(token?.text ?? ""); Path=/; HttpOnly; SameSite=Strict")
    }
}
