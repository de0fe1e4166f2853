import AupNetwork
import AupSound
import AupSystem
import AupWire
import Glibc

/// Connects to a place where a stream is listened for, and greets.
///
/// - Thread: transport; waits for the other end, as long as its verbs say.
struct StreamCaller: Sendable {
    let address: StreamAddress
    let role: GreetingExchange.Role
    var codec = GreetingExchange.Codec.any
    var secret: GreetingExchange.Secret?
    /// What a sender calls its stream: a word that no other has.
    var stream: String?

    /// A connection whose stream begins.
    struct Connection {
        let descriptor: Descriptor
        /// What was read behind the greeting.
        let firstBytes: [UInt8]
        /// The word that no other stream has; `nil` where the other end has none.
        let stream: String?
    }

    enum Failure: Error, Equatable {
        case stopped
        /// Another try may help.
        case absent(String)
        /// None would.
        case refused(String)
    }

    /// How long a greeting is waited for.
    private static let patienceNanoseconds: Int64 = 5_000_000_000

    func connect(_ stop: StopRequest) throws(Failure) -> Connection {
        let descriptor = try open(stop)
        var exchange = GreetingExchange(
            connecting: role, codec: codec, words: stream.map { [Greeting.Line("stream", $0)] } ?? [], secret: secret)
        try send(exchange.begin(), descriptor)
        let deadline = monotonicNanoseconds() + Self.patienceNanoseconds
        var space = [UInt8](repeating: 0, count: Greeting.messageBytes)
        while true {
            if stop.isRequested { throw .stopped }
            guard monotonicNanoseconds() < deadline else { throw .absent("it does not greet; is it an aup stream?") }
            guard descriptor.waitReadable(milliseconds: 100) else { continue }
            let progress = unsafe space.withUnsafeMutableBytes { unsafe descriptor.readNow($0) }
            switch progress {
            case .later: continue
            case .over, .bytes(0): throw .absent("it hung up while it was greeted")
            case .bytes(let count):
                switch exchange.take(space[..<count]) {
                case .wait: continue
                case .send(let bytes): try send(bytes, descriptor)
                case .welcome(_, let rest):
                    return Connection(
                        descriptor: descriptor, firstBytes: rest, stream: exchange.welcome?["stream"])
                case .over(_, let reason): throw exchange.isRefusalTemporary ? .absent(reason) : .refused(reason)
                }
            }
        }
    }

    private func open(_ stop: StopRequest) throws(Failure) -> Descriptor {
        switch address {
        case .unix(let path):
            do throws(LocalSocket.Refusal) {
                return try LocalSocket.connect(path)
            } catch {
                switch error {
                case .taken: throw .absent("it is busy")
                case .notSocket: throw .refused("it is no socket")
                case .tooLong(let limit): throw .refused("the path is longer than \(limit) bytes")
                case .failed(let error) where [ENOENT, ECONNREFUSED, EAGAIN, EINTR].contains(error.code):
                    throw .absent(
                        [EAGAIN, EINTR].contains(error.code) ? "too many wait there" : "nobody listens there")
                case .failed(let error): throw .refused(error.reason)
                }
            }
        case .tcp(let host, let port):
            do throws(NetworkSocket.Refusal) {
                return try NetworkSocket.connect(host: host, port: port, stop: stop)
            } catch {
                switch error {
                case .stopped: throw .stopped
                case .failed(let system) where system.code == ECONNREFUSED: throw .absent("nobody listens there")
                default: throw .absent(error.message)
                }
            }
        }
    }

    private func send(_ bytes: [UInt8], _ descriptor: Descriptor) throws(Failure) {
        // A greeting is shorter than what any socket takes at once.
        let progress = unsafe bytes.withUnsafeBytes { unsafe descriptor.sendNow($0) }
        guard progress == .bytes(bytes.count) else { throw .absent("it hung up while it was greeted") }
    }
}

extension SystemError {
    /// Whether the other end of a connection is gone, or the way to it.
    var isConnectionLost: Bool { [ECONNRESET, ETIMEDOUT, EPIPE, EHOSTUNREACH, ENETUNREACH].contains(code) }
}
