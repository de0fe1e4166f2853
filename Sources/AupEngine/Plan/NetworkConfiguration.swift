import AupNetwork
import AupSystem

/// How sound goes to other processes and comes from them.
public struct NetworkConfiguration: Sendable {
    public enum Codec: String, Sendable, CaseIterable {
        case any, pcm, opus
    }

    /// For how long a connection that was lost, or is not there yet, is tried again: `nil` for ever, 0 not at all.
    public var retryNanoseconds: Int64? = 0
    /// A file with a secret that both ends know.
    public var secretPath: String?
    /// Who can reach a socket in the file system: its mode, its group, users beside this one and root (`nil`: all).
    public var mode: UInt32 = 0o600
    public var group: UInt32?
    public var users: Set<UInt32>? = []
    public var clientLimit = 1024
    /// What a subscriber may be behind before it loses some; `nil` lets it follow from the latency that is wanted.
    public var queueNanoseconds: Int64?
    /// Whether reports name each subscriber.
    public var tellsEachPeer = false
    public var codec = Codec.any
    /// Where senders are listened for, and where a stream is sent to.
    public var receivingWord: String?
    public var sendingWord: String?
    /// Sources may come one after the other, and their end is not ours.
    public var keeps = false
    /// Several senders at once, as their sum.
    public var mixes = false
    public var rtp = RTPConfiguration()
    public var icecast = IcecastConfiguration()

    /// A publisher says that it is alive once a second; an end that is silent for less than three may just be late.
    var livenessNanoseconds: Int64 { max(rtp.livenessNanoseconds, 3_000_000_000) }

    /// Bounds of ``queueNanoseconds`` and ``clientLimit``.
    public static let queueLimits: ClosedRange<Int64> = 20_000_000...60_000_000_000
    public static let clientLimits = 1...4096
    /// Bytes that wait for subscribers at most, however much time they are.
    static let queueBytes = 64 << 20

    public init() {}

    /// The number of a user or a group of this machine; `nil` where nobody has the name.
    public static func user(named name: String) -> UInt32? { AccountName.user(name) }
    public static func group(named name: String) -> UInt32? { AccountName.group(name) }

    private func secret() throws(SessionFailure) -> GreetingExchange.Secret? {
        guard let secretPath else { return nil }
        do throws(SharedSecret.Refusal) {
            let secret = try SharedSecret(file: secretPath)
            return GreetingExchange.Secret(
                nonce: { SharedSecret.nonce() }, digest: { secret.digest($0) ?? SharedSecret.nonce() })
        } catch {
            throw .before(.failed(error.message))
        }
    }

    static func address(_ word: String) throws(SessionFailure) -> StreamAddress {
        if IcecastAddress.isMeant(by: word) {
            throw .before(.usage("icecast: is where sound goes; to listen: curl -s http://HOST:8000/MOUNT | aup play"))
        }
        do throws(StreamAddress.Malformed) {
            if let address = try StreamAddress(word) { return address }
        } catch {
            throw .before(.usage(error.message))
        }
        throw .before(.usage("'\(word)': give unix:PATH or tcp:HOST:PORT"))
    }

    private func door(_ word: String) throws(SessionFailure) -> DoorPlan {
        var door = DoorPlan(address: try Self.address(word))
        (door.mode, door.group, door.users, door.clientLimit) = (mode, group, users, clientLimit)
        door.secret = try secret()
        return door
    }

    /// The door for senders.
    func receiving(at word: String, events: EventQueue) throws(SessionFailure) -> SenderDoor {
        try SenderDoor(
            try door(word), places: mixes ? min(SenderDoor.mixedPlaces, clientLimit) : 1,
            livenessNanoseconds: livenessNanoseconds, events: events)
    }

    func sending(to word: String) throws(SessionFailure) -> StreamCaller {
        StreamCaller(address: try Self.address(word), role: .send, secret: try secret())
    }

    func publishing(at word: String) throws(SessionFailure) -> PublishingPlan {
        PublishingPlan(
            door: try door(word), queueNanoseconds: queueNanoseconds, queueBytes: Self.queueBytes,
            tellsEach: tellsEachPeer)
    }

    func subscription(to word: String) throws(SessionFailure) -> StreamCaller {
        StreamCaller(
            address: try Self.address(word), role: .subscribe,
            codec: GreetingExchange.Codec(rawValue: codec.rawValue) ?? .any,
            secret: try secret())
    }
}
