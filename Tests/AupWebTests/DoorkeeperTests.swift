import Testing

@testable import AupWeb

@Suite struct DoorkeeperTests {
    private let token = "0123456789abcdef"

    private func door(_ host: String = "127.0.0.1", token: String? = nil, names: [String] = []) -> Doorkeeper {
        Doorkeeper(
            address: WebAddress(host: host, port: 8080), names: names, token: token.map { try! WebToken($0) },
            port: 8080)
    }

    private func request(_ change: (inout WebRequest) -> Void) -> WebRequest {
        var request = WebRequest(host: "127.0.0.1:8080")
        change(&request)
        return request
    }

    @Test func `this machine's own names are let in, and no other name is`() {
        for host in [
            "127.0.0.1:8080", "127.0.0.1", "localhost:8080", "LOCALHOST:9", "localhost.", "[::1]:8080", "127.3.2.1",
        ] {
            #expect(door().refusal(of: request { $0.host = host }) == nil, "\(host)")
        }
        for host in [
            "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1:8080", "0.0.0.0",
        ] {
            #expect(door().refusal(of: request { $0.host = host })?.status == 421, "\(host)")
        }
        for host in ["", ":8080", "a b", "[::1", "[evil]:80", "host:port", "host:123456", "a/b", "user@host", "[::1]x"]
        {
            #expect(door().refusal(of: request { $0.host = host })?.status == 400, "\(host)")
        }
        #expect(door().refusal(of: request { $0.host = nil })?.status == 400)
        #expect(door().refusal(of: request { $0.hostCount = 2 })?.status == 400)
    }

    @Test func `at another address addresses are let in, and the names that were told`() {
        let door = door("0.0.0.0", token: token, names: ["Studio.local"])
        for host in ["10.0.0.1:8080", "[fe80::1]:8080", "studio.local:8080", "localhost", "127.0.0.1"] {
            #expect(door.refusal(of: request { $0.host = host }) == nil, "\(host)")
        }
        #expect(door.refusal(of: request { $0.host = "evil.example" })?.status == 421)
        #expect(self.door("studio").refusal(of: request { $0.host = "studio:8080" }) == nil)
    }

    @Test func `other origins are refused, whatever they ask`() {
        for origin in ["http://evil.example", "null", "https://127.0.0.1:8080", "http://127.0.0.1:9090", ""] {
            #expect(door().refusal(of: request { $0.origin = origin })?.status == 403, "\(origin)")
        }
        #expect(door().refusal(of: request { $0.origin = "http://127.0.0.1:8080" }) == nil)
        for site in ["cross-site", "same-site", "what-is-this"] {
            for path in ["/", "/events", "/api/levels", "/metrics"] {
                let asked = request { ($0.fetchSite, $0.path, $0.fetchMode) = (site, path, "cors") }
                #expect(door().refusal(of: asked)?.status == 403, "\(site) \(path)")
            }
        }
        for site in ["same-origin", "none"] { #expect(door().refusal(of: request { $0.fetchSite = site }) == nil) }
    }

    @Test func `a link elsewhere may lead to the page, and to nothing else`() {
        func linked(_ change: (inout WebRequest) -> Void) -> Int? {
            door().refusal(
                of: request {
                    ($0.fetchSite, $0.fetchMode, $0.fetchDestination) = ("cross-site", "navigate", "document")
                    change(&$0)
                })?.status
        }
        #expect(linked { _ in } == nil)
        #expect(linked { $0.path = "/api/levels" } == 403)
        #expect(linked { $0.fetchDestination = "iframe" } == 403)
        #expect(linked { ($0.method, $0.path) = ("POST", "/api/reset") } == 403)
    }

    @Test func `a token comes in a header, in a cookie, and in the address of the page alone`() {
        let door = door(token: token)
        #expect(door.pass(of: request { _ in }) == .none)
        #expect(door.pass(of: request { $0.authorization = "Bearer \(token)" }) == .good)
        #expect(door.pass(of: request { $0.authorization = "bearer \(token)" }) == .good)
        #expect(door.pass(of: request { $0.authorization = "Basic \(token)" }) == .none)
        #expect(door.pass(of: request { $0.cookie = token }) == .good)
        #expect(door.pass(of: request { $0.queryToken = token }) == .goodOnce)
        #expect(door.pass(of: request { ($0.queryToken, $0.path) = (token, "/api/levels") }) == .none)
        for wrong in [
            "", "0", token + "0", String(token.dropLast()), token.uppercased(), token.replacing("0", with: "1"),
        ] {
            #expect(door.pass(of: request { $0.cookie = wrong }) == .none, "\(wrong)")
        }
        #expect(self.door().pass(of: request { _ in }) == .good)
    }

    @Test func `a token that is short, or that a URL would change, is none`() {
        for text in ["", "short", "0123456789abcde", "0123456789abcdef;", "0123456789 abcdef", "0123456789abcdéf"] {
            #expect(throws: WebError.self) { try WebToken(text) }
        }
        #expect(throws: WebError.self) { try WebToken(String(repeating: "a", count: 257)) }
    }

    @Test func `an address is a port, or a host and a port`() throws {
        func read(_ word: String) throws -> [String] {
            let address = try WebAddress(word)
            return [address.host, "\(address.port)", address.text, address.isLoopback ? "here" : "out"]
        }
        #expect(try read("8080") == ["127.0.0.1", "8080", "127.0.0.1:8080", "here"])
        #expect(try read(":8080") == ["127.0.0.1", "8080", "127.0.0.1:8080", "here"])
        #expect(try read("http://localhost:80/") == ["localhost", "80", "localhost:80", "here"])
        #expect(try read("[::1]:8080") == ["::1", "8080", "[::1]:8080", "here"])
        #expect(try read("0.0.0.0:1") == ["0.0.0.0", "1", "0.0.0.0:1", "out"])
        #expect(try read("[::]:1") == ["::", "1", "[::]:1", "out"])
        #expect(try read("127.0.0.1.example:1")[3] == "out")
        for word in [
            "", ":", "host:", "host:x", "1:2:3", "::1:80", "[::1]", "[host]:1", "a b:1", "h:65536", "h:-1", "h:+1",
        ] {
            #expect(throws: WebError.malformedAddress(word)) { try WebAddress(word) }
        }
    }
}
