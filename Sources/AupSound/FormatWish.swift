/// A format that is asked about, each part of which may be left open: `f32/48000/2`, `48000`, `s16//2`, `//6`, `cd`.
///
/// - Thread: any.
public struct FormatWish: Sendable, Equatable {
    public var sampleFormat: SampleFormat?
    public var rate: Int?
    public var channels: Int?

    /// Reads `FORMAT/RATE/CHANNELS`. What is empty or missing is open; a rate may come first where no format does.
    public init?(_ text: String) {
        var words = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard words.contains(where: { !$0.isEmpty }) else { return nil }
        if words[0].isEmpty || SampleFormat(name: words[0]) != nil {
            sampleFormat = SampleFormat(name: words[0])
        } else if let whole = Self.wholes[words[0].lowercased()], words.count == 1 {
            (sampleFormat, rate, channels) = (.s16, whole, 2)
            return
        } else {
            words.insert("", at: 0)
        }
        guard words.count <= 3 else { return nil }
        if words.count > 1, !words[1].isEmpty {
            guard let rate = parseRate(words[1]) else { return nil }
            self.rate = rate
        }
        if words.count > 2, !words[2].isEmpty {
            guard let channels = Int(words[2]), (1...Limits.channels).contains(channels) else { return nil }
            self.channels = channels
        }
    }

    /// ALSA's short names for 16 bits in stereo at a rate.
    private static let wholes = ["cd": 44_100, "dat": 48_000]
}

/// What a device answered to a ``FormatWish``.
///
/// - Thread: any.
public enum FormatAnswer: Sendable, Equatable {
    /// It takes that; what was left open would be what is here. `isConverted` where alsa-lib stands between and may
    /// bring the sound to another format.
    case yes(PCMFormat, isConverted: Bool)
    /// It does not. The clause says what, and what it offers instead: `has no 96000 Hz; it offers 44100, 48000 Hz`.
    case no(String)
}
