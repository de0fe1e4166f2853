public import ArgumentParser
public import AupEngine
public import AupSound

// How words of the command line become values: the parsers are AupSound's, here they only meet ArgumentParser.

extension TimeSpan: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension SampleFormat: ExpressibleByArgument {
    public init?(argument: String) { self.init(name: argument) }
    public static var allValueStrings: [String] { allCases.map(\.name) }
}

extension ChannelLayout: ExpressibleByArgument {
    public init?(argument: String) { self.init(list: argument) }
}

extension ResamplingQuality: ExpressibleByArgument {}

extension MixName: ExpressibleByArgument {}

extension NetworkConfiguration.Codec: ExpressibleByArgument {}

extension EncodingConfiguration.Codec: ExpressibleByArgument {}

extension IcecastConfiguration.Codec: ExpressibleByArgument {}

extension OpusSettings.Application: ExpressibleByArgument {}

extension OpusSettings.Signal: ExpressibleByArgument {}

extension StreamContainer: ExpressibleByArgument {}

extension LivenessConfiguration.GapStorage: ExpressibleByArgument {}

/// Hertz: `48000`, `48k`, `44.1k`.
struct RateArgument: ExpressibleByArgument {
    let hertz: Int
    init?(argument: String) {
        guard let hertz = parseRate(argument) else { return nil }
        self.hertz = hertz
    }

    /// The usual ones.
    static var defaultCompletionKind: CompletionKind {
        .list(["8000", "16000", "22050", "32000", "44.1k", "48k", "88.2k", "96k", "192k"])
    }
}

/// A channel count, 1 to 64.
struct ChannelCountArgument: ExpressibleByArgument {
    let count: Int
    init?(argument: String) {
        guard let count = Int(argument), (1...Limits.channels).contains(count) else { return nil }
        self.count = count
    }

    static var defaultCompletionKind: CompletionKind { .list(["1", "2", "4", "6", "8"]) }
}

/// A level change: `-6dB`, `3.5dB`, `-6`.
struct VolumeArgument: ExpressibleByArgument {
    let factor: Double
    init?(argument: String) {
        guard let decibels = GainArgument(argument: argument)?.decibels, (-120...40).contains(decibels) else {
            return nil
        }
        factor = amplitude(decibels: decibels)
    }
}

/// The same where it is not applied here.
struct GainArgument: ExpressibleByArgument {
    let decibels: Double
    init?(argument: String) {
        let digits = argument.lowercased().hasSuffix("db") ? argument.dropLast(2) : Substring(argument)
        guard let decibels = Double(digits), decibels.isFinite else { return nil }
        self.decibels = decibels
    }
}

/// `--loop`: how many times, or `forever`.
enum LoopArgument: ExpressibleByArgument, Equatable {
    case times(Int)
    case forever

    init?(argument: String) {
        if argument == "forever" || argument == "inf" {
            self = .forever
        } else if let times = Int(argument), times >= 1 {
            self = .times(times)
        } else {
            return nil
        }
    }

    /// `nil` for ever.
    var passes: Int? { if case .times(let times) = self { times } else { nil } }
}

/// `--tail`: `off`, `on`, or a time.
struct TailArgument: ExpressibleByArgument {
    let tail: ChainConfiguration.Tail
    init?(argument: String) {
        switch argument {
        case "off", "none": tail = .off
        case "on", "auto": tail = .own
        default:
            guard let span = TimeSpan(argument),
                // Frames are counted at the lowest rate there is, which is the longest they can be.
                span.nanoseconds(rate: Limits.rates.lowerBound) / 1_000_000_000
                    <= Int64(ChainConfiguration.askedTailSeconds)
            else { return nil }
            tail = .length(span)
        }
    }
}

/// `--on-crash`: what becomes of the sound.
struct CrashPolicyArgument: ExpressibleByArgument {
    let policy: ChainConfiguration.CrashPolicy
    init?(argument: String) {
        guard let policy = ChainConfiguration.CrashPolicy(rawValue: argument) else { return nil }
        self.policy = policy
    }
    static let allValueStrings = ChainConfiguration.CrashPolicy.allCases.map(\.rawValue)
}

/// `--max-time`: how long a plugin may take for one block.
struct BlockLimitArgument: ExpressibleByArgument {
    let milliseconds: Int
    init?(argument: String) {
        guard let span = TimeSpan(argument), case .nanoseconds(let nanoseconds) = span,
            ChainConfiguration.blockLimits.contains(Int(nanoseconds / 1_000_000))
        else { return nil }
        milliseconds = Int(nanoseconds / 1_000_000)
    }
}

/// `--control` and `--connect`: `unix:PATH`, or a path that says so itself.
struct ControlPathArgument: ExpressibleByArgument {
    let path: String
    init?(argument: String) {
        path = argument.hasPrefix("unix:") ? String(argument.dropFirst(5)) : argument
        guard !path.isEmpty, argument.hasPrefix("unix:") || path.contains("/") else { return nil }
    }

    static var defaultCompletionKind: CompletionKind { .live(.control) }
}

/// `-f`: a sample format, or one of ALSA's short names for a whole one.
struct FormatArgument: ExpressibleByArgument {
    let sampleFormat: SampleFormat
    let rate: Int?
    let channels: Int?

    init?(argument: String) {
        switch argument.lowercased() {
        case "cd": (sampleFormat, rate, channels) = (.s16, 44_100, 2)
        case "dat": (sampleFormat, rate, channels) = (.s16, 48_000, 2)
        default:
            guard let format = SampleFormat(name: argument) else { return nil }
            (sampleFormat, rate, channels) = (format, nil, nil)
        }
    }

    static var allValueStrings: [String] { SampleFormat.allValueStrings + ["cd", "dat"] }
}

/// `-i` and `-o`.
struct EndpointArgument: ExpressibleByArgument {
    /// All that there are, as the help lists them.
    static let inputs =
        "- (standard input), FILE, alsa:NAME, sim:NAME, unix:PATH, tcp:HOST:PORT, rtp:HOST:PORT or rtp:FILE.sdp"
    static let outputs =
        "- (standard output), FILE (.wav .flac .opus …, .aup), alsa:NAME, sim:null, unix:PATH, tcp:HOST:PORT, rtp:HOST:PORT or icecast://HOST/MOUNT"

    let word: String
    init(_ word: String) { self.word = word }
    init?(argument: String) { word = argument }

    static var defaultCompletionKind: CompletionKind { .live(.endpoint) }

    func endpoint() throws(ValidationError) -> Endpoint {
        do {
            return try Endpoint(word)
        } catch {
            throw ValidationError(error.message)
        }
    }
}
