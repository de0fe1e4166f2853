/// The types of docs/wire.md, and whether a reader that does not know the type may skip it.
enum PacketType: UInt8, CaseIterable {
    case format = 1
    case audio = 2
    case silence = 3
    case gap = 4
    case event = 5
    case end = 6

    var isCritical: Bool { self != .event }
}

/// Bits of the header's flag byte.
enum PacketFlags {
    static let critical: UInt8 = 1
    static let checked: UInt8 = 2
    static let known: UInt8 = critical | checked
}

/// The 32 bytes in front of every packet, as docs/wire.md draws them.
///
///     0        4      5       6       8          12         16         24            32
///     aup ver  type   flags   check   length     sequence   position   capture time
struct PacketHeader: Equatable {
    static let size = 32
    static let version: UInt8 = 1
    /// Bytes of the payload check, the last of a body that has one.
    static let checkSize = 4

    var version = Self.version
    var type: UInt8
    var flags: UInt8
    var check: UInt16 = 0
    var length: UInt32
    var sequence: UInt32
    var position: UInt64
    var captureTime: Int64

    var isCritical: Bool { flags & PacketFlags.critical != 0 }
    var isChecked: Bool { flags & PacketFlags.checked != 0 }
    /// Bytes after the header: payload, zeros and check, a multiple of eight.
    var bodySize: Int { Self.bodySize(payload: Int(length), isChecked: isChecked) }

    static func bodySize(payload: Int, isChecked: Bool) -> Int {
        (payload + (isChecked ? checkSize : 0) + 7) & ~7
    }

    init(
        type: PacketType, isChecked: Bool, length: Int, sequence: UInt32, position: Int64, captureTime: Int64
    ) {
        self.type = type.rawValue
        self.flags = (type.isCritical ? PacketFlags.critical : 0) | (isChecked ? PacketFlags.checked : 0)
        self.length = UInt32(length)
        self.sequence = sequence
        self.position = UInt64(position)
        self.captureTime = captureTime
    }

    /// Reads 32 bytes, whatever they hold; the decoder judges them.
    init(load bytes: UnsafeRawPointer) {
        version = unsafe bytes.load(fromByteOffset: 3, as: UInt8.self)
        type = unsafe bytes.load(fromByteOffset: 4, as: UInt8.self)
        flags = unsafe bytes.load(fromByteOffset: 5, as: UInt8.self)
        check = UInt16(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: 6, as: UInt16.self))
        length = UInt32(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        sequence = UInt32(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
        position = UInt64(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        captureTime = Int64(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: 24, as: Int64.self))
    }

    /// Writes 32 bytes, the check among them.
    func store(to bytes: UnsafeMutableRawPointer) {
        unsafe bytes.storeBytes(of: 0x61, toByteOffset: 0, as: UInt8.self)
        unsafe bytes.storeBytes(of: 0x75, toByteOffset: 1, as: UInt8.self)
        unsafe bytes.storeBytes(of: 0x70, toByteOffset: 2, as: UInt8.self)
        unsafe bytes.storeBytes(of: version, toByteOffset: 3, as: UInt8.self)
        unsafe bytes.storeBytes(of: type, toByteOffset: 4, as: UInt8.self)
        unsafe bytes.storeBytes(of: flags, toByteOffset: 5, as: UInt8.self)
        unsafe bytes.storeBytes(of: length.littleEndian, toByteOffset: 8, as: UInt32.self)
        unsafe bytes.storeBytes(of: sequence.littleEndian, toByteOffset: 12, as: UInt32.self)
        unsafe bytes.storeBytes(of: position.littleEndian, toByteOffset: 16, as: UInt64.self)
        unsafe bytes.storeBytes(of: captureTime.littleEndian, toByteOffset: 24, as: Int64.self)
        let check = unsafe HeaderCheck.value(UnsafeRawPointer(bytes))
        unsafe bytes.storeBytes(of: check.littleEndian, toByteOffset: 6, as: UInt16.self)
    }
}
