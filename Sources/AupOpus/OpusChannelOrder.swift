public import AupSound

/// How the channels of a stream lie in an Opus stream: its surround modes know one order only (RFC 7845, 5.1.1.2).
///
/// - Thread: any.
struct OpusChannelOrder: Equatable {
    /// 0 for mono and stereo, 1 for up to eight channels in Vorbis order, 255 for channels without an order.
    let family: Int
    /// For each channel of the encoder, the channel of the sound that goes there.
    let sources: [Int]

    init(channels: Int, layout: ChannelLayout?) {
        if channels <= 2 {
            // Right before left is rare, but there are such layouts.
            let isSwapped = layout?.positions == [.frontRight, .frontLeft]
            (family, sources) = (0, isSwapped ? [1, 0] : Array(0..<channels))
        } else if channels <= 8, let given = layout ?? .usual(channels: channels),
            let sources = Self.vorbis(given)
        {
            (family, self.sources) = (1, sources)
        } else {
            (family, sources) = (255, Array(0..<channels))
        }
    }

    /// The order of RFC 7845, 5.1.1.2, for three to eight channels.
    static let vorbisOrders: [[ChannelPosition]] = [
        [.frontLeft, .frontCenter, .frontRight], [.frontLeft, .frontRight, .rearLeft, .rearRight],
        [.frontLeft, .frontCenter, .frontRight, .rearLeft, .rearRight],
        [.frontLeft, .frontCenter, .frontRight, .rearLeft, .rearRight, .lowFrequency],
        [.frontLeft, .frontCenter, .frontRight, .sideLeft, .sideRight, .rearCenter, .lowFrequency],
        [.frontLeft, .frontCenter, .frontRight, .sideLeft, .sideRight, .rearLeft, .rearRight, .lowFrequency],
    ]

    private static func vorbis(_ layout: ChannelLayout) -> [Int]? {
        let positions = layout.positions
        let wanted = vorbisOrders[positions.count - 3]
        let sources = wanted.compactMap { positions.firstIndex(of: $0) }
        if sources.count == wanted.count { return sources }
        // Where only side channels are there, they are what others call rear (5.1 of films).
        let sides: [ChannelPosition: ChannelPosition] = [.rearLeft: .sideLeft, .rearRight: .sideRight]
        let others = wanted.compactMap { positions.firstIndex(of: sides[$0] ?? $0) }
        return others.count == wanted.count ? others : nil
    }
}

extension OpusConfiguration {
    /// The channel mapping family of an Ogg file with this stream (RFC 7845, 5.1.1): 0 is for what is one stream in plain
    /// order, and nothing else.
    public var family: Int {
        let order = OpusChannelOrder(channels: channels, layout: layout)
        let isPlain =
            streams == 1 && coupledStreams == channels - 1
            && order.sources.map({ Int(mapping[$0]) }) == Array(0..<channels)
        return order.family == 0 && !isPlain ? 1 : order.family
    }
}
