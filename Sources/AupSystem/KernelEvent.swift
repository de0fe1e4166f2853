/// What the kernel, or udev after it, says of one device: a message of NETLINK_KOBJECT_UEVENT taken apart.
///
///     kernel   add@/devices/…/sound/card2/controlC2 0 ACTION=add 0 DEVPATH=… 0 SUBSYSTEM=sound 0 DEVNAME=snd/controlC2 0
///     udev     "libudev" 0  0xFEEDCAFE  header's length  where the properties are  how long  …  ACTION=add 0 …
///
/// The second is libudev's own layout (udev_monitor_netlink_header, systemd's sd-device), in the machine's byte order but
/// for the magic number.
///
/// - Thread: any.
public struct KernelEvent: Sendable, Equatable {
    public enum Action: String, Sendable {
        case add, remove, change, move, bind, unbind, online, offline
    }

    /// Bytes of a message: the kernel writes 2 KiB at most (UEVENT_BUFFER_SIZE), udev adds what its rules found.
    public static let largestBytes = 16_384

    public var action: Action
    /// `sound`, `usb`, `block` …
    public var subsystem: String
    /// Below `/dev`, `nil` for a device without a node: `snd/controlC2`.
    public var node: String?

    /// `nil` where the bytes are no such message, or one without an action or a subsystem.
    public init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count <= Self.largestBytes, let properties = Self.properties(bytes) else { return nil }
        var (action, subsystem, node): (Action?, String?, String?) = (nil, nil, nil)
        for property in properties.split(separator: 0) {
            guard let equals = property.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let value = String(decoding: property[property.index(after: equals)...], as: UTF8.self)
            switch String(decoding: property[..<equals], as: UTF8.self) {
            case "ACTION": action = Action(rawValue: value)
            case "SUBSYSTEM": subsystem = value
            case "DEVNAME": node = value.hasPrefix("/dev/") ? String(value.dropFirst(5)) : value
            default: break
            }
        }
        guard let action, let subsystem else { return nil }
        self.action = action
        self.subsystem = subsystem
        self.node = node
    }

    private static func properties(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let prefix = Array("libudev".utf8) + [0]
        guard bytes.starts(with: prefix) else {
            // The kernel's begins with a line for people, which says nothing that does not follow.
            guard let end = bytes.firstIndex(of: 0), bytes[..<end].contains(UInt8(ascii: "@")) else { return nil }
            return bytes[(end + 1)...]
        }
        guard bytes.count >= 24 else { return nil }
        func byte(_ offset: Int) -> UInt32 { UInt32(bytes[bytes.startIndex + offset]) }
        let magic = (8..<12).reduce(UInt32(0)) { $0 << 8 | byte($1) }
        let numbers = [16, 20].map { field in
            unsafe bytes.withUnsafeBytes { Int(unsafe $0.loadUnaligned(fromByteOffset: field, as: UInt32.self)) }
        }
        guard magic == 0xFEED_CAFE, numbers[0] >= 24, numbers[0] <= bytes.count,
            numbers[1] <= bytes.count - numbers[0]
        else { return nil }
        let start = bytes.startIndex + numbers[0]
        return bytes[start..<(start + numbers[1])]
    }
}
