import ArgumentParser
import AupEngine
import AupSound

/// How a device is driven: time and priority.
struct DeviceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What you want end to end at the device (default 40ms; into files 2s, from files 200ms); period and buffer "
                + "follow from it.",
            valueName: "time"))
    var latency: TimeSpan?

    @Option(help: ArgumentHelp("The device's period, instead of a quarter of the latency.", valueName: "time"))
    var period: TimeSpan?

    @Option(help: ArgumentHelp("The device's buffer.", valueName: "time"))
    var buffer: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "Priority of the audio thread, 1 to 99 (default 40); --realtime alone is the default.", valueName: "prio"))
    var realtime: Int?

    @Flag(help: "Leave the audio thread an ordinary one.")
    var noRealtime = false

    func validate() throws {
        if let realtime, !(1...99).contains(realtime) {
            throw ValidationError("--realtime=\(realtime): priorities go from 1 to 99")
        }
        for (name, span) in [("latency", latency), ("period", period), ("buffer", buffer)] {
            guard case .nanoseconds(let value)? = span else { continue }
            if value < 500_000 || value > 10_000_000_000 {
                throw ValidationError("--\(name): a device works between 0.5ms and 10s")
            }
        }
    }

    func apply(to configuration: inout SessionConfiguration) {
        configuration.latency = latency
        configuration.period = period
        configuration.buffer = buffer
        configuration.realtimePriority = noRealtime ? nil : realtime ?? configuration.realtimePriority
    }
}
