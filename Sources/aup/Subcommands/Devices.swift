import ArgumentParser
import AupEngine

struct Devices: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the devices that sound can come from and go to.")

    @OptionGroup(title: "Reports") var reports: ReportOptions

    func run() {
        DeviceReport.list(reports)
    }
}
