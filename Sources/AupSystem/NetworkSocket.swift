import CLinux
import Glibc

/// Sockets between machines (tcp(7)).
///
/// - Thread: control; names are looked up on the thread that asks, however long that takes.
public enum NetworkSocket {
    /// Why there is no connection. The message is one line.
    public enum Refusal: Error, Equatable, Sendable {
        /// Nobody knows the name.
        case unknownHost(String, why: String)
        /// The port is somebody's.
        case taken
        case timedOut(seconds: Double)
        /// The session is to end.
        case stopped
        case failed(SystemError)

        public var message: String {
            switch self {
            case .unknownHost(let host, let why): "'\(host)': \(why)"
            case .taken: "another process listens there; choose another port"
            case .timedOut(let seconds): "no answer for \(seconds) s"
            case .stopped: "it was told to end"
            case .failed(let error): error.reason
            }
        }
    }

    /// An end that acknowledges nothing for so long is gone.
    public static let deadMilliseconds: Int32 = 10_000

    /// Connects to the first of a host's addresses that answers.
    public static func connect(
        host: String, port: Int, milliseconds: Int32 = 5000, stop: StopRequest
    ) throws(Refusal) -> Descriptor {
        var failure = Refusal.timedOut(seconds: Double(milliseconds) / 1000)
        for address in try addresses(host, port, isPassive: false) {
            do throws(Refusal) {
                return try connect(address, milliseconds: milliseconds, stop: stop)
            } catch {
                if error == .stopped { throw error }
                failure = error
            }
        }
        throw failure
    }

    private static func connect(
        _ address: Address, milliseconds: Int32, stop: StopRequest
    ) throws(Refusal) -> Descriptor {
        let descriptor = try make(address)
        let code = unsafe address.call { unsafe Glibc.connect(descriptor.number, $0, $1) }
        guard code != 0 else { return tuned(descriptor) }
        guard errno == EINPROGRESS else { throw .failed(SystemError("connect")) }
        let deadline = monotonicNanoseconds() + Int64(milliseconds) * 1_000_000
        while true {
            if stop.isRequested { throw .stopped }
            var entry = pollfd(fd: descriptor.number, events: Int16(POLLOUT), revents: 0)
            if unsafe poll(&entry, 1, 100) > 0 { break }
            if monotonicNanoseconds() >= deadline { throw .timedOut(seconds: Double(milliseconds) / 1000) }
        }
        let error = aup_socket_error(descriptor.number)
        guard error == 0 else { throw .failed(SystemError("connect", code: error)) }
        return tuned(descriptor)
    }

    /// Listens at every address that the host's name has here; what others hold is theirs.
    public static func listen(host: String, port: Int) throws(Refusal) -> [Descriptor] {
        var listeners: [Descriptor] = []
        var failure: Refusal?
        for address in try addresses(host, port, isPassive: true) {
            do throws(Refusal) {
                let descriptor = try make(address)
                aup_socket_reuse(descriptor.number, address.family == AF_INET6 ? 1 : 0)
                guard unsafe address.call({ unsafe bind(descriptor.number, $0, $1) }) == 0,
                    Glibc.listen(descriptor.number, 128) == 0
                else { throw errno == EADDRINUSE ? .taken : .failed(SystemError("listen")) }
                listeners.append(descriptor)
            } catch {
                failure = failure ?? error
            }
        }
        // A machine without one of the two kinds of address listens at the other; a port that is taken is taken.
        if failure == .taken || listeners.isEmpty { throw failure ?? .unknownHost(host, why: "it has no address") }
        return listeners
    }

    /// What a connection that was accepted wants too.
    public static func tuned(_ descriptor: Descriptor) -> Descriptor {
        aup_tcp_tune(descriptor.number, deadMilliseconds)
        return descriptor
    }

    private static func make(_ address: Address) throws(Refusal) -> Descriptor {
        let number = socket(
            address.family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue),
            0)
        guard number >= 0 else { throw .failed(SystemError("socket")) }
        return Descriptor(adopting: number)
    }

    private static func addresses(_ host: String, _ port: Int, isPassive: Bool) throws(Refusal) -> [Address] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = isPassive ? AI_PASSIVE | AI_NUMERICSERV : AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else { throw .unknownHost(host, why: unsafe String(cString: gai_strerror(code))) }
        defer { unsafe freeaddrinfo(list) }
        var found: [Address] = []
        var next = unsafe list
        while let entry = unsafe next {
            unsafe next = entry.pointee.ai_next
            guard let address = unsafe Address(entry.pointee), !found.contains(address) else { continue }
            found.append(address)
        }
        return found
    }

    /// An address as the system has it.
    private struct Address: Equatable {
        let family: Int32
        let bytes: [UInt8]

        @unsafe init?(_ info: addrinfo) {
            guard let address = unsafe info.ai_addr else { return nil }
            family = unsafe info.ai_family
            bytes = unsafe Array(UnsafeRawBufferPointer(start: address, count: Int(info.ai_addrlen)))
        }

        func call(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
            var storage = sockaddr_storage()
            return unsafe withUnsafeMutableBytes(of: &storage) { space in
                unsafe space.copyBytes(from: bytes)
                let pointer = unsafe space.baseAddress!.assumingMemoryBound(to: sockaddr.self)
                return unsafe body(pointer, socklen_t(bytes.count))
            }
        }
    }
}
