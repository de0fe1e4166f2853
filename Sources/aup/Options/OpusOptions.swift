import ArgumentParser
import AupEngine
import AupSound

/// How Opus is made: `-b --vbr --application --frame …`.
struct OpusOptions: ParsableArguments {
    @Option(
        name: [.customShort("b"), .long],
        help: ArgumentHelp(
            "Bits per second of all channels together: 96k, 510000 (default: 64k for one channel, 96k for a pair).",
            valueName: "bits"))
    var bitrate: BitRateArgument?

    @Flag(
        help:
            "How the bits follow the sound: as it needs them (--vbr, default), as a line of that rate can take them, or always as many."
    )
    var rateControl: RateControlFlag?

    @Option(help: ArgumentHelp("What it is tuned for: audio (default), voip or lowdelay.", valueName: "use"))
    var application: OpusSettings.Application?

    @Option(help: ArgumentHelp("How long a packet is: 2.5ms 5ms 10ms 20ms (default) 40ms 60ms.", valueName: "time"))
    var frame: OpusFrameArgument?

    @Option(help: ArgumentHelp("Work for the processor: 0 to 10 (default, the best).", valueName: "n"))
    var complexity: ComplexityArgument?

    @Option(
        help: ArgumentHelp("Keep no more than so much: 4k 6k 8k 12k 20k (hertz).", valueName: "hz"))
    var bandwidth: BandwidthArgument?

    @Flag(help: "Let each packet hold a coarse copy of the one before it, for lines that lose some; wants --loss.")
    var fec = false

    @Option(help: ArgumentHelp("Packets that are expected to be lost, 0% to 100%.", valueName: "percent"))
    var loss: PercentArgument?

    @Flag(help: "Hardly any bits for silence.")
    var dtx = false

    @Option(
        help: ArgumentHelp("What the sound is, if the encoder should not guess: voice or music.", valueName: "kind"))
    var signal: OpusSettings.Signal?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Have players change the level of an Ogg file by so much: -6dB. The packets stay as they are.",
            valueName: "decibels"))
    var outputGain: GainArgument?

    func validate() throws {
        if let gain = outputGain?.decibels, !OpusSettings.outputGains.contains(gain) {
            throw ValidationError("--output-gain \(gain)dB: between -128 and 127 dB")
        }
        if fec, (loss?.percent ?? 0) == 0 {
            throw ValidationError(
                "--fec: say how many packets are lost, such as --loss 5%; at none there are no copies")
        }
    }

    /// Whether anything was said.
    var isEmpty: Bool {
        bitrate == nil && rateControl == nil && application == nil && frame == nil && complexity == nil
            && bandwidth == nil && !fec && loss == nil && !dtx && signal == nil && outputGain == nil
    }

    var settings: OpusSettings {
        var settings = OpusSettings()
        settings.bitsPerSecond = bitrate?.bitsPerSecond
        settings.rateControl = rateControl?.control ?? .variable
        settings.application = application ?? .audio
        settings.frameSize = frame?.frames ?? settings.frameSize
        settings.complexity = complexity?.level ?? settings.complexity
        settings.bandwidth = bandwidth?.hertz
        settings.hasErrorCorrection = fec
        settings.lossPercent = loss?.percent ?? 0
        settings.hasDiscontinuousTransmission = dtx
        settings.signal = signal ?? .auto
        settings.outputGainDecibels = outputGain?.decibels ?? 0
        settings.looksAhead = true
        return settings
    }
}

/// What a recorder may say about its Opus files; the rest is for `encode`.
struct OpusFileOptions: ParsableArguments {
    @Option(
        name: [.customShort("b"), .long],
        help: ArgumentHelp(
            "Bits per second of Opus files, all channels together: 96k (default: 64k for one channel, 96k for a pair).",
            valueName: "bits"))
    var bitrate: BitRateArgument?

    func apply(to configuration: inout SessionConfiguration) {
        configuration.recording.opus.bitsPerSecond = bitrate?.bitsPerSecond
    }
}

/// `--vbr`, `--cvbr`, `--cbr`.
enum RateControlFlag: String, EnumerableFlag {
    case vbr, cvbr, cbr

    var control: OpusSettings.RateControl {
        switch self {
        case .vbr: .variable
        case .cvbr: .constrained
        case .cbr: .constant
        }
    }
}

/// Bits per second: `96k`, `64000`, `0.5M`.
struct BitRateArgument: ExpressibleByArgument {
    let bitsPerSecond: Int
    init?(argument: String) {
        let units: [Character: Double] = ["k": 1e3, "K": 1e3, "M": 1e6]
        let factor = argument.last.flatMap { units[$0] }
        guard let number = Double(factor == nil ? argument[...] : argument.dropLast()), number.isFinite,
            // The least of one channel, the most of all that there may be.
            case let bits = (number * (factor ?? 1)).rounded(),
            bits >= Double(OpusSettings.bitLimits.lowerBound),
            bits <= Double(OpusSettings.bitLimits.upperBound * Limits.channels)
        else { return nil }
        bitsPerSecond = Int(bits)
    }
}

/// The length of a packet: one of ``OpusSettings/frameSizes``.
struct OpusFrameArgument: ExpressibleByArgument {
    let frames: Int
    init?(argument: String) {
        let word = argument.hasSuffix("ms") ? String(argument.dropLast(2)) : argument
        guard let milliseconds = Double(word),
            OpusSettings.frameSizes.contains(where: { Double($0) == milliseconds * 48 })
        else { return nil }
        frames = Int(milliseconds * 48)
    }
    static let allValueStrings = ["2.5ms", "5ms", "10ms", "20ms", "40ms", "60ms"]
}

/// 0 to 10.
struct ComplexityArgument: ExpressibleByArgument {
    let level: Int
    init?(argument: String) {
        guard let level = Int(argument), (0...10).contains(level) else { return nil }
        self.level = level
    }
}

/// One of the codec's bands, by the highest frequency in it.
struct BandwidthArgument: ExpressibleByArgument {
    let hertz: Int
    init?(argument: String) {
        guard let hertz = parseRate(argument), OpusSettings.bandwidths.contains(hertz) else { return nil }
        self.hertz = hertz
    }
    static let allValueStrings = OpusSettings.bandwidths.map { "\($0 / 1000)k" }
}

/// `5%`, `5`.
struct PercentArgument: ExpressibleByArgument {
    let percent: Int
    init?(argument: String) {
        guard let percent = Int(argument.hasSuffix("%") ? argument.dropLast() : argument[...]),
            (0...100).contains(percent)
        else { return nil }
        self.percent = percent
    }
}
