import ArgumentParser
import AupEngine
import AupSound

struct Stream: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stream",
        _superCommandName: "aup",
        abstract: "Give a stream to any number of others, or take one.",
        usage: "aup stream (--listen | --connect | --receive | --send <address>) [options]",
        discussion: """
            --listen publishes standard input at a socket: whoever connects is given the stream from its next packet on. A \
            subscriber that is too slow loses frames of its own, which are counted and stand as gaps in its stream; it \
            delays nobody else. --connect is given such a stream and writes it on; any command does the same with -i.

              aup capture | aup stream --listen unix:/run/studio.sock
              aup stream --connect unix:/run/studio.sock --retry | aup play
              aup play -i unix:/run/studio.sock
              aup capture | aup encode | aup stream --listen tcp:localhost:7000

            --receive listens too, for a sender: one at a time, or with --mix several, whose sum it gives. --send is one. With \
            --keep one sender may come after the other, and whoever hears them stays connected.

              aup stream --receive unix:/run/in.sock --listen unix:/run/studio.sock --keep
              aup capture | aup stream --send unix:/run/in.sock --retry

            rtp:HOST:PORT sends packets of RTP there, which other programs take too: Opus, or samples of 16 or 24 bits. \
            As an input it receives at that place, or from a multicast; rtp:FILE.sdp does as a description says.

              aup capture | aup stream -o rtp:192.0.2.7:5004 --payload opus --sdp talk.sdp
              aup play -i rtp:talk.sdp
              aup capture | aup stream -o rtp:239.1.2.3:5004 --payload l24

            icecast://HOST:8000/MOUNT gives it to an Icecast server, for listeners anywhere, in Ogg Opus or Ogg FLAC. When the \
            server goes away the sound waits for it.

              aup capture | aup stream -o icecast://radio.example.org/talk.opus --secret-file password --ice-name Talk
            """)

    @Option(help: ArgumentHelp("Publish at unix:PATH or tcp:HOST:PORT.", valueName: "address"))
    var listen: EndpointArgument?

    @Option(help: ArgumentHelp("Take the stream that is published there.", valueName: "address"))
    var connect: EndpointArgument?

    @Option(help: ArgumentHelp("Listen there for a sender, and take its stream.", valueName: "address"))
    var receive: EndpointArgument?

    @Option(help: ArgumentHelp("Send to whoever receives there.", valueName: "address"))
    var send: EndpointArgument?

    @Flag(help: "With --receive: several senders at once, as their sum.")
    var mix = false

    @OptionGroup(title: "Input") var input: InputOptions
    @OptionGroup(title: "Network") var network: NetworkOptions
    @OptionGroup(title: "RTP") var rtp: RTPOptions
    @OptionGroup(title: "Icecast") var icecast: IcecastOptions
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
        if let send { configuration.outputs = [try socket(send, "--send")] }
        try recording.apply(to: &configuration)
        // What a mix becomes is for us to say.
        if mix { format.apply(to: &configuration) } else { try format.apply(to: &configuration, input, "stream") }
        timing.apply(to: &configuration)
        try network.apply(to: &configuration)
        configuration.network.rtp = try rtp.configuration()
        configuration.network.receivingWord = receive?.word
        configuration.network.sendingWord = send?.word
        configuration.network.mixes = mix
        configuration.network.icecast = try icecast.configuration()
        input.apply(to: &configuration)
        configuration.keepsOpus =
            input.duration == nil && output.container == nil && configuration.outputs.allSatisfy(\.isStream)
            && !configuration.outputs.contains(where: configuration.network.wantsSamples)
        try refuseIdleOptions(configuration)
        try SessionRunner(configuration, reports).run()
    }

    func validate() throws {
        if send != nil, listen != nil || !output.output.isEmpty {
            throw ValidationError("--send, --listen and -o each say where it goes; give one")
        }
        if receive != nil, connect != nil {
            throw ValidationError("--receive and --connect both name the input; give one")
        }
        if receive != nil, input.input != nil, !network.keep || mix {
            throw ValidationError("-i and --receive both name the input; with --keep, and no --mix, one is heard first")
        }
        if network.keep, let word = (connect ?? input.input)?.word, word.hasPrefix("rtp:") {
            throw ValidationError("\(word): another source goes on there with --retry; leave --keep out")
        }
        if mix, receive == nil { throw ValidationError("--mix is for senders; give --receive ADDRESS") }
        if let receive, receive.word == (listen ?? send)?.word {
            throw ValidationError("\(receive.word): senders and subscribers need a place each; give two")
        }
    }

    private func source() throws -> Endpoint {
        if let receive {
            let door = try socket(receive, "--receive")
            guard let input = input.input else { return door }
            guard !input.word.hasPrefix("rtp:") else {
                throw ValidationError("-i \(input.word): it does not end; give it to a sender of its own")
            }
            return try input.endpoint()
        }
        guard let connect else {
            guard listen != nil || send != nil || !output.output.isEmpty else {
                throw ValidationError(
                    "give --listen ADDRESS to publish a stream, --connect ADDRESS to take one, or --send or --receive")
            }
            return try input.endpoint()
        }
        guard input.input == nil else { throw ValidationError("--connect and -i both name the input; give one") }
        return try network(connect, "--connect")
    }

    /// An address of a stream of ours.
    private func socket(_ word: EndpointArgument, _ option: String) throws -> Endpoint {
        guard word.word.hasPrefix("unix:") || word.word.hasPrefix("tcp:") else {
            throw ValidationError("\(option) \(word.word): this is no address; give unix:PATH or tcp:HOST:PORT")
        }
        return try network(word, option)
    }

    private func network(_ word: EndpointArgument, _ option: String) throws -> Endpoint {
        let endpoint = try word.endpoint()
        guard case .network = endpoint else {
            throw ValidationError(
                "\(option) \(word.word): this is no address; give unix:PATH, tcp:HOST:PORT, rtp:HOST:PORT or icecast://HOST/MOUNT"
            )
        }
        return endpoint
    }
}
