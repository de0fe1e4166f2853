public import AupSound

/// How loud a sound is, as players are told that make all sounds equally loud.
///
/// Two ways of saying so, each at home in its container:
///
/// |                | Ogg Opus                                | FLAC                                       |
/// |----------------|-----------------------------------------|--------------------------------------------|
/// | keys           | `R128_TRACK_GAIN`, `R128_ALBUM_GAIN`    | `REPLAYGAIN_TRACK_GAIN`, `…_PEAK`, `…ALBUM…` |
/// | the level      | -23 LUFS                                | -18 LUFS                                   |
/// | a value        | `-1254`: steps of 1/256 dB              | `-4.90 dB`; a peak as `0.987654`           |
///
/// Sources: RFC 7845, section 5.2.1; ReplayGain 2.0 specification (wiki.hydrogenaud.io), sections 3 and 4.
///
/// - Thread: any; a plain value.
public struct LoudnessTags: Equatable, Sendable {
    /// Integrated loudness in LUFS (ITU-R BS.1770), of the sound as every decoder gives it: of Ogg Opus with the output
    /// gain of its header in it, because players add `R128_TRACK_GAIN` to that one. What is not finite, as of silence,
    /// has no gain.
    public var trackLoudness: Double
    /// The highest amplitude, 1 for full scale; true peak or sample peak, which the specification leaves open.
    public var trackPeak: Double
    /// The same of all sounds of an album, one behind the other; `nil` where there is none.
    public var albumLoudness: Double?
    public var albumPeak: Double?

    public init(
        trackLoudness: Double, trackPeak: Double, albumLoudness: Double? = nil, albumPeak: Double? = nil
    ) {
        self.trackLoudness = trackLoudness
        self.trackPeak = trackPeak
        self.albumLoudness = albumLoudness
        self.albumPeak = albumPeak
    }

    /// For FLAC.
    public var replayGain: [SoundTag] {
        Self.tags([
            ("REPLAYGAIN_TRACK_GAIN", Self.decibels(trackLoudness)), ("REPLAYGAIN_TRACK_PEAK", Self.peak(trackPeak)),
            ("REPLAYGAIN_ALBUM_GAIN", albumLoudness.flatMap(Self.decibels)),
            ("REPLAYGAIN_ALBUM_PEAK", albumPeak.flatMap(Self.peak)),
        ])
    }

    /// For Ogg Opus, which has no peaks.
    public var r128: [SoundTag] {
        Self.tags([
            ("R128_TRACK_GAIN", Self.steps(trackLoudness)), ("R128_ALBUM_GAIN", albumLoudness.flatMap(Self.steps)),
        ])
    }

    /// What these values replace in FLAC: also the level that other gains were against. An album that nothing is said of
    /// keeps what it has.
    var replacedInFLAC: [String] {
        ["REPLAYGAIN_TRACK_GAIN", "REPLAYGAIN_TRACK_PEAK", "REPLAYGAIN_REFERENCE_LOUDNESS"]
            + (albumLoudness == nil ? [] : ["REPLAYGAIN_ALBUM_GAIN"])
            + (albumPeak == nil ? [] : ["REPLAYGAIN_ALBUM_PEAK"])
    }

    /// What they replace in Ogg Opus: also all of ReplayGain, which should not be there beside R128 (RFC 7845, 5.2.1).
    var replacedInOpus: [String] {
        [
            "R128_TRACK_GAIN", "REPLAYGAIN_TRACK_GAIN", "REPLAYGAIN_TRACK_PEAK", "REPLAYGAIN_ALBUM_GAIN",
            "REPLAYGAIN_ALBUM_PEAK", "REPLAYGAIN_REFERENCE_LOUDNESS",
        ] + (albumLoudness == nil ? [] : ["R128_ALBUM_GAIN"])
    }

    private static func tags(_ pairs: [(String, String?)]) -> [SoundTag] {
        pairs.compactMap { key, value in value.flatMap { SoundTag(key, $0) } }
    }

    /// Signed, 16 bits, 8 of them behind the point.
    private static func steps(_ loudness: Double) -> String? {
        guard loudness.isFinite else { return nil }
        return String(Int16(max(-32_768, min(32_767, ((-23 - loudness) * 256).rounded()))))
    }

    /// Two digits before the point and two behind it are what the specification allows.
    private static func decibels(_ loudness: Double) -> String? {
        guard loudness.isFinite else { return nil }
        let hundredths = Int(max(-9999, min(9999, ((-18 - loudness) * 100).rounded())))
        return (hundredths < 0 ? "-" : "") + fixed(abs(hundredths), digits: 2) + " dB"
    }

    private static func peak(_ amplitude: Double) -> String? {
        guard amplitude.isFinite, amplitude >= 0 else { return nil }
        // A thousand times full scale is no peak any more.
        return fixed(Int((min(amplitude, 1000) * 1_000_000).rounded()), digits: 6)
    }

    /// Without printf, so without a locale.
    private static func fixed(_ value: Int, digits: Int) -> String {
        let unit = (0..<digits).reduce(1) { unit, _ in unit * 10 }
        let rest = String(value % unit)
        return "\(value / unit)." + String(repeating: "0", count: digits - rest.utf8.count) + rest
    }
}
