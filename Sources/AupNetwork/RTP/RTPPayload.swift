public import AupSound

/// What the packets of a stream hold, as an rtpmap says it: `opus/48000/2`, `L16/44100/2`.
///
/// - Thread: any.
public struct RTPPayload: Equatable, Sendable {
    public enum Coding: String, Sendable, CaseIterable {
        /// RFC 7587; one or two channels, and 48000 whatever it is.
        case opus
        /// 16 bits, big endian (RFC 3551, section 4.5.11).
        case l16
        /// 24 bits, big endian (RFC 3190, section 4).
        case l24

        /// How samples lie in aup's own stream; `nil` for a codec.
        public var sampleFormat: SampleFormat? {
            switch self {
            case .opus: nil
            case .l16: .s16
            case .l24: .s24Packed
            }
        }
    }

    public var coding: Coding
    /// Timestamps in a second.
    public var rate: Int
    public var channels: Int

    /// `nil` for a rate or a number of channels that there is none of.
    public init?(_ coding: Coding, rate: Int, channels: Int) {
        guard Limits.rates.contains(rate), (1...Limits.channels).contains(channels) else { return nil }
        if coding == .opus { guard rate == OpusConfiguration.rate, channels <= 2 else { return nil } }
        self.coding = coding
        self.rate = rate
        self.channels = channels
    }

    /// Reads `opus`, `l16`, `L16/44100`, `l24/96000/8`; what is not said is 48000 and two channels.
    public init?(word: String) {
        let parts = word.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count), let coding = Coding(rawValue: parts[0].lowercased()) else { return nil }
        var (rate, channels) = (48_000, 2)
        if parts.count > 1 {
            guard let number = Int(parts[1]) else { return nil }
            rate = number
        }
        if parts.count > 2 {
            guard let number = Int(parts[2]) else { return nil }
            channels = number
        }
        self.init(coding, rate: rate, channels: channels)
    }

    /// As an rtpmap has it: Opus always says two channels (RFC 7587, section 7).
    public var map: String {
        switch coding {
        case .opus: "opus/48000/2"
        case .l16, .l24: "\(coding.rawValue.uppercased())/\(rate)/\(channels)"
        }
    }

    /// The number that a payload type has when nobody says otherwise: those that RFC 3551, section 6, gave away, and three of
    /// our own among those that are free.
    public var usualType: UInt8 {
        switch (coding, rate, channels) {
        case (.l16, 44_100, 2): 10
        case (.l16, 44_100, 1): 11
        case (.opus, _, _): 96
        case (.l16, _, _): 97
        case (.l24, _, _): 98
        }
    }

    /// What a payload type means where nothing is said.
    public init?(usualType type: UInt8) {
        switch type {
        case 10: self.init(.l16, rate: 44_100, channels: 2)
        case 11: self.init(.l16, rate: 44_100, channels: 1)
        case 96: self.init(.opus, rate: 48_000, channels: 2)
        case 97: self.init(.l16, rate: 48_000, channels: 2)
        case 98: self.init(.l24, rate: 48_000, channels: 2)
        default: return nil
        }
    }

    /// A packet of Opus of so many bytes holds a head and no sound: the codec has nothing to say for a while (RFC 6716,
    /// section 3.1, a frame of no bytes; libopus, opus_encode: "2 bytes or less … does not need to be transmitted").
    public static let silenceBytes = 2

    /// Whether a packet says that nothing is to be heard until the next one.
    public func isSilence(_ bytes: [UInt8]) -> Bool { coding == .opus && bytes.count <= Self.silenceBytes }

    /// Bytes of a frame; `nil` for a codec.
    public var frameBytes: Int? { coding.sampleFormat.map { $0.bytesPerSample * channels } }

    /// Frames of one packet of PCM: the packet's time, divided into equal parts where that is more than a packet may hold.
    ///
    /// - Returns: at least one, and no more than fit into `bytes` if one does.
    public func packetFrames(nanoseconds: Int64, bytes: Int) -> Int {
        let wanted = max(1, Int(framesAt(nanoseconds + 500_000_000 / Int64(rate), rate: rate)))
        guard let frameBytes else { return wanted }
        let most = max(1, bytes / frameBytes)
        let parts = (wanted + most - 1) / most
        return (wanted + parts - 1) / parts
    }

    /// Turns the bytes of each sample round: aup's are little endian, the network's big.
    public static func swapBytes(_ samples: UnsafeMutableRawBufferPointer, bytesPerSample: Int) {
        var place = 0
        while place + bytesPerSample <= samples.count {
            unsafe samples.swapAt(place, place + bytesPerSample - 1)
            place += bytesPerSample
        }
    }
}
