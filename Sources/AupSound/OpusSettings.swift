/// How sound is to be encoded.
///
/// - Thread: any.
public struct OpusSettings: Sendable, Equatable {
    /// What the codec is tuned for.
    public enum Application: String, Sendable, CaseIterable {
        case voip, audio
        /// Without the modes for speech, and with 4 ms less of look-ahead.
        case lowdelay
    }

    /// How the bit rate follows the sound.
    public enum RateControl: String, Sendable, CaseIterable {
        /// As much as the sound needs, the wanted rate on average.
        case variable
        /// The same, but no packet needs longer than its own time over a line of that rate, but for one packet's reserve.
        case constrained
        /// Every packet has the same length.
        case constant
    }

    public enum Signal: String, Sendable, CaseIterable {
        case auto, voice, music
    }

    public var application = Application.audio
    public var rateControl = RateControl.variable
    /// Of all channels together; `nil` for ``usualBits(channels:)``.
    public var bitsPerSecond: Int?
    /// Frames per second of what the encoder is given, one of ``rates``: fewer keep only the lower part of the sound.
    public var codingRate = OpusConfiguration.rate
    /// Frames of one packet at 48 kHz: 120 to 2880, which is 2.5 to 60 ms.
    public var frameSize = 960
    /// 0 to 10, the best and slowest.
    public var complexity = 10
    /// Hertz that are kept at most; `nil` for all that the bits are enough for.
    public var bandwidth: Int?
    /// Packets in a hundred that are expected to be lost.
    public var lossPercent = 0
    /// Each packet holds a coarse copy of the one before it.
    public var hasErrorCorrection = false
    /// Silence costs hardly any bits.
    public var hasDiscontinuousTransmission = false
    public var signal = Signal.auto
    /// By which players are to change the level of an Ogg file, which says so in its header: -128 to 127 dB.
    public var outputGainDecibels = 0.0
    /// Two seconds that come later have a say in how a packet is made, which is how opusenc does it. For files only: live sound
    /// would be late by as much.
    public var looksAhead = false

    public static let frameSizes = [120, 240, 480, 960, 1920, 2880]
    public static let outputGains = -128.0...127.0
    public static let bandwidths = [4000, 6000, 8000, 12_000, 20_000]
    /// Bits per second of one channel.
    public static let bitLimits = 500...256_000
    /// Rates that need no resampling.
    public static let rates = [8000, 12_000, 16_000, 24_000, 48_000]
    /// Channels of one stream; more than 8 have no order that players know.
    public static let channelLimit = 255

    public init() {}

    /// What opusenc takes when nothing is said: 64 kbit/s for each stream and 32 more where it is stereo.
    public static func usualBits(streams: Int, coupled: Int) -> Int { 64_000 * streams + 32_000 * coupled }
}
