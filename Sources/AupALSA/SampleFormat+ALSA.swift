import AupSound
import CALSA

extension SampleFormat {
    /// alsa-lib's constant for the same bytes.
    var alsaFormat: snd_pcm_format_t {
        switch self {
        case .u8: SND_PCM_FORMAT_U8
        case .s16: SND_PCM_FORMAT_S16_LE
        case .s24: SND_PCM_FORMAT_S24_LE
        case .s24Packed: SND_PCM_FORMAT_S24_3LE
        case .s32: SND_PCM_FORMAT_S32_LE
        case .f32: SND_PCM_FORMAT_FLOAT_LE
        case .f64: SND_PCM_FORMAT_FLOAT64_LE
        case .alaw: SND_PCM_FORMAT_A_LAW
        case .mulaw: SND_PCM_FORMAT_MU_LAW
        }
    }

    init?(alsaFormat: snd_pcm_format_t) {
        guard let format = Self.allCases.first(where: { $0.alsaFormat == alsaFormat }) else { return nil }
        self = format
    }

    /// Formats in the order in which they may stand in for this one: itself, then those that hold it without loss from
    /// the nearest on, then the narrower ones from the widest on.
    var substitutes: [SampleFormat] {
        let plain: [SampleFormat] = [.u8, .s16, .s24, .s24Packed, .f32, .s32, .f64]
        // A float of 24 bits reaches beyond full scale, an integer of the same width does not: it comes first.
        let float: [SampleFormat] = [.f32, .f64, .s32, .s24, .s24Packed, .s16, .u8]
        if isFloatingPoint { return [self] + float.filter { $0 != self } }
        let wider = plain.filter { $0 != self && $0.significantBits >= significantBits }
        let narrower = plain.reversed().filter { $0.significantBits < significantBits }
        return [self] + wider + narrower
    }

    /// What is taken of a device that offers a choice when nobody asked: all the resolution the converters have.
    static let hardwarePreference: [SampleFormat] = [.s32, .s24, .s24Packed, .f32, .s16, .u8, .f64, .mulaw, .alaw]
    /// The same for sound servers and converting plugins, whose own format is float.
    static let serverPreference: [SampleFormat] = [.f32, .s32, .s24, .s24Packed, .s16, .u8, .f64, .mulaw, .alaw]
}
