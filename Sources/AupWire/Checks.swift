/// The check of the header: CRC-16 with the polynomial 0x1021, start value 0xFFFF, most significant bit first
/// (CRC-16/IBM-3740, `binascii.crc_hqx` in Python), which finds every damage of up to 16 neighbouring bits.
///
/// Eight bytes a step from eight tables, since a byte at a time costs more than all the rest of a small packet.
enum HeaderCheck {
    // Immutable after its one initialisation and never freed, because every decoder of the process reads it.
    private nonisolated(unsafe) static let tables: UnsafePointer<UInt16> = unsafe makeTables()
    /// The six bytes of a header's first eight that come before its check, in the order of a big-endian load.
    private static let beforeCheck: UInt64 = 0xFFFF_FFFF_FFFF_0000

    /// The check over the 32 bytes of a header, those of the check itself taken as zero.
    static func value(_ header: UnsafeRawPointer) -> UInt16 {
        let table = unsafe tables
        var crc: UInt16 = 0xFFFF
        for offset in stride(from: 0, to: PacketHeader.size, by: 8) {
            var word = UInt64(bigEndian: unsafe header.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            if offset == 0 { word &= beforeCheck }
            word ^= UInt64(crc) << 48
            // Table 7 belongs to the byte that is followed by seven others.
            let a = unsafe look(table, 7, word, 56) ^ look(table, 6, word, 48)
            let b = unsafe look(table, 5, word, 40) ^ look(table, 4, word, 32)
            let c = unsafe look(table, 3, word, 24) ^ look(table, 2, word, 16)
            let d = unsafe look(table, 1, word, 8) ^ look(table, 0, word, 0)
            crc = (a ^ b) ^ (c ^ d)
        }
        return crc
    }

    @inline(__always)
    private static func look(
        _ table: UnsafePointer<UInt16>, _ number: Int, _ word: UInt64, _ shift: UInt64
    ) -> UInt16 {
        unsafe table[number << 8 | Int(truncatingIfNeeded: word &>> shift & 0xFF)]
    }

    private static func makeTables() -> UnsafePointer<UInt16> {
        let table = UnsafeMutablePointer<UInt16>.allocate(capacity: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt16(byte) << 8
            for _ in 0..<8 { crc = crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
            unsafe table[byte] = crc
        }
        for index in 256..<8 * 256 {
            let crc = unsafe table[index - 256]
            unsafe table[index] = unsafe crc << 8 ^ table[Int(crc >> 8)]
        }
        return unsafe UnsafePointer(table)
    }
}

/// The check of the payload: CRC-32C (Castagnoli, RFC 3720 section B.4), sixteen bytes a step from sixteen tables
/// (Kounavis and Berry, "Novel table lookup-based algorithms for high-performance CRC generation", 2008).
enum PayloadCheck {
    // Immutable after its one initialisation and never freed, because every decoder of the process reads it.
    private nonisolated(unsafe) static let tables: UnsafePointer<UInt32> = unsafe makeTables()

    static func value(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        guard let base = bytes.baseAddress else { return 0 }
        let table = unsafe tables
        var crc = UInt32.max
        var offset = 0
        let whole = bytes.count & ~15
        while offset < whole {
            let low = UInt64(littleEndian: unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let high = UInt64(littleEndian: unsafe base.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
            // Table 15 belongs to the byte that is followed by fifteen others. The twelve bytes that do not wait for
            // the step before come first, because the compiler folds them in this order into one chain.
            let a = unsafe look(table, 11, low, 32) ^ look(table, 10, low, 40)
            let b = unsafe look(table, 9, low, 48) ^ look(table, 8, low, 56)
            let c = unsafe look(table, 7, high, 0) ^ look(table, 6, high, 8)
            let d = unsafe look(table, 5, high, 16) ^ look(table, 4, high, 24)
            let e = unsafe look(table, 3, high, 32) ^ look(table, 2, high, 40)
            let f = unsafe look(table, 1, high, 48) ^ look(table, 0, high, 56)
            let data = (a ^ b) ^ (c ^ d) ^ (e ^ f)
            let first = UInt64(UInt32(truncatingIfNeeded: low) ^ crc)
            let g = unsafe look(table, 15, first, 0) ^ look(table, 14, first, 8)
            let h = unsafe look(table, 13, first, 16) ^ look(table, 12, first, 24)
            crc = data ^ (g ^ h)
            offset += 16
        }
        while offset < bytes.count {
            let byte = unsafe base.load(fromByteOffset: offset, as: UInt8.self)
            crc = unsafe crc >> 8 ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)]
            offset += 1
        }
        return ~crc
    }

    @inline(__always)
    private static func look(
        _ table: UnsafePointer<UInt32>, _ number: Int, _ word: UInt64, _ shift: UInt64
    ) -> UInt32 {
        unsafe table[number << 8 | Int(truncatingIfNeeded: word &>> shift & 0xFF)]
    }

    private static func makeTables() -> UnsafePointer<UInt32> {
        let table = UnsafeMutablePointer<UInt32>.allocate(capacity: 16 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 != 0 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
            unsafe table[byte] = crc
        }
        for index in 256..<16 * 256 {
            let crc = unsafe table[index - 256]
            unsafe table[index] = unsafe crc >> 8 ^ table[Int(crc & 0xFF)]
        }
        return unsafe UnsafePointer(table)
    }
}
