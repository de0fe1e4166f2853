internal import AupSystem
internal import Synchronization

extension WebServer {
    /// What is served where: path, and what may be done there.
    private static let allowed: [String: String] = [
        "/": "GET, HEAD", "/events": "GET, HEAD", "/api/levels": "GET, HEAD", "/metrics": "GET, HEAD",
        "/api/reset": "POST",
    ]

    func reply(to request: WebRequest) -> WebReply {
        if let refusal = door.refusal(of: request) { return refusal.bare }
        guard let allowed = Self.allowed[request.path] else { return WebReply(404, "nothing is here").bare }
        let nonce = SharedSecret.nonce().prefix(16).map { String($0, radix: 16) }.joined()
        switch door.pass(of: request) {
        case .good: break
        case .goodOnce:
            // On to the same page, without the token in the address bar and in the history.
            return WebReply(303, headers: [door.cookie, WebReply.Header(name: "Location", value: "/")]).bare
        case .none:
            let challenge = WebReply.Header(name: "WWW-Authenticate", value: "Bearer realm=\"aup\"")
            guard request.path == "/", request.isReading, request.wantsHTML else {
                return WebReply(401, "a token is needed: Authorization: Bearer TOKEN", headers: [challenge]).bare
            }
            var page = WebReply(401, type: Page.type, Page.question(nonce: nonce))
            page.headers = [challenge, Page.policy(nonce: nonce)]
            return page
        }
        guard allowed == "POST" ? request.method == "POST" : request.isReading else {
            let header = WebReply.Header(name: "Allow", value: allowed)
            return WebReply(405, "here is only: \(allowed)", headers: [header]).bare
        }
        switch request.path {
        case "/":
            var page = WebReply(type: Page.type, Page.meter(nonce: nonce))
            page.headers = [Page.policy(nonce: nonce)]
            return page
        case "/events": return events(request)
        case "/api/levels":
            let reading = published.withLock { $0.reading }
            guard !reading.isEmpty else { return later("nothing was measured yet") }
            return WebReply(type: "application/json", reading + [10]).bare
        case "/metrics":
            return WebReply(type: "text/plain; version=0.0.4; charset=utf-8", metrics).bare
        default:
            reset()
            return WebReply(204).bare
        }
    }

    private func events(_ request: WebRequest) -> WebReply {
        if isStopping.load(ordering: .relaxed) { return later("the meter is about to end") }
        guard watchers.count < watcherLimit else { return later("\(watcherLimit) browsers are watching already") }
        var reply = WebReply(type: "text/event-stream", []).bare
        // Proxies would collect events before they pass them on.
        reply.headers.append(WebReply.Header(name: "X-Accel-Buffering", value: "no"))
        reply.isStream = request.method == "GET"
        return reply
    }

    private func later(_ why: String) -> WebReply {
        WebReply(503, why, headers: [WebReply.Header(name: "Retry-After", value: "5")]).bare
    }

    private var metrics: [UInt8] {
        let (metrics, counts) = published.withLock { ($0.metrics, $0.counts) }
        let own: [(name: String, kind: String, help: String, value: Int64)] = [
            ("aup_web_watchers", "gauge", "Browsers that are given readings.", counts.watchers),
            ("aup_web_requests_total", "counter", "Requests to the web server.", counts.requests),
            ("aup_web_refused_total", "counter", "Requests that were refused.", counts.refused),
            ("aup_web_readings_sent_total", "counter", "Readings that browsers were given.", counts.sent),
            ("aup_web_readings_skipped_total", "counter", "Readings that slow browsers did not get.", counts.skipped),
        ]
        let lines = own.map { "# HELP \($0.name) \($0.help)\n# TYPE \($0.name) \($0.kind)\n\($0.name) \($0.value)\n" }
        return metrics + Array(lines.joined().utf8)
    }
}

extension WebReply {
    /// As no page: nothing in it is run or loaded, whatever a browser takes it for.
    fileprivate var bare: WebReply {
        var reply = self
        reply.headers.append(Self.nothingAllowed)
        return reply
    }
}
