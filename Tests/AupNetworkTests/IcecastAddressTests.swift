import Testing

@testable import AupNetwork

/// What a user says of an Icecast server, and what its answers mean.
@Suite struct `An address of Icecast` {
    @Test(arguments: [
        ("icecast://host/talk.opus", "http://host:8000/talk.opus", "source"),
        ("icecast:http://me@host:80/a/b.flac", "http://host:80/a/b.flac", "me"),
        ("icecast:https://host/x", "https://host:443/x", "source"),
        ("icecast://a%40b@[::1]:8000/x", "http://[::1]:8000/x", "a@b"),
        ("icecast://[::1]/ä b", "http://[::1]:8000/%C3%A4%20b", "source"),
    ])
    func `is a server, a mount and a user`(word: String, url: String, user: String) throws {
        let address = try IcecastAddress(word)
        #expect(address.url == url)
        #expect(address.user == user)
        #expect(try IcecastAddress(address.word).url == url)
    }

    @Test func `holds wishes behind a question mark`() throws {
        let address = try IcecastAddress("icecast://h/x?name=Ice+%26%20Snow&spool=5m")
        #expect(address.url == "http://h:8000/x")
        #expect(address.wishes == [.init(key: "name", value: "Ice & Snow"), .init(key: "spool", value: "5m")])
    }

    @Test(arguments: [
        "icecast:", "icecast:host/x", "icecast://host", "icecast://host/", "icecast:///x", "icecast://:8000/x",
        "icecast://host:0/x", "icecast://host:99999/x", "icecast://ho st/x", "icecast://h@@h/x?name",
        "icecast://h/x?name=%G1", "icecast://h/x?name=%1", "icecast://a%00b@h/x", "icecast://a%3Ab@h/x",
        "icecast://h#x/y",
    ])
    func `that is none is refused`(word: String) {
        #expect(throws: StreamAddress.Malformed.self) { try IcecastAddress(word) }
    }

    @Test func `with a password is refused and not repeated`() {
        let error = #expect(throws: StreamAddress.Malformed.self) { try IcecastAddress("icecast://u:hackme@h/x") }
        #expect(error?.message.contains("hackme") == false)
        #expect(error?.message.contains("--secret-file") == true)
    }

    private func verdict(_ status: Int, _ failure: HTTPUpload.Failure = .none, answer: String = "") -> IcecastVerdict {
        var facts = HTTPUpload.Facts()
        (facts.isOver, facts.status, facts.failure, facts.answer) = (true, status, failure, answer)
        return IcecastVerdict(facts, host: "h")
    }

    @Test func `is tried again where that may help`() {
        for status in [0, 100, 200, 403, 408, 429, 500, 502, 503] { #expect(!verdict(status).isFinal, "\(status)") }
        for status in [301, 400, 401, 404, 405, 415, 501] { #expect(verdict(status).isFinal, "\(status)") }
        for failure in [HTTPUpload.Failure.unknownHost, .refused, .unreachable, .timedOut, .tls, .broken, .noHTTP] {
            #expect(!verdict(0, failure).isFinal)
        }
        #expect(verdict(0, .certificate).isFinal)
    }

    @Test func `answers in words that fit into a line`() {
        #expect(verdict(403, answer: "Mountpoint in use").text.contains("403: Mountpoint in use"))
        let page = "<html><head><title>Error</title></head><body>\n<b>no\tand\r\nno</b>\u{1B}[1m</body>"
        #expect(verdict(500, answer: page).text == "it answers 500: no and no [1m")
        #expect(verdict(500, answer: String(repeating: "<", count: 500)).text == "it answers 500")
        #expect(verdict(500, answer: String(repeating: "x", count: 500)).text.count < 160)
    }
}

/// When a source connects, and when it gives up.
@Suite struct `A source's connection` {
    private let second: Int64 = 1_000_000_000

    @Test func `that cannot be had at first is given up at once, where nobody wants to wait`() {
        var link = SourceLink(first: 0, later: nil, now: 0)
        #expect(link.next(now: 0) == .begin)
        link.begun(now: 0)
        #expect(link.next(now: 1) == .go)
        link.ended(now: 2, isFinal: false, chance: 0)
        #expect(link.next(now: 2) == .giveUp)
    }

    @Test func `that stood is tried for ever, at once and then after pauses`() {
        var link = SourceLink(first: 0, later: nil, now: 0)
        link.begun(now: 0)
        link.welcomed(now: 0)
        #expect(link.state == .up)
        link.ended(now: 5 * second, isFinal: false, chance: 0)
        #expect(link.next(now: 5 * second) == .begin)
        link.begun(now: 5 * second)
        link.ended(now: 5 * second, isFinal: false, chance: 0)
        #expect(link.next(now: 5 * second) == .wait(until: 5 * second + 100_000_000))
        for _ in 0..<100 { link.ended(now: 5 * second, isFinal: false, chance: 0) }
        #expect(link.next(now: 1000 * second) == .begin)
    }

    @Test func `that is refused for good is over`() {
        var link = SourceLink(first: nil, later: nil, now: 0)
        link.begun(now: 0)
        link.welcomed(now: 0)
        link.ended(now: 1, isFinal: true, chance: 0)
        #expect(link.next(now: 1000 * second) == .giveUp)
    }

    @Test func `is dead when it does not welcome, or acknowledges nothing`() {
        var link = SourceLink(first: nil, later: nil, now: 0, patience: 10 * second)
        link.begun(now: 0)
        #expect(link.next(now: 10 * second - 1) == .go)
        #expect(link.next(now: 10 * second) == .drop)
        link.welcomed(now: 10 * second)
        link.alive(now: 15 * second)
        #expect(link.next(now: 25 * second - 1) == .go)
        #expect(link.next(now: 25 * second) == .drop)
    }
}
