import ArgumentParser
import AupEngine

/// What an Icecast server is given and told: what an address says with the same words counts before these.
struct IcecastOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "opus or flac; if not given, a mount .flac or .oga is FLAC and any other Opus.", valueName: "name"))
    var codec: IcecastConfiguration.Codec?

    @Option(help: ArgumentHelp("What the station is called.", valueName: "text"))
    var iceName: String?

    @Option(help: ArgumentHelp("What is heard there.", valueName: "text"))
    var iceDescription: String?

    @Option(help: ArgumentHelp("Of which kind it is.", valueName: "text"))
    var iceGenre: String?

    @Option(help: ArgumentHelp("Its page on the web.", valueName: "url"))
    var iceUrl: String?

    @Flag(help: "The server may list it in public directories.")
    var icePublic = false

    @Option(
        help: ArgumentHelp(
            "How much sound waits while the server is away, 100ms to 1h (default 60s), 64 MiB at most; past it sound is lost.",
            valueName: "time"))
    var spool: String?

    @Option(
        help: ArgumentHelp(
            "Certificates that a server may show over TLS (icecast:https:), as PEM, and no others; the system's if not given.",
            valueName: "file"))
    var ca: String?

    func validate() throws { _ = try configuration() }

    func configuration() throws -> IcecastConfiguration {
        var icecast = IcecastConfiguration()
        icecast.codec = codec
        icecast.isPublic = icePublic
        let words = [
            ("ice-name", "name", iceName), ("ice-description", "description", iceDescription),
            ("ice-genre", "genre", iceGenre), ("ice-url", "url", iceUrl), ("spool", "spool", spool),
            ("ca", "ca", ca),
        ]
        for case (let option, let key, let value?) in words {
            if let complaint = icecast.set(key, value) { throw ValidationError("--\(option) \(complaint)") }
        }
        return icecast
    }
}
