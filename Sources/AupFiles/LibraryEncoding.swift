internal import AupSound
internal import CSndfile

/// How libsndfile keeps a kind of sound: its format code, what it is fed with, and the order of the channels.
struct LibraryEncoding {
    /// How samples are handed over.
    enum Feed {
        /// G.711 as it is.
        case bytes
        /// 8 bit unsigned, handed over as the upper half of 16.
        case bytesAsS16
        case s16
        /// 24 bit, handed over as the upper part of 32.
        case s24
        case s32, f32, f64
    }

    let code: Int32
    let feed: Feed
    /// What the caller converts to.
    let format: PCMFormat
    let channelSources: [Int]?

    init(_ container: RecordingContainer, _ wanted: PCMFormat) throws(FileError) {
        let stored = Self.stored(wanted.sampleFormat, in: container)
        let order = Self.order(container, wanted)
        channelSources = order?.sources
        let layout = order?.layout ?? wanted.layout
        format = PCMFormat(stored, rate: wanted.rate, channels: wanted.channels, layout: layout) ?? wanted.with(stored)
        let isFLACOrCAFOrAIFF = container == .flac || container == .caf || container == .aiff
        let samples: Int
        switch stored {
        case .u8: (samples, feed) = (isFLACOrCAFOrAIFF ? SF_FORMAT_PCM_S8 : SF_FORMAT_PCM_U8, .bytesAsS16)
        case .s16: (samples, feed) = (SF_FORMAT_PCM_16, .s16)
        case .s24, .s24Packed: (samples, feed) = (SF_FORMAT_PCM_24, .s24)
        case .s32: (samples, feed) = (SF_FORMAT_PCM_32, .s32)
        case .f32: (samples, feed) = (SF_FORMAT_FLOAT, .f32)
        case .f64: (samples, feed) = (SF_FORMAT_DOUBLE, .f64)
        case .alaw: (samples, feed) = (SF_FORMAT_ALAW, .bytes)
        case .mulaw: (samples, feed) = (SF_FORMAT_ULAW, .bytes)
        }
        code =
            switch container {
            case .wav: Int32(SF_FORMAT_WAV | samples)
            case .w64: Int32(SF_FORMAT_W64 | samples)
            case .caf: Int32(SF_FORMAT_CAF | samples)
            case .aiff: Int32(SF_FORMAT_AIFF | samples)
            case .flac: Int32(SF_FORMAT_FLAC | samples)
            case .ogg: Int32(SF_FORMAT_OGG | SF_FORMAT_VORBIS)
            // aup makes its own, and libsndfile is never asked.
            case .opus: 0
            case .mp3: Int32(SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III)
            }
    }

    /// The nearest sample format a container has: the same one, a wider one, or what its codec takes.
    private static func stored(_ wanted: SampleFormat, in container: RecordingContainer) -> SampleFormat {
        switch (container, wanted) {
        case (.ogg, _), (.mp3, _): .f32
        case (.flac, .u8): .u8
        case (.flac, .s16), (.flac, .alaw), (.flac, .mulaw): .s16
        case (.flac, _), (_, .s24Packed): .s24
        default: wanted
        }
    }

    /// The container's own order of loudspeakers, where it has one and the sound has just these.
    private static func order(
        _ container: RecordingContainer, _ format: PCMFormat
    ) -> (sources: [Int]?, layout: ChannelLayout)? {
        guard format.channels > 2, let given = format.layout ?? ChannelLayout.standard(channels: format.channels)
        else { return nil }
        for names in orders(container, format.channels) {
            guard let layout = ChannelLayout(list: names) else { continue }
            let sources = layout.positions.compactMap { given.positions.firstIndex(of: $0) }
            guard sources.count == format.channels else { continue }
            return (sources == Array(0..<sources.count) ? nil : sources, layout)
        }
        return nil
    }

    /// RFC 9639 (FLAC) and the Vorbis I specification, 4.3.9, which RFC 7845 (Opus) repeats; WAV's is the order
    /// of its mask's bits, which programs mean too where they write none, and W64 goes by it.
    static func orders(_ container: RecordingContainer, _ channels: Int) -> [String] {
        switch (container, channels) {
        case (.flac, 3), (.wav, 3), (.w64, 3): ["FL,FR,FC"]
        case (.flac, 4), (.wav, 4), (.w64, 4): ["FL,FR,RL,RR"]
        case (.flac, 5), (.wav, 5), (.w64, 5): ["FL,FR,FC,RL,RR"]
        case (.flac, 6), (.wav, 6), (.w64, 6): ["FL,FR,FC,LFE,RL,RR", "FL,FR,FC,LFE,SL,SR"]
        case (.flac, 7), (.wav, 7), (.w64, 7): ["FL,FR,FC,LFE,RC,SL,SR"]
        case (.flac, 8), (.wav, 8), (.w64, 8): ["FL,FR,FC,LFE,RL,RR,SL,SR"]
        case (.ogg, 3), (.opus, 3): ["FL,FC,FR"]
        case (.ogg, 4), (.opus, 4): ["FL,FR,RL,RR"]
        case (.ogg, 5), (.opus, 5): ["FL,FC,FR,RL,RR"]
        case (.ogg, 6), (.opus, 6): ["FL,FC,FR,RL,RR,LFE", "FL,FC,FR,SL,SR,LFE"]
        case (.ogg, 7), (.opus, 7): ["FL,FC,FR,SL,SR,RC,LFE"]
        case (.ogg, 8), (.opus, 8): ["FL,FC,FR,SL,SR,RL,RR,LFE"]
        default: []
        }
    }
}
