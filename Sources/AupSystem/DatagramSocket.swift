import CLinux
import Glibc

/// A socket for datagrams (udp(7)), which never waits.
///
/// - Thread: control; one thread sends, one receives.
public final class DatagramSocket: Sendable {
    public typealias Refusal = NetworkSocket.Refusal

    /// What goes to groups.
    public struct GroupSending: Equatable, Sendable {
        /// Routers that it crosses at most, less one; 1 stays in the own network.
        public var hops = 1
        /// Whether listeners of this machine hear it too.
        public var loops = true
        /// The network interface; `nil` for the one that leads there.
        public var interface: String?

        public init() {}
    }

    /// What came of a look for a datagram.
    public enum Arrival: Equatable, Sendable {
        /// So many bytes, from there; of a longer one the rest is lost. When it arrived is the kernel's word, on the monotonic
        /// clock, so that whoever is late to look does not take its own lateness for the network's.
        case datagram(Int, from: DatagramAddress, isCut: Bool, arrival: Int64)
        case nothing
        case failed(SystemError)
    }

    public enum Departure: Equatable, Sendable {
        case gone
        /// There is no room for it now; a datagram that is late is not worth the wait.
        case noRoom
        case failed(SystemError)
    }

    public let descriptor: Descriptor
    private let family: Int32

    /// Bytes of room for what arrived, which are asked for: a second of sound and more.
    public static let roomBytes = 1 << 20

    /// A socket of any port, to send to an address of that kind.
    public init(sendingTo address: DatagramAddress) throws(Refusal) {
        family = address.family
        descriptor = try Self.make(family)
    }

    /// A socket at an address and a port of this machine, or at a group's. A group's port can be shared; another is one
    /// process's alone.
    public init(at address: DatagramAddress, interface: String? = nil) throws(Refusal) {
        family = address.family
        descriptor = try Self.make(family)
        aup_datagram_room(descriptor.number, Int32(Self.roomBytes))
        let number = descriptor.number
        if address.isGroup { _ = aup_datagram_share(number) }
        let code = unsafe address.call { unsafe bind(number, $0, socklen_t(address.bytes.count)) }
        guard code == 0 else { throw errno == EADDRINUSE ? .taken : .failed(SystemError("bind")) }
        guard address.isGroup else { return }
        let wanted = try Self.number(of: interface)
        guard unsafe address.call({ unsafe aup_group_join(number, $0, wanted) }) == 0 else {
            throw .failed(SystemError("join the group"))
        }
    }

    private static func make(_ family: Int32) throws(Refusal) -> Descriptor {
        let number = socket(
            family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard number >= 0 else { throw .failed(SystemError("socket")) }
        aup_datagram_stamp(number)
        return Descriptor(adopting: number)
    }

    private static func number(of interface: String?) throws(Refusal) -> UInt32 {
        guard let interface else { return 0 }
        let number = unsafe aup_interface_number(interface)
        guard number > 0 else { throw .failed(SystemError("interface", code: ENODEV)) }
        return number
    }

    /// The address that it is at.
    public var address: DatagramAddress? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let bytes: [UInt8]? = unsafe withUnsafeMutableBytes(of: &storage) { space in
            let pointer = unsafe space.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            guard unsafe getsockname(descriptor.number, pointer, &size) == 0 else { return nil }
            return unsafe Array(space.prefix(Int(size)))
        }
        return bytes.map { DatagramAddress(bytes: $0, family: family) }
    }

    public func setGroupSending(_ wishes: GroupSending) throws(Refusal) {
        let number = try Self.number(of: wishes.interface)
        guard
            aup_group_sending(
                descriptor.number, family == AF_INET6 ? 1 : 0, number, Int32(wishes.hops), wishes.loops ? 1 : 0) == 0
        else { throw .failed(SystemError("multicast")) }
    }

    /// From now on nothing from elsewhere is received, and what cannot be delivered is told by the next call.
    public func connect(to address: DatagramAddress) throws(Refusal) {
        let number = descriptor.number
        let code = unsafe address.call { unsafe Glibc.connect(number, $0, socklen_t(address.bytes.count)) }
        guard code == 0 else { throw .failed(SystemError("connect")) }
    }

    /// - Parameter address: `nil` where it is connected.
    public func send(_ bytes: [UInt8], to address: DatagramAddress? = nil) -> Departure {
        let number = descriptor.number
        let flags = Int32(MSG_NOSIGNAL)
        let count = unsafe bytes.withUnsafeBytes { space -> Int32 in
            guard let address else {
                return Int32(clamping: unsafe Glibc.send(number, space.baseAddress, space.count, flags))
            }
            return unsafe address.call {
                Int32(
                    clamping: unsafe sendto(
                        number, space.baseAddress, space.count, flags, $0, socklen_t(address.bytes.count)))
            }
        }
        if count >= 0 { return .gone }
        switch errno {
        case EAGAIN, ENOBUFS, EINTR: return .noRoom
        default: return .failed(SystemError("send"))
        }
    }

    /// The next datagram, if there is one.
    public func receive(into space: inout [UInt8]) -> Arrival {
        var storage = sockaddr_storage()
        var size = UInt32(MemoryLayout<sockaddr_storage>.size)
        var stamp: Int64 = 0
        let number = descriptor.number
        let room = space.count
        let count = unsafe space.withUnsafeMutableBytes { space in
            unsafe withUnsafeMutableBytes(of: &storage) { from in
                unsafe aup_datagram_receive(
                    number, space.baseAddress, UInt(space.count),
                    from.baseAddress!.assumingMemoryBound(to: sockaddr.self), &size, &stamp)
            }
        }
        guard count >= 0 else {
            return errno == EAGAIN || errno == EINTR ? .nothing : .failed(SystemError("receive"))
        }
        let bytes = unsafe withUnsafeBytes(of: &storage) { unsafe Array($0.prefix(Int(size))) }
        return .datagram(
            min(count, room), from: DatagramAddress(bytes: bytes, family: family), isCut: count > room,
            arrival: Self.arrival(stamp: stamp, wall: WallClock.nanoseconds(), now: monotonicNanoseconds()))
    }

    /// Datagrams older than that were not left lying: somebody set the clock meanwhile.
    private static let oldestNanoseconds: Int64 = 10_000_000_000

    /// The kernel notes times of the day; how long ago that was counts, if it is believable.
    static func arrival(stamp: Int64, wall: Int64, now: Int64) -> Int64 {
        let age = wall - stamp
        return stamp > 0 && age > 0 && age < oldestNanoseconds ? now - age : now
    }

    /// Waits until one of some sockets has something, a time has passed or a signal came.
    public static func wait(_ sockets: [DatagramSocket], milliseconds: Int32) {
        var entries = sockets.map { pollfd(fd: $0.descriptor.number, events: Int16(POLLIN), revents: 0) }
        _ = unsafe poll(&entries, nfds_t(entries.count), milliseconds)
    }
}
