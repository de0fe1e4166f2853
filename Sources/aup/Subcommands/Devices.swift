import ArgumentParser
import AupEngine

struct Devices: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices",
        _superCommandName: "aup",
        abstract: "List the devices that sound can come from and go to, or measure one.",
        discussion: """
              aup devices
              aup devices --latency -D hw:0
            """)

    @OptionGroup(title: "Latency") var latency: LatencyOptions
    @OptionGroup(title: "Format") var format: FormatOptions

    @OptionGroup(title: "Reports") var reports: ReportOptions

    func run() {
        if latency.latency {
            LatencyReport(options: latency, format: format, reports: reports).run()
        }
        DeviceReport.list(reports)
    }
}
