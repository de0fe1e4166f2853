internal import CCurl

/// One PUT over HTTP whose body has no end, as the sources of radio stations send it, by libcurl.
///
/// ```
///   begin ─▶ connect, head ─▶ "100 Continue": isWelcome ─▶ offer, offer, … ─▶ isOver
/// ```
///
/// What a body's bytes became is known: the socket took ``Facts/sentBytes``, and the other end has acknowledged all of them but
/// ``Facts/unacknowledgedBytes``, also when the connection broke (SIOCOUTQ, tcp(7)). Over TLS the latter counts the bytes of its
/// records, which are more.
///
/// - Thread: one at a time, but for ``wake()``.
@safe public final class HTTPUpload: @unchecked Sendable {
    // @unchecked because wake() is the only verb of another thread, and what it calls is made for that (curl_multi_wakeup(3)).

    public struct Request: Sendable {
        public var url: String
        public var user: String
        /// `nil` for nobody who says who it is.
        public var password: String?
        public var agent: String
        /// A file of certificates, as PEM, that TLS trusts; `nil` for the system's.
        public var certificatesPath: String?
        /// Lines of the head beside those that HTTP wants.
        public var lines: [String]
        /// How long a connection may take, and for how long the other end may acknowledge nothing.
        public var connectMilliseconds: Int32 = 10_000
        public var deadMilliseconds: Int32 = 10_000

        public init(url: String, user: String, password: String?, agent: String, lines: [String]) {
            (self.url, self.user, self.password, self.agent, self.lines) = (url, user, password, agent, lines)
        }
    }

    public struct Facts: Sendable, Equatable {
        public var isOver = false
        /// The server asked for the body.
        public var isWelcome = false
        /// More of the body can be offered.
        public var wantsBytes = false
        /// The last status that was heard, 0 before.
        public var status = 0
        public var failure = Failure.none
        /// Of the body, and of the connection.
        public var sentBytes: Int64 = 0
        public var unacknowledgedBytes: Int64 = 0
        /// The library's words for the end, and the beginning of what the server had to say.
        public var reason = ""
        public var answer = ""

        public init() {}

        /// Bytes of the body that the other end has for certain.
        public var acknowledgedBytes: Int64 { max(0, sentBytes - unacknowledgedBytes) }
    }

    /// Why a transfer ended.
    public enum Failure: Equatable, Sendable {
        case none, unknownHost, refused, unreachable, timedOut, certificate, tls, broken, noHTTP
    }

    /// The library is not there, or there is no memory. The message is one line.
    public struct Unavailable: Error, Equatable, Sendable {
        public let message: String
    }

    private let curl: OpaquePointer

    public init() throws(Unavailable) {
        if let why = unsafe aup_curl_missing() {
            throw Unavailable(
                message:
                    "HTTP needs libcurl, which cannot be opened (\(unsafe String(cString: why))); Debian's package is libcurl4"
            )
        }
        guard let curl = unsafe aup_curl_new() else { throw Unavailable(message: "out of memory") }
        unsafe self.curl = curl
    }

    deinit { unsafe aup_curl_free(curl) }

    /// Drops what was before, and begins to connect.
    public func begin(_ request: Request) throws(Unavailable) {
        // The library copies every text.
        let texts =
            unsafe ([request.url, request.user, request.password ?? "", request.agent, request.certificatesPath ?? ""]
            + request.lines).map {
                unsafe Self.copy($0)
            }
        defer { for index in unsafe texts.indices { unsafe texts[index].deallocate() } }
        let lines: [UnsafePointer<CChar>?] = unsafe texts.dropFirst(5).map { unsafe UnsafePointer($0) }
        let code = unsafe lines.withUnsafeBufferPointer { lines in
            var wish = unsafe aup_curl_request(
                url: texts[0], user: texts[1], password: request.password == nil ? nil : UnsafePointer(texts[2]),
                agent: texts[3], certificates: request.certificatesPath == nil ? nil : UnsafePointer(texts[4]),
                lines: lines.baseAddress, line_count: Int32(lines.count),
                connect_milliseconds: request.connectMilliseconds, dead_milliseconds: request.deadMilliseconds)
            return unsafe aup_curl_begin(curl, &wish)
        }
        unsafe texts[2].update(repeating: 0, count: (request.password ?? "").utf8.count)
        guard code == 0 else { throw Unavailable(message: "out of memory") }
    }

    private static func copy(_ text: String) -> UnsafeMutablePointer<CChar> {
        let bytes = Array(text.utf8CString)
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        unsafe copy.initialize(from: bytes, count: bytes.count)
        return unsafe copy
    }

    /// The next bytes of the body; once ``Facts/wantsBytes`` said so.
    public func offer(_ bytes: [UInt8]) throws(Unavailable) {
        guard unsafe aup_curl_offer(curl, bytes, Int64(bytes.count)) == 0 else {
            throw Unavailable(message: "out of memory")
        }
    }

    /// Waits so long for news, or until it is woken, and moves what can be moved.
    public func step(milliseconds: Int32) -> Facts {
        var state = aup_curl_state()
        unsafe aup_curl_step(curl, milliseconds, &state)
        return Self.facts(&state)
    }

    /// Ends the transfer; what is not acknowledged by then is dropped.
    @discardableResult
    public func end() -> Facts {
        var state = aup_curl_state()
        unsafe aup_curl_end(curl, &state)
        return Self.facts(&state)
    }

    /// Ends a wait.
    ///
    /// - Thread: any.
    public func wake() { unsafe aup_curl_wake(curl) }

    private static func facts(_ state: inout aup_curl_state) -> Facts {
        var facts = Facts()
        facts.isOver = state.is_over != 0
        facts.isWelcome = state.is_welcome != 0
        facts.wantsBytes = state.wants_bytes != 0
        facts.status = Int(state.status)
        facts.sentBytes = state.sent_bytes
        facts.unacknowledgedBytes = state.unacknowledged_bytes
        if facts.isOver {
            facts.failure = failure(code: state.code, error: state.system_error)
            facts.reason = text(&state.reason, MemoryLayout.size(ofValue: state.reason))
        }
        if facts.isOver || facts.status >= 300 {
            facts.answer = text(&state.answer, MemoryLayout.size(ofValue: state.answer))
        }
        return facts
    }

    private static func text<Tuple>(_ tuple: inout Tuple, _ room: Int) -> String {
        unsafe withUnsafeBytes(of: &tuple) { bytes in
            unsafe String(decoding: bytes.prefix(room).prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    private static func failure(code: Int32, error: Int32) -> Failure {
        switch code {
        case Int32(AUP_CURL_OK): .none
        case Int32(AUP_CURL_UNKNOWN_HOST): .unknownHost
        case Int32(AUP_CURL_UNREACHABLE): error == connectionRefused ? .refused : .unreachable
        case Int32(AUP_CURL_TIMEOUT): .timedOut
        case Int32(AUP_CURL_CERTIFICATE): .certificate
        case Int32(AUP_CURL_TLS): .tls
        case Int32(AUP_CURL_NOTHING), Int32(AUP_CURL_SEND), Int32(AUP_CURL_RECEIVE): .broken
        default: .noHTTP
        }
    }

    /// ECONNREFUSED of Linux, as libcurl hands it on.
    private static let connectionRefused: Int32 = 111
}
