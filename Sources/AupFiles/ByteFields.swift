internal import Glibc

// Fields of headers, in either byte order. Bounds are the caller's: each checks its chunk's length first.

extension [UInt8] {
    func little(_ offset: Int, _ width: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in (0..<width).reversed() { value = value << 8 | UInt64(self[offset + index]) }
        return value
    }

    func big(_ offset: Int, _ width: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<width { value = value << 8 | UInt64(self[offset + index]) }
        return value
    }

    mutating func appendLittle(_ value: UInt64, _ width: Int) {
        for index in 0..<width { append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))) }
    }

    mutating func appendBig(_ value: UInt64, _ width: Int) {
        for index in (0..<width).reversed() { append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))) }
    }

    mutating func appendName(_ name: StaticString) {
        for index in 0..<name.utf8CodeUnitCount { unsafe append(name.utf8Start[index]) }
    }
}

/// What the system calls an errno, in the C locale's words.
func systemText(_ code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
}
