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
        let order = ChannelOrder(wanted.with(stored), in: container)
        (format, channelSources) = (order?.format ?? wanted.with(stored), order?.sources)
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
}
