/// What was asked, as far as the page cares.
///
/// - Thread: any.
struct WebRequest: Equatable, Sendable {
    var method = "GET"
    /// Decoded, without the query.
    var path = "/"
    /// Bytes of the target as it came, query and all.
    var targetBytes = 1
    var host: String?
    var hostCount = 1
    var origin: String?
    /// `Sec-Fetch-Site` and its kin: what a browser says of who asks (Fetch Metadata, W3C).
    var fetchSite: String?
    var fetchMode: String?
    var fetchDestination: String?
    var accept: String?
    var authorization: String?
    /// The value of the page's own cookie.
    var cookie: String?
    /// `token` of the query.
    var queryToken: String?

    /// Whether nothing is to be changed by it.
    var isReading: Bool { method == "GET" || method == "HEAD" }

    /// Whether somebody looks at what comes, rather than a program.
    var wantsHTML: Bool { accept?.lowercased().contains("text/html") ?? false }

    /// Whether a browser goes to the page as a whole, by a link or a bookmark.
    var isNavigation: Bool { fetchMode == "navigate" && (fetchDestination ?? "document") == "document" }
}

/// What is answered.
struct WebReply: Equatable, Sendable {
    var status: Int
    var type: String = "text/plain; charset=utf-8"
    var body: [UInt8] = []
    var headers: [Header] = []
    /// Whether it goes on as a stream of events.
    var isStream = false

    struct Header: Equatable, Sendable {
        let name: String
        let value: String
    }

    init(_ status: Int, _ text: String = "", headers: [Header] = []) {
        self.status = status
        body = Array((text.isEmpty ? "" : text + "\n").utf8)
        self.headers = headers
    }

    init(_ status: Int = 200, type: String, _ body: [UInt8]) {
        self.status = status
        self.type = type
        self.body = body
    }

    /// Headers of every reply: kept nowhere, read by nobody else's page, shown in nobody's frame.
    static let always = [
        Header(name: "Cache-Control", value: "no-store"),
        Header(name: "X-Content-Type-Options", value: "nosniff"),
        Header(name: "X-Frame-Options", value: "DENY"),
        Header(name: "Referrer-Policy", value: "no-referrer"),
        Header(name: "Cross-Origin-Resource-Policy", value: "same-origin"),
        Header(name: "Cross-Origin-Opener-Policy", value: "same-origin"),
    ]

    /// What may happen in a reply that is no page: nothing.
    static let nothingAllowed = Header(
        name: "Content-Security-Policy", value: "default-src 'none'; frame-ancestors 'none'")
}
