/// Where a channel is meant to sound. Raw values are ALSA's `SND_CHMAP_*` positions, which the format
/// packet carries too; the names are ALSA's as well.
public enum ChannelPosition: UInt8, CaseIterable, Sendable {
    case unknown = 0
    case mono = 2
    case frontLeft = 3
    case frontRight, rearLeft, rearRight, frontCenter, lowFrequency, sideLeft, sideRight, rearCenter
    case frontLeftCenter, frontRightCenter, rearLeftCenter, rearRightCenter
    case frontLeftWide, frontRightWide, frontLeftHigh, frontCenterHigh, frontRightHigh, topCenter
    case topFrontLeft, topFrontRight, topFrontCenter, topRearLeft, topRearRight, topRearCenter

    /// The short name `--channel-map` takes: `FL`, `LFE`, …
    public var name: String { Self.names[Int(rawValue)] }

    public init?(name: String) {
        guard let code = Self.names.firstIndex(of: name.uppercased()), let position = Self(rawValue: UInt8(code)) else {
            return nil
        }
        self = position
    }

    private static let names = [
        "UNKNOWN", "NA", "MONO", "FL", "FR", "RL", "RR", "FC", "LFE", "SL", "SR", "RC", "FLC", "FRC", "RLC", "RRC",
        "FLW", "FRW", "FLH", "FCH", "FRH", "TC", "TFL", "TFR", "TFC", "TRL", "TRR", "TRC",
    ]
}

/// The position of each channel of a stream, in the order the channels are interleaved.
public struct ChannelLayout: Equatable, Sendable {
    public let positions: [ChannelPosition]

    /// Between 1 and ``Limits/channels`` positions, of which no known one appears twice.
    public init?(_ positions: [ChannelPosition]) {
        guard (1...Limits.channels).contains(positions.count) else { return nil }
        let known = positions.filter { $0 != .unknown }
        guard Set(known).count == known.count else { return nil }
        self.positions = positions
    }

    /// Whether it says of any channel where it sounds.
    public var isKnown: Bool { positions.contains { $0 != .unknown } }

    /// Reads `FL,FR,LFE`.
    public init?(list: String) {
        let names = list.split(separator: ",", omittingEmptySubsequences: false)
        let positions = names.compactMap { ChannelPosition(name: String($0)) }
        guard positions.count == names.count else { return nil }
        self.init(positions)
    }

    /// What a bare channel count means in files and streams: WAV's order, that of its mask's bits, up to 7.1, unknown
    /// beyond.
    public static func usual(channels: Int) -> ChannelLayout? {
        switch channels {
        case 1: ChannelLayout([.mono])
        case 2: ChannelLayout([.frontLeft, .frontRight])
        case 3: ChannelLayout([.frontLeft, .frontRight, .frontCenter])
        case 4: ChannelLayout([.frontLeft, .frontRight, .rearLeft, .rearRight])
        case 5: ChannelLayout([.frontLeft, .frontRight, .frontCenter, .rearLeft, .rearRight])
        case 6: ChannelLayout([.frontLeft, .frontRight, .frontCenter, .lowFrequency, .rearLeft, .rearRight])
        case 7:
            ChannelLayout([.frontLeft, .frontRight, .frontCenter, .lowFrequency, .rearCenter, .sideLeft, .sideRight])
        case 8:
            ChannelLayout([
                .frontLeft, .frontRight, .frontCenter, .lowFrequency, .rearLeft, .rearRight, .sideLeft, .sideRight,
            ])
        default: ChannelLayout(Array(repeating: .unknown, count: channels))
        }
    }

    /// What a bare channel count means to a device: ALSA's own order up to 7.1, unknown beyond.
    public static func standard(channels: Int) -> ChannelLayout? {
        let surround: [ChannelPosition] = [
            .frontLeft, .frontRight, .rearLeft, .rearRight, .frontCenter, .lowFrequency, .sideLeft, .sideRight,
        ]
        switch channels {
        case 1: return ChannelLayout([.mono])
        case 2, 4, 6, 8: return ChannelLayout(Array(surround.prefix(channels)))
        case 3: return ChannelLayout([.frontLeft, .frontRight, .lowFrequency])
        case 5: return ChannelLayout([.frontLeft, .frontRight, .rearLeft, .rearRight, .frontCenter])
        default: return ChannelLayout(Array(repeating: .unknown, count: channels))
        }
    }

    public var list: String { positions.map(\.name).joined(separator: ",") }
}
