import AupNetwork
import AupSound
import AupSystem

/// Where a stream is listened for, and who may come in.
struct DoorPlan: Sendable {
    /// Those whose greeting has not come to its end: of more the oldest goes, since whoever means it is quick.
    static let guestLimit = 256

    var address: StreamAddress
    /// Who can reach a socket in the file system, as chmod(1) has it.
    var mode: UInt32 = 0o600
    var group: UInt32?
    /// Users who may connect beside this one and root; `nil` for everybody who can reach the socket.
    var users: Set<UInt32>? = []
    var secret: GreetingExchange.Secret?
    /// More at one time are told so and sent away.
    var clientLimit = 1024

    /// What to tell of a place that others than this machine's can reach, where nobody is asked who they are.
    var warning: String? {
        guard case .tcp(let host, _) = address, secret == nil, !address.isLoopback else { return nil }
        return "\(address.word): everybody who reaches \(host) may connect; --secret-file asks for a secret"
    }
}

/// The sockets that are listened at.
///
/// - Thread: one at a time.
final class StreamDoor {
    private(set) var listeners: [Descriptor]
    private var local: LocalListener?
    private let plan: DoorPlan
    private static let ownUser = currentUser()

    init(_ plan: DoorPlan) throws(SessionFailure) {
        self.plan = plan
        switch plan.address {
        case .unix(let path):
            do throws(LocalSocket.Refusal) {
                let listener = try LocalSocket.listen(path, mode: plan.mode, group: plan.group)
                local = listener
                listeners = [listener.descriptor]
            } catch {
                throw .before(.failed(Self.words(error, path)))
            }
        case .tcp(let host, let port):
            do throws(NetworkSocket.Refusal) {
                listeners = try NetworkSocket.listen(host: host, port: port)
            } catch {
                let text = error == .taken ? "already running: another process listens there" : error.message
                throw .before(.failed("\(plan.address.word): \(text)"))
            }
        }
    }

    private static func words(_ refusal: LocalSocket.Refusal, _ path: String) -> String {
        switch refusal {
        case .taken: "unix:\(path): already running: another process listens there"
        case .notSocket: "unix:\(path): something else has that name; choose another path or remove it"
        case .tooLong(let limit): "unix:\(path): the path is longer than \(limit) bytes; choose a shorter one"
        case .failed(let error): "unix:\(path): \(error.reason)"
        }
    }

    func close() {
        listeners = []
        local = nil
    }

    /// Somebody who wishes to come in.
    func accept(_ listener: Descriptor) -> Descriptor.Arrival {
        let arrival = listener.accept()
        // A machine that is gone says nothing any more: the kernel finds out, and ends the connection.
        if case .connection(let descriptor) = arrival, case .tcp = plan.address {
            return .connection(NetworkSocket.tuned(descriptor))
        }
        return arrival
    }

    /// How messages call somebody.
    func name(of descriptor: Descriptor, as kind: String = "a subscriber") -> String {
        guard case .unix = plan.address else { return "\(kind) at \(plan.address.word)" }
        return descriptor.peer.map { "process \($0.process)" } ?? kind
    }

    /// Why somebody may not come in; `nil` if they may.
    func refusal(of descriptor: Descriptor) -> String? {
        guard case .unix = plan.address, let users = plan.users else { return nil }
        guard let peer = descriptor.peer else { return "nobody knows who you are" }
        if peer.user == 0 || peer.user == Self.ownUser || users.contains(peer.user) { return nil }
        return "user \(peer.user) may not; --allow-uid \(peer.user) there would let you in"
    }
}
