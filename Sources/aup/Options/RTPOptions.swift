import ArgumentParser
import AupEngine

/// How sound goes over RTP and comes from it: what an address says with the same words counts before these.
struct RTPOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "opus, l16 or l24: what is sent; l16/44100/1: what is received where nobody describes it.",
            valueName: "payload"),
        completion: .list(["opus", "l16", "l24"]))
    var payload: String?

    @Option(help: ArgumentHelp("Sound in one packet (default 20ms).", valueName: "time"))
    var ptime: String?

    @Option(
        help: ArgumentHelp(
            "Bytes of sound in one packet at most (default 1200); more samples go in several.", valueName: "bytes"))
    var mtu: String?

    @Option(help: ArgumentHelp("How far a multicast reaches, 0 to 255 (default 1: this network).", valueName: "n"))
    var ttl: String?

    @Option(help: ArgumentHelp("The network interface of a multicast.", valueName: "name"))
    var interface: String?

    @Option(help: ArgumentHelp("Write a description of what is sent, for those who receive it.", valueName: "file"))
    var sdp: String?

    @Option(help: ArgumentHelp("What received packets wait at least (default 20ms).", valueName: "time"))
    var delay: String?

    @Option(help: ArgumentHelp("What they wait at most, however they come (default 500ms).", valueName: "time"))
    var maxDelay: String?

    @Option(help: ArgumentHelp("Another end that says nothing for so long is gone (default 10s).", valueName: "time"))
    var liveness: String?

    func validate() throws { _ = try configuration() }

    func configuration() throws -> RTPConfiguration {
        var rtp = RTPConfiguration()
        let words = [
            ("payload", payload), ("ptime", ptime), ("mtu", mtu), ("ttl", ttl), ("interface", interface), ("sdp", sdp),
            ("delay", delay), ("max-delay", maxDelay), ("liveness", liveness),
        ]
        for case (let key, let value?) in words {
            if let complaint = rtp.set(key, value) { throw ValidationError("--\(key) \(complaint)") }
        }
        return rtp
    }
}
