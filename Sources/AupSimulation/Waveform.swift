internal import AupSound

/// The signals that a simulated device captures, each a function of the frame number alone: two reads of the same
/// frame give the same sample whatever the block sizes were, and nothing is accumulated that could drift.
///
/// - Thread: audio.
struct Waveform {
    enum Shape { case silence, sine, noise, sweep, impulse, file }

    var shape: Shape
    var format: SampleFormat
    var channels: Int
    var frameBytes: Int
    var silenceByte: UInt8
    var rate: Int64
    /// Peak amplitude, full scale is 1.
    var amplitude: Double
    var frequencyMicrohertz: Int64
    var seed: UInt64

    // MARK: - Audio thread

    /// Writes `frames` interleaved frames, the first of them number `position` of the device's own time line.
    @_noLocks
    func render(into memory: UnsafeMutableRawPointer, position: Int64, frames: Int) {
        switch shape {
        case .silence, .file:
            for index in 0..<frames * frameBytes {
                unsafe memory.storeBytes(of: silenceByte, toByteOffset: index, as: UInt8.self)
            }
        case .sine: unsafe renderSine(memory, position, frames)
        case .noise: unsafe renderNoise(memory, position, frames)
        case .sweep: unsafe renderSweep(memory, position, frames)
        case .impulse: unsafe renderImpulse(memory, position, frames)
        }
    }

    /// The phase is a whole number of microhertz·frames modulo one turn, so it is exact after any number of hours.
    @_noLocks
    private func renderSine(_ memory: UnsafeMutableRawPointer, _ position: Int64, _ frames: Int) {
        let turn = UInt64(rate) * 1_000_000
        let step = UInt64(frequencyMicrohertz) % turn
        // The product has up to 100 bits; its high word stays below the divisor because both factors are below it.
        let product = (UInt64(position) % turn).multipliedFullWidth(by: step)
        var phase = turn.dividingFullWidth((product.high, product.low)).remainder
        let scale = 1 / Double(turn)
        for frame in 0..<frames {
            unsafe storeFrame(amplitude * sine(turns: Double(phase) * scale), memory, frame)
            phase += step
            if phase >= turn { phase -= turn }
        }
    }

    /// Climbs from 20 Hz to 20 kHz in ten seconds, then begins again.
    ///
    /// Farina's exponential sweep (AES 108, 2000): turns(t) = f0·T/L · (e^(t·L/T) - 1), where L = ln(f1/f0).
    @_noLocks
    private func renderSweep(_ memory: UnsafeMutableRawPointer, _ position: Int64, _ frames: Int) {
        let seconds: Int64 = 10
        // ln(20000 / 20), since logarithms are no part of the audio thread's vocabulary.
        let logarithm = 6.907755278982137
        let length = rate * seconds
        let factor = 20 * Double(seconds) / logarithm
        let perFrame = logarithm / Double(length)
        for frame in 0..<frames {
            let at = (position + Int64(frame)) % length
            let turns = factor * (exponential(Double(at) * perFrame) - 1)
            unsafe storeFrame(amplitude * sine(turns: turns), memory, frame)
        }
    }

    @_noLocks
    private func renderNoise(_ memory: UnsafeMutableRawPointer, _ position: Int64, _ frames: Int) {
        let count = frames * channels
        let first = UInt64(position) &* UInt64(channels)
        for index in 0..<count {
            // SplitMix64 (Steele, Lea, Flood 2014) of the sample's own number: white, and seekable.
            var bits = (seed &+ first &+ UInt64(index)) &* 0x9E37_79B9_7F4A_7C15
            bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
            bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
            bits ^= bits >> 31
            let uniform = Double(Int64(bitPattern: bits) >> 11) * 0x1p-52
            unsafe store(amplitude * uniform, memory, index)
        }
    }

    /// One sample on every channel at the beginning of each second.
    @_noLocks
    private func renderImpulse(_ memory: UnsafeMutableRawPointer, _ position: Int64, _ frames: Int) {
        for frame in 0..<frames {
            unsafe storeFrame((position + Int64(frame)) % rate == 0 ? amplitude : 0, memory, frame)
        }
    }

    @_noLocks @inline(__always)
    private func storeFrame(_ value: Double, _ memory: UnsafeMutableRawPointer, _ frame: Int) {
        for channel in 0..<channels { unsafe store(value, memory, frame * channels + channel) }
    }

    /// Full scale is 2^(bits-1); values round to nearest and clip at the top, where two's complement lacks a step.
    @_noLocks @inline(__always)
    private func store(_ value: Double, _ memory: UnsafeMutableRawPointer, _ index: Int) {
        switch format {
        case .u8:
            unsafe memory.storeBytes(of: UInt8(128 + nearest(value, 128)), toByteOffset: index, as: UInt8.self)
        case .s16:
            unsafe memory.storeBytes(of: Int16(nearest(value, 32_768)), toByteOffset: index * 2, as: Int16.self)
        case .s24:
            unsafe memory.storeBytes(of: Int32(nearest(value, 8_388_608)), toByteOffset: index * 4, as: Int32.self)
        case .s24Packed:
            let sample = UInt32(truncatingIfNeeded: nearest(value, 8_388_608))
            unsafe memory.storeBytes(of: UInt16(sample & 0xFFFF), toByteOffset: index * 3, as: UInt16.self)
            unsafe memory.storeBytes(of: UInt8(sample >> 16 & 0xFF), toByteOffset: index * 3 + 2, as: UInt8.self)
        case .s32:
            unsafe memory.storeBytes(
                of: Int32(nearest(value, 2_147_483_648)), toByteOffset: index * 4, as: Int32.self)
        case .f32: unsafe memory.storeBytes(of: Float(value), toByteOffset: index * 4, as: Float.self)
        case .f64: unsafe memory.storeBytes(of: value, toByteOffset: index * 8, as: Double.self)
        case .alaw:
            unsafe memory.storeBytes(of: alaw(nearest(value, 32_768)), toByteOffset: index, as: UInt8.self)
        case .mulaw:
            unsafe memory.storeBytes(of: mulaw(nearest(value, 32_768)), toByteOffset: index, as: UInt8.self)
        }
    }

    @_noLocks @inline(__always)
    private func nearest(_ value: Double, _ scale: Double) -> Int64 {
        let scaled = value * scale
        let rounded = Int64(scaled < 0 ? scaled - 0.5 : scaled + 0.5)
        let top = Int64(scale) - 1
        return rounded > top ? top : rounded < -top - 1 ? -top - 1 : rounded
    }
}

// MARK: - Audio thread

/// sin(2π·turns). Swift's own calls a library that promises nothing; this is the Taylor series on a quarter turn, whose
/// first omitted term is below 5e-14.
@_noLocks @inline(__always)
func sine(turns: Double) -> Double {
    var part = turns - Double(Int64(turns))
    if part > 0.5 { part -= 1 } else if part < -0.5 { part += 1 }
    // Folds the outer quarters inwards: sin(π - x) = sin(x).
    if part > 0.25 { part = 0.5 - part } else if part < -0.25 { part = -0.5 - part }
    let x = part * (2 * Double.pi)
    let square = x * x
    var sum = 1 / 355_687_428_096_000.0
    sum = -1 / 1_307_674_368_000.0 + square * sum
    sum = 1 / 6_227_020_800.0 + square * sum
    sum = -1 / 39_916_800.0 + square * sum
    sum = 1 / 362_880.0 + square * sum
    sum = -1 / 5040.0 + square * sum
    sum = 1 / 120.0 + square * sum
    sum = -1 / 6.0 + square * sum
    return x * (1 + square * sum)
}

/// e^x for 0 ≤ x ≤ 700: a power of two from the exponent's bits and a Taylor series on the rest, whose first omitted
/// term is below 1e-15.
@_noLocks @inline(__always)
func exponential(_ x: Double) -> Double {
    let ln2 = 0.6931471805599453
    let power = Int64(x / ln2 + 0.5)
    let rest = x - Double(power) * ln2
    var sum = 1.0
    var divisor = 13.0
    while divisor > 0 {
        sum = 1 + rest / divisor * sum
        divisor -= 1
    }
    return sum * Double(bitPattern: UInt64(1023 + power) << 52)
}

/// ITU-T G.711 A-law of a 16-bit sample.
@_noLocks
func alaw(_ sample: Int64) -> UInt8 {
    let mask: UInt8 = sample >= 0 ? 0xD5 : 0x55
    let magnitude = (sample >= 0 ? sample : -sample - 1) >> 3
    guard magnitude >= 32 else { return UInt8(magnitude >> 1) ^ mask }
    var segment: Int64 = 1
    while magnitude >> (segment + 5) > 0 { segment += 1 }
    return UInt8(segment << 4 | magnitude >> segment & 15) ^ mask
}

/// ITU-T G.711 µ-law of a 16-bit sample.
@_noLocks
func mulaw(_ sample: Int64) -> UInt8 {
    let mask: UInt8 = sample >= 0 ? 0xFF : 0x7F
    let magnitude = min((sample >= 0 ? sample : -sample - 1) >> 2, 8158) + 33
    var segment: Int64 = 0
    while magnitude >> (segment + 6) > 0 { segment += 1 }
    return UInt8(segment << 4 | magnitude >> (segment + 1) & 15) ^ mask
}
