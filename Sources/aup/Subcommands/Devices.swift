import ArgumentParser
import AupEngine

struct Devices: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices",
        abstract: "List the devices that sound can come from and go to.")

    @OptionGroup(title: "Reports") var reports: ReportOptions

    func run() {
        DeviceReport.list(reports)
    }
}
