/// Which way channels become others: `--mix`.
public enum MixName: String, CaseIterable, Sendable {
    /// By the positions of both sides where they are known, else channel by channel.
    case auto
    /// ITU-R BS.775: centre and surrounds at -3 dB, the low frequency channel left out.
    case itu
    /// All of it on every channel, by way of stereo.
    case mono
    /// The first to the first, the second to the second, whatever they are.
    case copy
}

/// How much of each channel goes into each other one.
///
/// A position that both sides have passes as it is. Another goes where ITU-R BS.775-4, annex 4, table 2 sends it:
///
///     centre      ─▶ -3 dB left, -3 dB right        side, rear left ─▶ -3 dB left (right alike)
///     rear centre ─▶ -6 dB left, -6 dB right        low frequency   ─▶ nowhere
///
/// One channel goes to left and right as it is. To one channel go left and right at -6 dB: the standard has -3 dB there,
/// which clips wherever both sides are alike. Centre and surrounds may clip still, as the standard's sums do: that is
/// counted where it happens.
///
/// - Thread: any; a plain value.
public struct MixMatrix: Equatable, Sendable {
    public let name: MixName
    public let sources: Int
    public let targets: Int
    /// Amplitude factors: a row of `sources` for each of `targets`.
    public let coefficients: [Double]
    /// What should be said aloud, in a clause: channels that are heard nowhere, layouts that nobody knows.
    public let remark: String?

    /// -3 dB as the standard writes it.
    public static let minus3dB = 0.5.squareRoot()

    public init(_ name: MixName, from source: ChannelLayout, to target: ChannelLayout) {
        let (from, to) = (source.positions, target.positions)
        sources = from.count
        targets = to.count
        let isKnown = !from.contains(.unknown) && !to.contains(.unknown)
        let rows: [[Double]]
        switch name {
        case .auto where isKnown, .itu where isKnown:
            self.name = .itu
            rows = to.map { position in from.map { Self.share(of: $0, in: position, from, to) } }
        case .mono:
            self.name = .mono
            let row = from.map { isKnown ? Self.share(of: $0, in: .mono, from, [.mono]) : 1 / Double(from.count) }
            rows = to.map { $0 == .lowFrequency ? row.map { _ in 0 } : row }
        case .auto, .itu, .copy:
            self.name = .copy
            rows = to.indices.map { row in from.indices.map { $0 == row ? 1.0 : 0 } }
        }
        coefficients = rows.flatMap { $0 }
        let unheard = from.indices.filter { column in rows.allSatisfy { $0[column] == 0 } }
        var remarks: [String] = []
        if self.name == .copy, name != .copy {
            remarks.append("nobody says what the channels are, so they go one by one; --channel-map or --mix says it")
        }
        if !unheard.isEmpty {
            let names = unheard.map { from[$0] == .unknown ? "\($0 + 1)" : from[$0].name }
            remarks.append("not heard: \(names.joined(separator: ", "))")
        }
        remark = remarks.isEmpty ? nil : remarks.joined(separator: "; ")
    }

    /// Whether nothing changes.
    public var isIdentity: Bool {
        sources == targets
            && coefficients.indices.allSatisfy { coefficients[$0] == ($0 / sources == $0 % sources ? 1 : 0) }
    }

    /// How much of a channel goes to one of the target's.
    private static func share(
        of channel: ChannelPosition, in target: ChannelPosition, _ from: [ChannelPosition], _ to: [ChannelPosition]
    ) -> Double {
        if to.contains(channel) { return channel == target ? 1 : 0 }
        if channel == .mono {
            // To the centre where there is one and no stereo beside it to be fuller of.
            let sides: [ChannelPosition] = to.contains(.frontLeft) ? [.frontLeft, .frontRight] : [.frontCenter]
            return sides.contains(target) ? 1 : 0
        }
        // A rear pair stands in for a side pair and the other way round.
        if let twin = twins[channel], to.contains(twin), !from.contains(twin) { return twin == target ? 1 : 0 }
        let (left, right) = stereo(channel)
        switch target {
        case .frontLeft: return left
        case .frontRight: return right
        case .mono: return (left + right) / 2
        case .frontCenter where !to.contains(.frontLeft): return (left + right) / 2
        default: return 0
        }
    }

    private static let twins: [ChannelPosition: ChannelPosition] = [
        .sideLeft: .rearLeft, .rearLeft: .sideLeft, .sideRight: .rearRight, .rearRight: .sideRight,
    ]

    /// What of a channel is heard left and right.
    private static func stereo(_ channel: ChannelPosition) -> (left: Double, right: Double) {
        switch channel {
        case .frontLeft: (1, 0)
        case .frontRight: (0, 1)
        case .frontCenter, .frontCenterHigh, .topFrontCenter: (minus3dB, minus3dB)
        case .sideLeft, .rearLeft, .frontLeftCenter, .rearLeftCenter, .frontLeftWide, .frontLeftHigh, .topFrontLeft,
            .topRearLeft:
            (minus3dB, 0)
        case .sideRight, .rearRight, .frontRightCenter, .rearRightCenter, .frontRightWide, .frontRightHigh,
            .topFrontRight, .topRearRight:
            (0, minus3dB)
        case .rearCenter, .topCenter, .topRearCenter: (0.5, 0.5)
        case .mono: (1, 1)
        case .lowFrequency, .unknown: (0, 0)
        }
    }
}
