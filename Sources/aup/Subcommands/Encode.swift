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
              aup encode *.wav -o '{stem}.opus'

            In the name of an output, {stem} is the input's name without its ending, {name} with it, {ext} the ending and \
            {dir} the folder; -o FOLDER/ is -o 'FOLDER/{stem}.opus'.
            """)

    @Argument(
        help: ArgumentHelp(
            "The file to encode, - for standard input, which it is without one; of several files each becomes its own.",
            valueName: "file"))
    var files: [String] = []

    @Option(
        help: ArgumentHelp(
            "opus, pcm or flac, where the name of the output does not say it.", valueName: "name"))
    var codec: EncodingConfiguration.Codec?

    @Option(
        help: ArgumentHelp(
            "Encode one file with so many threads, or so many files at once (of several files, one for each processor).",
            valueName: "number"))
    var jobs: Int?

    /// Which of several files this process encodes, for one that has many.
    @Option(help: .hidden) var batchItem: Int?
    @Option(help: .hidden) var batchParent: Int32?

    @OptionGroup(title: "Input") var input: InputOptions
    @OptionGroup(title: "Opus") var opus: OpusOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Files") var recording: RecordingOptions
    @OptionGroup(title: "Format") var format: FormatOptions
    @OptionGroup(title: "Device") var timing: DeviceOptions
    @OptionGroup(title: "Reports") var reports: ReportOptions

    func validate() throws {
        if let jobs, !(1...Limits.jobs).contains(jobs) {
            throw ValidationError("--jobs \(jobs): between 1 and \(Limits.jobs)")
        }
    }

    func run() throws {
        if let batchParent, !FileBatch.endWithParent(batchParent) { ExitCodes.end(ExitCodes.failed) }
        var configuration = SessionConfiguration(
            command: "encode", input: try source(), outputs: [.standardStream])
        try output.apply(to: &configuration)
        try recording.apply(to: &configuration)
        try format.apply(to: &configuration, input, "encode")
        timing.apply(to: &configuration)
        input.apply(to: &configuration)
        configuration.recording.opus = opus.settings
        if let rate = configuration.rate, !input.raw, OpusSettings.rates.contains(rate) {
            configuration.recording.opus.codingRate = rate
        }
        var encoding = EncodingConfiguration()
        encoding.codec = codec
        encoding.hasOpusWishes = !opus.isEmpty
        configuration.encoding = encoding
        if files.count > 1 {
            guard batchItem != nil else {
                let batch = try EncodedFiles(files, configuration)
                try Arrangement.begin()
                BatchRunner.run(batch, atOnce: jobs, reports)
            }
        } else {
            configuration.encodingJobs = jobs ?? 1
        }
        try EncodedFiles.expand(&configuration)
        var reports = reports
        // The numbers of all are told by the one that has started this process.
        if batchItem != nil { (reports.stats, reports.prometheus) = (nil, nil) }
        try SessionRunner(configuration, reports).run()
    }

    private func source() throws -> Endpoint {
        guard let first = files.first else { return try input.endpoint() }
        guard input.input == nil else { throw ValidationError("-i and '\(first)' both name the input; give one") }
        if let batchItem, files.indices.contains(batchItem) { return .file(files[batchItem]) }
        return try files.count > 1 ? .file(first) : EndpointArgument(first).endpoint()
    }
}
