/// How one sample is stored: its width, its code and where the meaningful bits lie.
///
/// All formats are little endian on the wire and in memory. The raw value is the code of the format
/// packet (docs/wire.md), so cases are only ever appended.
///
/// - Thread: any.
public enum SampleFormat: UInt8, CaseIterable, Sendable {
    /// Unsigned 8 bit, silence is 128.
    case u8 = 1
    /// Signed 16 bit.
    case s16 = 2
    /// Signed 24 bit in the low three bytes of four, sign extended (ALSA's `S24_LE`).
    case s24 = 3
    /// Signed 24 bit packed in three bytes (ALSA's `S24_3LE`, what a WAV file holds).
    case s24Packed = 4
    /// Signed 32 bit.
    case s32 = 5
    /// IEEE 754 single precision, full scale is ±1.
    case f32 = 6
    /// IEEE 754 double precision, full scale is ±1.
    case f64 = 7
    /// ITU-T G.711 A-law.
    case alaw = 8
    /// ITU-T G.711 µ-law.
    case mulaw = 9

    /// Bytes of one sample of one channel.
    public var bytesPerSample: Int {
        switch self {
        case .u8, .alaw, .mulaw: 1
        case .s16: 2
        case .s24Packed: 3
        case .s24, .s32, .f32: 4
        case .f64: 8
        }
    }

    /// Meaningful bits of one sample; for the companded formats the width of what they decode to.
    public var significantBits: Int {
        switch self {
        case .u8: 8
        case .alaw, .mulaw, .s16: 16
        case .s24, .s24Packed: 24
        case .s32: 32
        case .f32: 24
        case .f64: 53
        }
    }

    public var isFloatingPoint: Bool { self == .f32 || self == .f64 }

    /// The name `-f` takes and reports print.
    public var name: String {
        switch self {
        case .u8: "u8"
        case .s16: "s16"
        case .s24: "s24"
        case .s24Packed: "s24_3"
        case .s32: "s32"
        case .f32: "f32"
        case .f64: "f64"
        case .alaw: "alaw"
        case .mulaw: "mulaw"
        }
    }

    /// The name alsa-lib gives the same format.
    public var alsaName: String {
        switch self {
        case .u8: "U8"
        case .s16: "S16_LE"
        case .s24: "S24_LE"
        case .s24Packed: "S24_3LE"
        case .s32: "S32_LE"
        case .f32: "FLOAT_LE"
        case .f64: "FLOAT64_LE"
        case .alaw: "A_LAW"
        case .mulaw: "MU_LAW"
        }
    }

    /// The byte that fills silence; every format's silence is one byte repeated.
    public var silenceByte: UInt8 {
        switch self {
        case .u8: 0x80
        case .alaw: 0xD5
        case .mulaw: 0xFF
        default: 0
        }
    }

    /// Reads a format name: aup's own or ALSA's, in any case, with or without `_LE`.
    public init?(name: String) {
        let wanted = name.lowercased()
        let match = Self.allCases.first { format in
            let alsa = format.alsaName.lowercased()
            return wanted == format.name || wanted == alsa || wanted + "_le" == alsa
        }
        switch (match, wanted) {
        case (let format?, _): self = format
        case (nil, "float"), (nil, "float32"): self = .f32
        case (nil, "double"), (nil, "float64"): self = .f64
        case (nil, "ulaw"): self = .mulaw
        default: return nil
        }
    }
}
