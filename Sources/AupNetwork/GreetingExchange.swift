/// One end's part in a greeting, without sockets and without time: bytes in, what to do out.
///
/// - Thread: any, one at a time.
public struct GreetingExchange: Sendable {
    /// What the connecting end wants to do.
    public enum Role: String, Sendable, CaseIterable {
        /// To be given the stream.
        case subscribe
        /// To give one.
        case send
    }

    /// What the connecting end takes.
    public enum Codec: String, Sendable, CaseIterable {
        case any, pcm, opus
    }

    /// A secret that both ends know, and how numbers used once and digests are made.
    public struct Secret: Sendable {
        let nonce: @Sendable () -> [UInt8]
        let digest: @Sendable ([UInt8]) -> [UInt8]

        /// - Parameters:
        ///   - nonce: 32 bytes that never came before.
        ///   - digest: HMAC-SHA-256 (RFC 2104) of a text under the secret.
        public init(nonce: @escaping @Sendable () -> [UInt8], digest: @escaping @Sendable ([UInt8]) -> [UInt8]) {
            self.nonce = nonce
            self.digest = digest
        }
    }

    public enum Step: Equatable, Sendable {
        /// Send these bytes and go on.
        case send([UInt8])
        /// Nothing before more has arrived.
        case wait
        /// Done; the bytes go to the other end first, and what was read behind the greeting is the stream's.
        case welcome(bytes: [UInt8], rest: [UInt8])
        /// No stream: tell the other end, if there are bytes, and hang up.
        case over(bytes: [UInt8], reason: String)
    }

    /// Why somebody is not welcome, and whether another try may find it otherwise.
    public struct Refusal: Equatable, Sendable {
        public let reason: String
        public let isTemporary: Bool

        /// A place may become free, a source may go.
        public static func later(_ reason: String) -> Refusal { Refusal(reason: reason, isTemporary: true) }
        public static func final(_ reason: String) -> Refusal { Refusal(reason: reason, isTemporary: false) }
    }

    private enum State: Sendable {
        case hello
        case challenged(nonce: [UInt8])
        case awaitsWelcome, over
    }

    private let isListening: Bool
    private let secret: Secret?
    private var state = State.hello
    private var arrived: [UInt8] = []
    private var ownNonce: [UInt8] = []
    /// Of the connecting end, as it said or as it is.
    public private(set) var role: Role
    public private(set) var codec: Codec
    private let judge: @Sendable (Role, Codec) -> Refusal?
    /// What a welcome says beside being one: `stream`, a word that no other stream has.
    private let offer: [Greeting.Line]
    /// The welcome that came.
    public private(set) var welcome: Greeting?
    /// The hello that came: what a sender calls its stream.
    public private(set) var hello: Greeting?
    /// Whether the refusal that came says that another try may help.
    public private(set) var isRefusalTemporary = false
    /// What our hello says beside its wishes.
    private let words: [Greeting.Line]

    /// The listening end.
    ///
    /// - Parameters:
    ///   - judge: why somebody with such a wish is not welcome; `nil` if they are.
    ///   - offer: what a welcome says.
    public init(
        listening secret: Secret?, offer: [Greeting.Line] = [],
        judge: @escaping @Sendable (Role, Codec) -> Refusal?
    ) {
        isListening = true
        self.secret = secret
        self.judge = judge
        self.offer = offer
        words = []
        (role, codec) = (.subscribe, .any)
    }

    /// The connecting end; ``begin()`` is what it says first.
    ///
    /// - Parameter words: what the hello says beside its wishes: a sender's `stream`, a word that no other stream has.
    public init(connecting role: Role, codec: Codec = .any, words: [Greeting.Line] = [], secret: Secret?) {
        isListening = false
        self.secret = secret
        judge = { _, _ in nil }
        offer = []
        self.words = words
        (self.role, self.codec) = (role, codec)
    }

    /// What the connecting end says first.
    public mutating func begin() -> [UInt8] {
        var lines = [Greeting.Line("role", role.rawValue), Greeting.Line("codec", codec.rawValue)] + words
        if let secret {
            ownNonce = secret.nonce()
            lines.append(Greeting.Line("nonce", Self.hex(ownNonce)))
        }
        return Greeting(.hello, lines).bytes
    }

    /// Takes what has arrived.
    public mutating func take(_ bytes: some Sequence<UInt8>) -> Step {
        arrived += bytes
        guard arrived.count <= Greeting.messageBytes || !isListening else {
            return end("a greeting of more than \(Greeting.messageBytes) bytes")
        }
        let message: Greeting
        do throws(GreetingError) {
            guard let read = try Greeting.read(arrived) else { return .wait }
            message = read.message
            arrived.removeFirst(read.count)
        } catch {
            // Whoever speaks something else would not understand a refusal.
            state = .over
            return .over(bytes: error == .notAup ? [] : refusal(error.message), reason: error.message)
        }
        return isListening ? heard(message) : answered(message)
    }

    // MARK: - Listening

    private mutating func heard(_ message: Greeting) -> Step {
        switch (state, message.kind) {
        case (.hello, .hello):
            guard let role = message["role"].flatMap(Role.init) else { return end("it does not say what it wants") }
            self.role = role
            hello = message
            codec = message["codec"].flatMap(Codec.init) ?? .any
            guard let secret else { return judged([]) }
            guard let theirs = message["nonce"].flatMap(Self.bytes), theirs.count == 32 else {
                return end("a secret is wanted here; give --secret-file")
            }
            ownNonce = secret.nonce()
            state = .challenged(nonce: theirs)
            return .send(Greeting(.challenge, [Greeting.Line("nonce", Self.hex(ownNonce))]).bytes)
        case (.challenged(let theirs), .answer):
            guard let secret else { return end("nothing was asked") }
            let wanted = secret.digest(Self.text("connecting", ownNonce, theirs, role))
            guard let answer = message["mac"].flatMap(Self.bytes), Self.isEqual(answer, wanted) else {
                return end("the secret is another one")
            }
            let proof = secret.digest(Self.text("listening", ownNonce, theirs, role))
            return judged([Greeting.Line("mac", Self.hex(proof))])
        default: return end("a \(message.kind) is not what comes now")
        }
    }

    private mutating func judged(_ lines: [Greeting.Line]) -> Step {
        if let refusal = judge(role, codec) { return end(refusal.reason, isTemporary: refusal.isTemporary) }
        state = .over
        return .welcome(bytes: Greeting(.welcome, lines + offer).bytes, rest: arrived)
    }

    // MARK: - Connecting

    private mutating func answered(_ message: Greeting) -> Step {
        switch (state, message.kind) {
        case (_, .refusal):
            state = .over
            isRefusalTemporary = message["again"] == "later"
            return .over(bytes: [], reason: message["reason"] ?? "it gave no reason")
        case (.hello, .challenge):
            guard let secret else {
                return .over(bytes: [], reason: "a secret is wanted there; give --secret-file")
            }
            guard let theirs = message["nonce"].flatMap(Self.bytes), theirs.count == 32 else {
                return .over(bytes: [], reason: "its challenge is damaged")
            }
            state = .challenged(nonce: theirs)
            let mac = secret.digest(Self.text("connecting", theirs, ownNonce, role))
            return .send(Greeting(.answer, [Greeting.Line("mac", Self.hex(mac))]).bytes)
        case (.hello, .welcome):
            // Who has a secret wants to know that the other end has it too.
            guard secret == nil else {
                return .over(bytes: [], reason: "it asks for no secret; leave --secret-file out, or give it one too")
            }
            return welcomed(message)
        case (.challenged(let theirs), .welcome):
            guard let secret, let mac = message["mac"].flatMap(Self.bytes),
                Self.isEqual(mac, secret.digest(Self.text("listening", theirs, ownNonce, role)))
            else { return .over(bytes: [], reason: "it does not know the secret itself") }
            return welcomed(message)
        default:
            return .over(bytes: [], reason: "a \(message.kind) is not what comes now")
        }
    }

    private mutating func welcomed(_ message: Greeting) -> Step {
        state = .over
        welcome = message
        return .welcome(bytes: [], rest: arrived)
    }

    // MARK: - Words

    private mutating func end(_ reason: String, isTemporary: Bool = false) -> Step {
        state = .over
        return .over(bytes: refusal(reason, isTemporary: isTemporary), reason: reason)
    }

    private func refusal(_ reason: String, isTemporary: Bool = false) -> [UInt8] {
        // First what is short: a reason may be cut.
        let again = isTemporary ? [Greeting.Line("again", "later")] : []
        return isListening ? Greeting(.refusal, again + [Greeting.Line("reason", reason)]).bytes : []
    }

    /// What a digest is made of: each end's differs, so that none can be sent back.
    private static func text(_ end: String, _ listening: [UInt8], _ connecting: [UInt8], _ role: Role) -> [UInt8] {
        Array("aup greeting \(Greeting.version) \(end) \(role.rawValue)\n".utf8) + listening + connecting
    }

    /// Takes as long whatever is different.
    static func isEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard one.count == other.count else { return false }
        return zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    static func bytes(_ hex: String) -> [UInt8]? {
        let digits = hex.utf8.map { digit -> UInt8? in
            switch digit {
            case 0x30...0x39: digit - 0x30
            case 0x61...0x66: digit - 0x61 + 10
            default: nil
            }
        }
        guard digits.count % 2 == 0, digits.count <= 128 else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[place], let low = digits[place + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}
