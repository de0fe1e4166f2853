import ArgumentParser
import AupEngine
import AupSound

struct Stream: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stream",
        _superCommandName: "aup",
        abstract: "Give a stream to any number of others, or take one.",
        usage: "aup stream (--listen <address> | --connect <address>) [options]",
        discussion: """
            --listen publishes standard input at a socket: whoever connects is given the stream from its next packet on. A \
            subscriber that is too slow loses frames of its own, which are counted and stand as gaps in its stream; it \
            delays nobody else. --connect is given such a stream and writes it on; any command does the same with -i.

              aup capture | aup stream --listen unix:/run/studio.sock
              aup stream --connect unix:/run/studio.sock --retry | aup play
              aup play -i unix:/run/studio.sock
              aup capture | aup encode | aup stream --listen tcp:localhost:7000

            rtp:HOST:PORT sends packets of RTP there, which other programs take too: Opus, or samples of 16 or 24 bits. \
            As an input it receives at that place, or from a multicast; rtp:FILE.sdp does as a description says.

              aup capture | aup stream -o rtp:192.0.2.7:5004 --payload opus --sdp talk.sdp
              aup play -i rtp:talk.sdp
              aup capture | aup stream -o rtp:239.1.2.3:5004 --payload l24
            """)

    @Option(help: ArgumentHelp("Publish at unix:PATH or tcp:HOST:PORT.", valueName: "address"))
    var listen: EndpointArgument?

    @Option(help: ArgumentHelp("Take the stream that is published there.", valueName: "address"))
    var connect: EndpointArgument?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "What is published: - (standard input), a file, alsa:NAME, unix:PATH ….", valueName: "endpoint"))
    var input: EndpointArgument?

    @Flag(help: "The input has no header: -f, -r and -c say what it is.")
    var raw = false

    @Option(name: [.short, .long], help: ArgumentHelp("Pass on no more than this.", valueName: "time"))
    var duration: TimeSpan?

    @OptionGroup(title: "Network") var network: NetworkOptions
    @OptionGroup(title: "RTP") var rtp: RTPOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Files") var recording: RecordingOptions
    @OptionGroup(title: "Format") var format: FormatOptions
    @OptionGroup(title: "Device") var timing: DeviceOptions
    @OptionGroup(title: "Reports") var reports: ReportOptions

    func run() throws {
        var configuration = SessionConfiguration(command: "stream", input: try source(), outputs: [.standardStream])
        try output.apply(to: &configuration)
        if let listen {
            guard output.output.isEmpty else {
                throw ValidationError(
                    "--listen and -o both say where it goes; give one (-o \(listen.word) publishes too)")
            }
            configuration.outputs = [try network(listen, "--listen")]
        }
        try recording.apply(to: &configuration)
        format.apply(to: &configuration)
        timing.apply(to: &configuration)
        try network.apply(to: &configuration)
        configuration.network.rtp = try rtp.configuration()
        configuration.isInputRaw = raw
        configuration.duration = duration
        configuration.keepsOpus =
            duration == nil && output.container == nil && configuration.outputs.allSatisfy(\.isStream)
        SessionRunner(configuration, reports).run()
    }

    private func source() throws -> Endpoint {
        guard let connect else {
            guard listen != nil || !output.output.isEmpty else {
                throw ValidationError("give --listen ADDRESS to publish a stream, or --connect ADDRESS to take one")
            }
            return try input?.endpoint() ?? .standardStream
        }
        guard input == nil else { throw ValidationError("--connect and -i both name the input; give one") }
        return try network(connect, "--connect")
    }

    private func network(_ word: EndpointArgument, _ option: String) throws -> Endpoint {
        let endpoint = try word.endpoint()
        guard case .network = endpoint else {
            throw ValidationError(
                "\(option) \(word.word): this is no address; give unix:PATH, tcp:HOST:PORT or rtp:HOST:PORT")
        }
        return endpoint
    }
}
