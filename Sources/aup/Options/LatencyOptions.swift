import ArgumentParser
import AupSound

/// The latency self-test of a device.
struct LatencyOptions: ParsableArguments {
    @Flag(
        help: "Send clicks out of a device and back in, through a cable or a loopback, and tell how long they take.")
    var latency = false

    @Option(name: [.customShort("D"), .long], help: ArgumentHelp("The device.", valueName: "name"))
    var device: String?

    @Option(help: ArgumentHelp("The device that plays, where it is another one.", valueName: "name"))
    var to: String?

    @Option(help: ArgumentHelp("The device's period (default 10ms).", valueName: "time"))
    var period: TimeSpan?

    @Option(help: ArgumentHelp("The device's buffer.", valueName: "time"))
    var buffer: TimeSpan?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How loud the clicks are (default -20dB). Loudspeakers hiss for an instant.", valueName: "level"))
    var level: LevelArgument?

    func validate() throws {
        guard !latency, device != nil || to != nil || level != nil || period != nil || buffer != nil else { return }
        throw ValidationError("-D, --to, --level, --period and --buffer belong to --latency; give that too")
    }
}
