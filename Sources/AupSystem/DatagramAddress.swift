import CLinux
import Glibc

/// Where a datagram goes to or comes from: a machine's address and a port, of IPv4 or IPv6.
///
/// - Thread: any.
public struct DatagramAddress: Equatable, Hashable, Sendable {
    /// As the system has it.
    let bytes: [UInt8]
    let family: Int32

    public var isVersion6: Bool { family == AF_INET6 }
    /// A group's, which many may listen to.
    public var isGroup: Bool { unsafe call { unsafe aup_is_group($0) } == 1 }
    public var port: Int { Int(unsafe call { unsafe aup_address_port($0) }) }

    /// The addresses that a host's name has, or the one that is written out.
    ///
    /// - Parameter isOwn: an empty name is then every address of this machine.
    public static func resolve(
        host: String, port: Int, isOwn: Bool = false
    ) throws(NetworkSocket.Refusal) -> [DatagramAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        unsafe hints.ai_flags = isOwn ? AI_PASSIVE | AI_NUMERICSERV : AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host.isEmpty ? nil : host, String(port), &hints, &list)
        guard code == 0 else { throw .unknownHost(host, why: unsafe String(cString: gai_strerror(code))) }
        defer { unsafe freeaddrinfo(list) }
        var found: [DatagramAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            unsafe next = entry.pointee.ai_next
            guard let address = unsafe entry.pointee.ai_addr else { continue }
            let bytes = unsafe Array(
                UnsafeRawBufferPointer(start: address, count: Int(entry.pointee.ai_addrlen)))
            let one = unsafe DatagramAddress(bytes: bytes, family: entry.pointee.ai_family)
            if one.isUsable, !found.contains(one) { found.append(one) }
        }
        guard !found.isEmpty else { throw .unknownHost(host, why: "it has no address") }
        return found
    }

    private var isUsable: Bool { family == AF_INET || family == AF_INET6 }

    init(bytes: [UInt8], family: Int32) {
        self.bytes = bytes
        self.family = family
    }

    /// The same machine, another port.
    public func with(port: Int) -> DatagramAddress {
        var storage = sockaddr_storage()
        unsafe withUnsafeMutableBytes(of: &storage) { space in
            unsafe space.copyBytes(from: bytes)
            unsafe aup_address_set_port(space.baseAddress!.assumingMemoryBound(to: sockaddr.self), Int32(port))
        }
        return DatagramAddress(
            bytes: unsafe withUnsafeBytes(of: &storage) { unsafe Array($0.prefix(bytes.count)) }, family: family)
    }

    /// The machine in figures: `192.0.2.7`, `2001:db8::1`.
    public var host: String {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = unsafe text.withUnsafeMutableBufferPointer { text in
            unsafe call {
                unsafe getnameinfo(
                    $0, socklen_t(bytes.count), text.baseAddress, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            }
        }
        guard code == 0 else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func call(_ body: (UnsafePointer<sockaddr>) -> Int32) -> Int32 {
        var storage = sockaddr_storage()
        return unsafe withUnsafeMutableBytes(of: &storage) { space in
            unsafe space.copyBytes(from: bytes)
            return unsafe body(space.baseAddress!.assumingMemoryBound(to: sockaddr.self))
        }
    }
}
