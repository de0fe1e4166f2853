import AupSystem
import Foundation
import TestSupport
import Testing

@testable import AupNetwork

/// What two ends of a socket say before the stream.
@Suite struct `A greeting` {
    private typealias Exchange = GreetingExchange

    private func secret(_ text: String) throws -> Exchange.Secret {
        let scratch = try Scratch()
        let path = scratch.path("secret")
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        let shared = try SharedSecret(file: path)
        return Exchange.Secret(nonce: { SharedSecret.nonce() }, digest: { shared.digest($0) ?? [] })
    }

    private struct Outcome {
        var listening: String?
        var connecting: String?
        var role: Exchange.Role
        /// Bytes that were behind the greeting.
        var rest: [UInt8] = []
    }

    /// Both ends talk, in pieces of so many bytes; `nil` reasons stand for a welcome.
    private func talk(
        _ connecting: Exchange, _ listening: Exchange, piece: Int = 4096, stream: [UInt8] = []
    ) -> Outcome {
        var (caller, host) = (connecting, listening)
        var outcome = Outcome(listening: "silent", connecting: "silent", role: caller.role)
        var toHost = caller.begin()
        var toCaller: [UInt8] = []
        for _ in 0..<10_000 where !toHost.isEmpty || !toCaller.isEmpty {
            if !toHost.isEmpty {
                let bytes = toHost.prefix(piece)
                toHost.removeFirst(bytes.count)
                switch host.take(bytes) {
                case .send(let answer): toCaller += answer
                case .wait: break
                case .welcome(let bytes, _):
                    toCaller += bytes + stream
                    outcome.listening = nil
                    outcome.role = host.role
                case .over(let bytes, let reason):
                    toCaller += bytes
                    outcome.listening = reason
                }
            }
            if !toCaller.isEmpty, outcome.connecting == "silent" {
                let bytes = toCaller.prefix(piece)
                toCaller.removeFirst(bytes.count)
                switch caller.take(bytes) {
                case .send(let answer): toHost += answer
                case .wait: break
                case .welcome(_, let rest):
                    outcome.connecting = nil
                    outcome.rest = rest + toCaller
                    return outcome
                case .over(_, let reason): outcome.connecting = reason
                }
            }
        }
        return outcome
    }

    @Test(arguments: [1, 3, 4096]) func `is short where nothing is secret`(piece: Int) {
        let outcome = talk(
            Exchange(connecting: .subscribe, codec: .opus, secret: nil), Exchange(listening: nil) { _, _ in nil },
            piece: piece, stream: Array("the stream".utf8))
        #expect(outcome.listening == nil)
        #expect(outcome.connecting == nil)
        #expect(outcome.rest == Array("the stream".utf8))
    }

    @Test(arguments: GreetingExchange.Role.allCases, [1, 4096])
    func `proves to both ends that the other knows the secret`(role: GreetingExchange.Role, piece: Int) throws {
        let secret = try secret("correct horse battery staple\n")
        let outcome = talk(
            Exchange(connecting: role, secret: secret), Exchange(listening: secret) { _, _ in nil }, piece: piece,
            stream: [1, 2, 3])
        #expect(outcome.listening == nil)
        #expect(outcome.connecting == nil)
        #expect(outcome.role == role)
        #expect(outcome.rest == [1, 2, 3])
    }

    @Test func `ends where the secret is another one, missing, or not asked for`() throws {
        let (one, other) = (try secret("correct horse battery staple"), try secret("incorrect horse battery"))
        let wrong = talk(Exchange(connecting: .subscribe, secret: one), Exchange(listening: other) { _, _ in nil })
        #expect(wrong.listening == "the secret is another one")
        #expect(wrong.connecting == "the secret is another one")
        let missing = talk(Exchange(connecting: .subscribe, secret: nil), Exchange(listening: other) { _, _ in nil })
        #expect(missing.listening == "a secret is wanted here; give --secret-file")
        #expect(missing.connecting == missing.listening)
        let unasked = talk(Exchange(connecting: .subscribe, secret: one), Exchange(listening: nil) { _, _ in nil })
        #expect(unasked.connecting?.hasPrefix("it asks for no secret") == true)
    }

    @Test func `does not take the listening end's word for it`() throws {
        let secret = try secret("correct horse battery staple")
        var caller = Exchange(connecting: .subscribe, secret: secret)
        _ = caller.begin()
        // Somebody who knows nothing asks, and then says welcome, with what it was answered for a proof.
        let nonce = String(repeating: "ab", count: 32)
        guard case .send(let answer) = caller.take(Greeting(.challenge, [.init("nonce", nonce)]).bytes),
            let mac = try Greeting.read(answer)?.message["mac"]
        else {
            Issue.record("no answer")
            return
        }
        let step = caller.take(Greeting(.welcome, [.init("mac", mac)]).bytes)
        #expect(step == .over(bytes: [], reason: "it does not know the secret itself"))
    }

    @Test func `tells why somebody is not welcome`() {
        let outcome = talk(
            Exchange(connecting: .send, secret: nil),
            Exchange(listening: nil) { role, _ in role == .send ? .final("nobody may send here") : nil })
        #expect(outcome.connecting == "nobody may send here")
    }

    @Test(arguments: [true, false]) func `tells whether another try may help`(isLate: Bool) {
        var caller = Exchange(connecting: .subscribe, secret: nil)
        var host = Exchange(listening: nil) { _, _ in isLate ? .later("no place") : .final("never") }
        guard case .over(let bytes, let reason) = host.take(caller.begin()) else {
            Issue.record("taken")
            return
        }
        #expect(caller.take(bytes) == .over(bytes: [], reason: reason))
        #expect(reason == (isLate ? "no place" : "never"))
        #expect(caller.isRefusalTemporary == isLate)
    }

    @Test func `knows at the first byte that somebody speaks something else`() {
        var host = Exchange(listening: nil) { _, _ in nil }
        guard case .over(let bytes, let reason) = host.take(Array("GET / HTTP/1.1\r\n".utf8)) else {
            Issue.record("taken")
            return
        }
        #expect(bytes.isEmpty)
        #expect(reason == "the other end is no aup stream; check the address")
    }

    @Test func `is damaged by any bit that is changed, and never a trap`() throws {
        let good = Greeting(.hello, [.init("role", "subscribe"), .init("codec", "any")]).bytes
        #expect(try Greeting.read(good)?.count == good.count)
        for place in good.indices {
            for bit in 0..<8 {
                var bad = good
                bad[place] ^= 1 << UInt8(bit)
                let read = try? Greeting.read(bad)
                // A longer text is waited for; nothing else passes.
                #expect(read == nil)
            }
        }
        for count in good.indices { #expect(try Greeting.read(Array(good[..<count])) == nil) }
    }

    @Test func `of random bytes is an error or waits`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bytes = Array("aupG".utf8.prefix(Int.random(in: 0...4)))
            for _ in 0..<Int.random(in: 0...40) { bytes.append(UInt8.random(in: .min ... .max, using: &generator)) }
            var host = Exchange(listening: nil) { _, _ in nil }
            _ = host.take(bytes)
        }
    }

    @Test(arguments: [
        ("hello", Greeting(.hello, [.init("role", "subscribe"), .init("codec", "any")])),
        ("refusal", Greeting(.refusal, [.init("again", "later"), .init("reason", "1024 are connected already")])),
    ])
    func `is what the page of the wire says`(name: String, message: Greeting) throws {
        let page = try String(contentsOf: Repository.root.appending(path: "docs/wire.md"), encoding: .utf8)
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: "```greeting \(name)"))
        let words = lines[(start + 1)...].prefix { $0 != "```" }.flatMap { $0.split(separator: " ") }
        let bytes = words.compactMap { UInt8($0, radix: 16) }
        #expect(message.bytes == bytes)
        #expect(try Greeting.read(bytes)?.message == message)
    }

    @Test func `says what a sender calls its stream`() {
        var caller = Exchange(connecting: .send, words: [.init("stream", "one")], secret: nil)
        var host = Exchange(listening: nil) { role, _ in role == .send ? nil : .final("no") }
        guard case .welcome = host.take(caller.begin()) else { return #expect(Bool(false)) }
        #expect(host.hello?["stream"] == "one")
        #expect(host.role == .send)
    }

    @Test func `cuts a long reason between characters`() throws {
        let bytes = Greeting(.refusal, [.init("reason", String(repeating: "ü", count: 4000))]).bytes
        #expect(bytes.count <= Greeting.messageBytes)
        let read = try #require(try Greeting.read(bytes))
        #expect(read.message["reason"]?.allSatisfy { $0 == "ü" } == true)
    }
}

@Suite struct `An address of a stream` {
    @Test func `is read and written`() throws {
        for (word, address) in [
            ("unix:/run/aup.sock", StreamAddress.unix(path: "/run/aup.sock")),
            ("tcp:studio:7000", .tcp(host: "studio", port: 7000)), ("tcp:[::1]:7000", .tcp(host: "::1", port: 7000)),
        ] {
            #expect(try StreamAddress(word) == address)
            #expect(address.word == word)
        }
        #expect(try StreamAddress("tcp::7000") == .tcp(host: "localhost", port: 7000))
        #expect(try StreamAddress("alsa:hw:0") == nil)
    }

    @Test(arguments: ["unix:", "tcp:", "tcp:host", "tcp:host:0", "tcp:host:65536", "tcp:::1:7000", "tcp:a b:1"])
    func `that is none says what is missing`(word: String) {
        let error = #expect(throws: StreamAddress.Malformed.self) { try StreamAddress(word) }
        #expect(error?.message.contains("'\(word)'") == true)
    }
}

@Suite struct `Trying again` {
    private let second: Int64 = 1_000_000_000

    @Test func `waits longer each time, up to five seconds, and less by chance`() {
        var plan = Backoff(patience: nil, now: 0)
        #expect(plan.next(now: 0) == .attempt)
        var pauses: [Int64] = []
        var now: Int64 = 0
        for _ in 0..<9 {
            plan.failed(now: now, chance: 0)
            guard case .wait(let until) = plan.next(now: now) else { return #expect(Bool(false)) }
            pauses.append((until - now) / 1_000_000)
            now = until
        }
        #expect(pauses == [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000])
        plan.failed(now: now, chance: 1)
        #expect(plan.next(now: now) == .wait(until: now + 5 * second / 2))
    }

    @Test func `ends with its patience, and not before one attempt`() {
        var plan = Backoff(patience: 0, now: 7)
        #expect(plan.next(now: 7) == .attempt)
        plan.failed(now: 8, chance: 0)
        #expect(plan.next(now: 8) == .giveUp)
        var patient = Backoff(patience: second, now: 0)
        patient.failed(now: 0, chance: 0)
        #expect(patient.next(now: 50_000_000) == .wait(until: 100_000_000))
        patient.failed(now: 900_000_000, chance: 0)
        #expect(patient.next(now: 950_000_000) == .wait(until: second))
        #expect(patient.next(now: second) == .giveUp)
    }

    @Test func `begins anew after a connection that stood, and not after one that did not`() {
        var plan = Backoff(patience: 60 * second, now: 0)
        for _ in 0..<5 { plan.failed(now: 0, chance: 0) }
        plan.connected(now: second)
        #expect(plan.next(now: second) == .wait(until: .max))
        plan.lost(now: 2 * second, chance: 0)
        #expect(plan.failures == 6)
        plan.connected(now: 10 * second)
        plan.lost(now: 100 * second, chance: 0)
        #expect(plan.next(now: 100 * second) == .attempt)
        #expect(plan.failures == 0)
        #expect(plan.losses == 2)
    }
}
