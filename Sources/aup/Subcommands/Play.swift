import ArgumentParser
import AupEngine
import AupSound

struct Play: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "play",
        _superCommandName: "aup",
        abstract: "Give sound to a device: files, folders, playlists, or a stream.",
        discussion: """
            Files are played one after the other without a gap: WAV, AU, FLAC, Ogg, Opus, MP3, AIFF, CAF, W64 and aup \
            streams. A folder means the files of sound in it, a playlist (.m3u, .m3u8) what it lists. What cannot be \
            played is told and skipped, and the exit code is then 1. Standard input tells itself what it is. A live \
            stream is followed at a steady distance, anything else keeps the device's buffer full and is heard to its \
            last sample.

              aup capture | aup play
              aup play -D hw:0 album/ extra.flac
              aup play --start 1m30s --duration 20s song.flac

            Keys, at a terminal: space pauses and goes on; left and right go 5 s, down and up 60 s back and on; n (or >, \
            Enter) the next file, p (or <) the one before; q quits.
            """)

    @Argument(
        help: ArgumentHelp(
            "Files, folders, playlists, and - for standard input, which is played without any.", valueName: "file"))
    var files: [String] = []

    @Option(
        name: [.customShort("D"), .long],
        help: ArgumentHelp("ALSA PCM (default: default), or sim:null.", valueName: "name"),
        completion: .live(.device))
    var device: String?

    @Option(name: [.short, .long], help: ArgumentHelp("\(EndpointArgument.inputs).", valueName: "endpoint"))
    var input: EndpointArgument?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The device as an endpoint: alsa:NAME or sim:null.", valueName: "endpoint"))
    var output: EndpointArgument?

    @Flag(help: "The input has no header: -f, -r and -c say what it is.")
    var raw = false

    @Option(
        help: ArgumentHelp(
            "Begin here, counted from the beginning of the first file over the borders of files.", valueName: "time"))
    var start: TimeSpan?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Play no more than this in all, files and loops together.", valueName: "time"))
    var duration: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "Play everything so many times, or forever; each time from --start on.", valueName: "n|forever"))
    var loop: LoopArgument?

    @Flag(help: "Leave the keys of the terminal alone.")
    var noControls = false

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
        configuration.playlist = try playlist(configuration.input)
        configuration.volume = volume?.factor ?? 1
        configuration.leadIn = leadIn
        try SessionRunner(configuration, reports).run()
    }

    private func source() throws -> Endpoint {
        guard let first = files.first else { return try input?.endpoint() ?? .standardStream }
        guard input == nil else { throw ValidationError("-i and '\(first)' both name the input; give one") }
        return first == "-" ? .standardStream : .file(first)
    }

    /// `nil` where there is nothing to arrange: the input is played as it comes.
    private func playlist(_ input: Endpoint) throws -> PlaylistConfiguration? {
        var words = files
        if words.isEmpty {
            switch input {
            case .standardStream: words = ["-"]
            case .file(let path): words = [path]
            case .device, .network:
                guard start == nil, loop == nil else {
                    throw ValidationError("--start and --loop go about in files; this input has no beginning")
                }
                return nil
            }
        }
        guard words.count(where: { $0 == "-" }) <= 1 else {
            throw ValidationError("'-' twice: standard input comes once")
        }
        if loop != nil, loop != .times(1), words.contains("-") {
            throw ValidationError("--loop: standard input passes once; give files, or leave --loop out")
        }
        if words == ["-"], start == nil { return nil }
        var playlist = PlaylistConfiguration(words)
        playlist.start = start
        playlist.passes = loop.map(\.passes) ?? 1
        playlist.hasControls = !noControls && Printer.isErrorTerminal
        return playlist
    }

    private func target() throws -> String {
        guard let output else { return device ?? "default" }
        guard device == nil else { throw ValidationError("-D and -o both name the device; give one") }
        guard case .device(let name) = try output.endpoint() else {
            throw ValidationError(
                "'\(output.word)' is no device, and play gives sound to one; "
                    + (DeviceList.endpointMeant(by: output.word, .playback).map { "did you mean -o \($0)? Else " } ?? "")
                    + "-o alsa:NAME or -o sim:null (capture and process write files)"
            )
        }
        return name
    }
}
