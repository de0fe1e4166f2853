import ArgumentParser
import AupEngine
import AupSound

struct Encode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        _superCommandName: "aup",
        abstract: "Make Opus of sound, or put it into another codec or container.",
        usage: "aup encode [options] [<file> ...]",
        discussion: """
            The name of an output says what it becomes: .opus (Ogg Opus, which every player opens), .flac, .wav, .ogg, \
            .mp3 and so on. A stream (standard output, .aup) gets packets of Opus, which every other command takes; \
            --codec pcm makes samples of them again, as many as there were. Sound of any rate is brought to 48 kHz; -r \
            encodes less than that.

              aup capture | aup encode -o talk.opus
              aup encode -b 128k album.flac -o album.opus
              aup capture | aup encode --application lowdelay --frame 5ms | ssh host aup play
              aup encode -i talk.opus -o talk.wav
            """)

    @Argument(
        help: ArgumentHelp("The file to encode, - for standard input, which it is without one.", valueName: "file"))
    var files: [String] = []

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("- (standard input), a file, alsa:NAME or sim:NAME.", valueName: "endpoint"))
    var input: EndpointArgument?

    @Flag(help: "The input has no header: -f, -r and -c say what it is.")
    var raw = false

    @Option(name: [.short, .long], help: ArgumentHelp("Encode no more than this.", valueName: "time"))
    var duration: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "opus, pcm or flac, where the name of the output does not say it.", valueName: "name"))
    var codec: EncodingConfiguration.Codec?

    @OptionGroup(title: "Opus") var opus: OpusOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Files") var recording: RecordingOptions
    @OptionGroup(title: "Format") var format: FormatOptions
    @OptionGroup(title: "Device") var timing: DeviceOptions
    @OptionGroup(title: "Reports") var reports: ReportOptions

    func run() throws {
        var configuration = SessionConfiguration(
            command: "encode", input: try source(), outputs: [.standardStream])
        try output.apply(to: &configuration)
        try recording.apply(to: &configuration)
        format.apply(to: &configuration)
        timing.apply(to: &configuration)
        configuration.isInputRaw = raw
        configuration.duration = duration
        configuration.recording.opus = opus.settings
        if let rate = configuration.rate, !raw, OpusSettings.rates.contains(rate) {
            configuration.recording.opus.codingRate = rate
        }
        var encoding = EncodingConfiguration()
        encoding.codec = codec
        encoding.hasOpusWishes = !opus.isEmpty
        configuration.encoding = encoding
        SessionRunner(configuration, reports).run()
    }

    private func source() throws -> Endpoint {
        guard let first = files.first else { return try input?.endpoint() ?? .standardStream }
        guard input == nil else { throw ValidationError("-i and '\(first)' both name the input; give one") }
        guard files.count == 1 else { throw ValidationError("'\(files[1])': one file at a time") }
        return first == "-" ? .standardStream : .file(first)
    }
}
