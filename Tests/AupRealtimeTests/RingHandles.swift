import AupRealtime

extension FrameRing.Producer {
    mutating func push(_ numbers: [Int32]) -> Int {
        unsafe numbers.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            return unsafe write(from: base, frames: numbers.count)
        }
    }
}

extension FrameRing.Consumer {
    mutating func pull(_ count: Int) -> [Int32] {
        unsafe [Int32](unsafeUninitializedCapacity: max(count, 1)) { buffer, filled in
            guard let base = buffer.baseAddress else { return }
            filled = unsafe read(into: base, frames: count)
        }
    }
}

/// Numbers that look random and are the same every run (SplitMix64, Steele, Lea, Flood 2014).
struct Wheel {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// At least -1, below 1.
    mutating func unit() -> Double { Double(Int64(bitPattern: next()) >> 11) * 0x1p-52 }
}
