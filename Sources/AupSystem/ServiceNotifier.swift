import Glibc

/// Tells systemd how a service does: datagrams to the socket that `NOTIFY_SOCKET` names (sd_notify(3)).
///
/// Without libsystemd: the protocol is a line `KEY=VALUE` for each thing said, and stable by promise. Sending never
/// waits, and a listener that is gone harms nobody.
///
/// - Thread: control.
public final class ServiceNotifier: Sendable {
    private let descriptor: Descriptor
    private let address: sockaddr_un
    private let addressBytes: socklen_t
    /// How often the service manager wants to hear that we live; `nil` where it does not watch this process.
    public let watchdogNanoseconds: Int64?

    /// The notifier of this process, by its environment; `nil` where nobody listens.
    public static func ofEnvironment() -> ServiceNotifier? {
        guard let path = text("NOTIFY_SOCKET") else { return nil }
        var interval = text("WATCHDOG_USEC").flatMap { Int64($0) }.map { $0.multipliedReportingOverflow(by: 1000) }
        if let owner = text("WATCHDOG_PID"), Int32(owner) != getpid() { interval = nil }
        return ServiceNotifier(
            path, watchdogNanoseconds: interval.flatMap { $0.overflow || $0.partialValue <= 0 ? nil : $0.partialValue })
    }

    /// - Parameter path: of a datagram socket; a leading `@` is the abstract name space (unix(7)).
    public init?(_ path: String, watchdogNanoseconds: Int64? = nil) {
        var bytes = Array(path.utf8)
        let isAbstract = bytes.first == UInt8(ascii: "@")
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard isAbstract || bytes.first == UInt8(ascii: "/"), bytes.count > 1, bytes.count < room else { return nil }
        if isAbstract { bytes[0] = 0 }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { return nil }
        descriptor = Descriptor(adopting: number)
        self.address = address
        // An abstract name ends where the address does, a path at its zero.
        addressBytes = socklen_t(
            MemoryLayout.offset(of: \sockaddr_un.sun_path)! + bytes.count + (isAbstract ? 0 : 1))
        self.watchdogNanoseconds = watchdogNanoseconds
    }

    /// Sends `KEY=VALUE` lines as one datagram; false when nobody took it.
    @discardableResult
    public func send(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bytes.withUnsafeBytes {
                    unsafe sendto(
                        descriptor.number, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL),
                        pointer, addressBytes) == $0.count
                }
            }
        }
    }

    private static func text(_ name: String) -> String? {
        guard let value = unsafe getenv(name), unsafe value[0] != 0 else { return nil }
        return unsafe String(cString: value)
    }
}
