import ArgumentParser
import AupEngine
import AupSound

struct Play: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "play",
        abstract: "Give sound to a device: a stream, a WAV or an AU file.",
        discussion: """
            Standard input tells itself what it is: an aup stream, WAV (also without an end) or AU. A live stream is
            followed at a steady distance, anything else keeps the device's buffer full and is heard to its last sample.

              aup capture | aup play
              aup play -D hw:0 song.wav
              sox song.flac -t wav - | aup play
            """)

    @Argument(help: ArgumentHelp("The file to play; standard input without one.", valueName: "file"))
    var file: String?

    @Option(
        name: [.customShort("D"), .long],
        help: ArgumentHelp("ALSA PCM (default: default), or sim:null.", valueName: "name"))
    var device: String?

    @Option(name: [.short, .long], help: ArgumentHelp("- (standard input) or a file.", valueName: "endpoint"))
    var input: EndpointArgument?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The device as an endpoint: alsa:NAME or sim:null.", valueName: "endpoint"))
    var output: EndpointArgument?

    @Flag(help: "The input has no header: -f, -r and -c say what it is.")
    var raw = false

    @Option(name: [.short, .long], help: ArgumentHelp("Play no more than this.", valueName: "time"))
    var duration: TimeSpan?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Louder or softer by so many decibels: -6dB.", valueName: "db"))
    var volume: VolumeArgument?

    @Option(
        help: ArgumentHelp(
            "Silence first, for devices that swallow the beginning (Bluetooth, HDMI).", valueName: "time"))
    var leadIn: TimeSpan?

    @OptionGroup(title: "Format") var format: FormatOptions
    @OptionGroup(title: "Device") var timing: DeviceOptions
    @OptionGroup(title: "Other clocks, rates and channels") var playback: PlaybackOptions
    @OptionGroup(title: "Reports") var reports: ReportOptions

    func run() throws {
        var configuration = SessionConfiguration(
            command: "play", input: try source(), outputs: [.device(try target())])
        format.apply(to: &configuration)
        timing.apply(to: &configuration)
        playback.apply(to: &configuration)
        configuration.isInputRaw = raw
        configuration.duration = duration
        configuration.volume = volume?.factor ?? 1
        configuration.leadIn = leadIn
        SessionRunner(configuration, reports).run()
    }

    private func source() throws -> Endpoint {
        guard file == nil || input == nil else {
            throw ValidationError("-i and '\(file!)' both name the input; give one")
        }
        if let file { return file == "-" ? .standardStream : .file(file) }
        return try input?.endpoint() ?? .standardStream
    }

    private func target() throws -> String {
        guard let output else { return device ?? "default" }
        guard device == nil else { throw ValidationError("-D and -o both name the device; give one") }
        guard case .device(let name) = try output.endpoint() else {
            throw ValidationError(
                "play gives sound to a device; -o alsa:NAME or -o sim:null (capture and process write files)")
        }
        return name
    }
}
