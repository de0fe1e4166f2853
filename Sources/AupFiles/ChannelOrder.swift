public import AupSound

/// In which order a container keeps the channels of some sound.
///
/// Sound of unknown layout is taken for what the count alone means in files (``AupSound/ChannelLayout/usual(channels:)``).
struct ChannelOrder {
    /// The sound as the container holds it.
    let format: PCMFormat
    /// For each channel of the file, the channel of the stream it comes from; `nil` when the order is the same.
    let sources: [Int]?

    /// The order of a container; `nil` where it has none for these loudspeakers.
    init?(_ format: PCMFormat, in container: RecordingContainer) {
        let isVorbis = container == .ogg || container == .opus
        self.init(format, in: Self.all(container, format.channels), orByMask: !isVorbis)
    }

    /// - Parameters:
    ///   - orders: the first with just these loudspeakers is taken.
    ///   - orByMask: others stand in the order of the bits of WAV's mask.
    init?(_ format: PCMFormat, in orders: [String], orByMask: Bool) {
        guard format.channels > 2, let given = Self.layout(of: format) else { return nil }
        func matching(_ names: String) -> [Int]? {
            guard let layout = ChannelLayout(list: names) else { return nil }
            let sources = layout.positions.compactMap { given.positions.firstIndex(of: $0) }
            return sources.count == format.channels ? sources : nil
        }
        let byMask = orByMask ? WAVChannelMask.order(of: given)?.sources : nil
        guard let found = orders.lazy.compactMap(matching).first ?? byMask else { return nil }
        let layout = ChannelLayout(found.map { given.positions[$0] })
        guard
            let stored = PCMFormat(format.sampleFormat, rate: format.rate, channels: format.channels, layout: layout)
        else { return nil }
        self.format = stored
        sources = found == Array(0..<found.count) ? nil : found
    }

    private static func layout(of format: PCMFormat) -> ChannelLayout? {
        if let layout = format.layout, layout.isKnown { return layout }
        return unnamed(format.channels)
    }

    /// What channels are that a file does not name: three to eight have WAV's order, one or two need none, and nobody
    /// knows of more.
    static func unnamed(_ channels: Int) -> ChannelLayout? {
        (3...8).contains(channels) ? .usual(channels: channels) : nil
    }

    /// RFC 9639 (FLAC) and the Vorbis I specification, 4.3.9, which RFC 7845 (Opus) repeats; all others go by the order
    /// of WAV's mask, which programs mean too where they write none. The first is what a file has that names nothing.
    static func all(_ container: RecordingContainer, _ channels: Int) -> [String] {
        switch container {
        case .flac, .wav, .w64, .caf, .aiff: wav(channels)
        case .ogg, .opus: vorbis(channels)
        case .mp3: []
        }
    }

    /// Those that follow the first have other loudspeakers at the sides or in the rear, where the first names one.
    static func wav(_ channels: Int) -> [String] {
        switch channels {
        case 3: ["FL,FR,FC"]
        case 4: ["FL,FR,RL,RR", "FL,FR,SL,SR"]
        case 5: ["FL,FR,FC,RL,RR", "FL,FR,FC,SL,SR"]
        case 6: ["FL,FR,FC,LFE,RL,RR", "FL,FR,FC,LFE,SL,SR"]
        case 7: ["FL,FR,FC,LFE,RC,SL,SR", "FL,FR,FC,LFE,RC,RL,RR"]
        case 8: ["FL,FR,FC,LFE,RL,RR,SL,SR"]
        default: []
        }
    }

    private static func vorbis(_ channels: Int) -> [String] {
        switch channels {
        case 3: ["FL,FC,FR"]
        case 4: ["FL,FR,RL,RR", "FL,FR,SL,SR"]
        case 5: ["FL,FC,FR,RL,RR", "FL,FC,FR,SL,SR"]
        case 6: ["FL,FC,FR,RL,RR,LFE", "FL,FC,FR,SL,SR,LFE"]
        case 7: ["FL,FC,FR,SL,SR,RC,LFE", "FL,FC,FR,RL,RR,RC,LFE"]
        case 8: ["FL,FC,FR,SL,SR,RL,RR,LFE"]
        default: []
        }
    }
}

extension RecordingContainer {
    /// For each channel of a file, the channel of some sound that belongs there; `nil` when the order is the same.
    public func channelSources(for format: PCMFormat) -> [Int]? { ChannelOrder(format, in: self)?.sources }
}

/// Puts the channels of whole frames into another order, in place: each from the channel that `sources` names.
///
/// - Thread: any.
public func reorderChannels(_ bytes: UnsafeMutableRawBufferPointer, _ format: PCMFormat, sources: [Int]?) {
    guard let sources else { return }
    let width = format.sampleFormat.bytesPerSample
    var frame = [UInt8](repeating: 0, count: format.frameBytes)
    for start in stride(from: 0, through: bytes.count - frame.count, by: frame.count) {
        for index in frame.indices { unsafe frame[index] = bytes[start + index] }
        for (channel, source) in sources.enumerated() {
            for byte in 0..<width { unsafe bytes[start + channel * width + byte] = frame[source * width + byte] }
        }
    }
}
