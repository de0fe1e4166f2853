import ArgumentParser
import AupSound

/// The latency self-test of a device.
struct LatencyOptions: ParsableArguments {
    @Flag(
        help: "Send clicks out of a device and back in, through a cable or a loopback, and tell how long they take.")
    var latency = false

    @Option(
        name: [.customShort("D"), .long], help: ArgumentHelp("The device.", valueName: "name"),
        completion: .live(.device))
    var device: String?

    @Option(
        help: ArgumentHelp("The device that plays, where it is another one.", valueName: "name"),
        completion: .live(.device))
    var to: String?

    @Option(help: ArgumentHelp("The device's period (default 10ms).", valueName: "time"))
    var period: TimeSpan?

    @Option(help: ArgumentHelp("The device's buffer.", valueName: "time"))
    var buffer: TimeSpan?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How loud the clicks of --latency or the tone of --test are (default -20dB).", valueName: "level"))
    var level: LevelArgument?
}
