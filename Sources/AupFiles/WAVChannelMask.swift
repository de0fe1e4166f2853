internal import AupSound

/// The channel mask of WAVE_FORMAT_EXTENSIBLE (Microsoft, `ksmedia.h`): one bit a loudspeaker, and the channels of
/// the file stand in the order of the bits.
enum WAVChannelMask {
    /// Loudspeakers by bit number.
    static let positions: [ChannelPosition] = [
        .frontLeft, .frontRight, .frontCenter, .lowFrequency, .rearLeft, .rearRight, .frontLeftCenter,
        .frontRightCenter, .rearCenter, .sideLeft, .sideRight, .topCenter, .topFrontLeft, .topFrontCenter,
        .topFrontRight, .topRearLeft, .topRearCenter, .topRearRight,
    ]

    /// The layout that a mask means; `nil` when it names nobody. Surplus bits are ignored and channels without a
    /// bit have no known position, as the format's definition says.
    static func layout(mask: UInt32, channels: Int) -> ChannelLayout? {
        var found = positions.indices.filter { mask >> UInt32($0) & 1 == 1 }.map { positions[$0] }
        guard !found.isEmpty else { return nil }
        if channels == 1, found[0] == .frontCenter { return ChannelLayout([.mono]) }
        found = Array(found.prefix(channels))
        return ChannelLayout(found + Array(repeating: .unknown, count: channels - found.count))
    }

    /// The mask of a layout, and for each channel of the file the channel of the stream it comes from. `nil` when a
    /// position has no bit.
    static func order(of layout: ChannelLayout) -> (mask: UInt32, sources: [Int])? {
        if layout.positions == [.mono] { return (1 << 2, [0]) }
        var bits: [(bit: Int, channel: Int)] = []
        for (channel, position) in layout.positions.enumerated() {
            guard let bit = positions.firstIndex(of: position) else { return nil }
            bits.append((bit, channel))
        }
        bits.sort { $0.bit < $1.bit }
        return (bits.reduce(0) { $0 | 1 << UInt32($1.bit) }, bits.map(\.channel))
    }
}
