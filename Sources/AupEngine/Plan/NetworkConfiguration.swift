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
    /// What a subscriber may be behind before it loses some.
    public var queueNanoseconds: Int64 = 2_000_000_000
    public var codec = Codec.any
    public var rtp = RTPConfiguration()

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
        do throws(StreamAddress.Malformed) {
            if let address = try StreamAddress(word) { return address }
        } catch {
            throw .before(.usage(error.message))
        }
        throw .before(.usage("'\(word)': give unix:PATH or tcp:HOST:PORT"))
    }

    func publishing(at word: String) throws(SessionFailure) -> PublishingPlan {
        var door = DoorPlan(address: try Self.address(word))
        (door.mode, door.group, door.users, door.clientLimit) = (mode, group, users, clientLimit)
        door.secret = try secret()
        return PublishingPlan(
            door: door, queueNanoseconds: queueNanoseconds, queueBytes: Self.queueBytes)
    }

    func subscription(to word: String) throws(SessionFailure) -> StreamCaller {
        StreamCaller(
            address: try Self.address(word), role: .subscribe,
            codec: GreetingExchange.Codec(rawValue: codec.rawValue) ?? .any,
            secret: try secret())
    }
}
