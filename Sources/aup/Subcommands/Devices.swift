import ArgumentParser
import AupEngine

struct Devices: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices",
        _superCommandName: "aup",
        abstract: "List the devices that sound can come from and go to, or ask and measure one.",
        discussion: """
              aup devices
              aup devices --json | jq .id
              aup devices --supports f32/48000/2 -D hw:0
              aup devices --probe hw:0
              aup devices --test sim:sine
              aup devices --latency -D hw:0
              aup devices --realtime
              aup devices --watch

            The list has for each card's device an identifier, which -D takes in every \
            command, and which stays when cards are plugged in elsewhere:

              usb:VENDOR:PRODUCT:SERIAL    by its serial number, in any socket
              usb:VENDOR:PRODUCT@PORT      without one, in this socket
              usb:VENDOR:PRODUCT           the only one of its make
              pci:ADDRESS, platform:NAME   on another bus
              card:ID                      by its short name

            /1 behind it is the card's device 1, /0/2 subdevice 2 of device 0; plughw: \
            before it lets alsa-lib convert.
            """)

    @OptionGroup(title: "List") var list: ListOptions
    @OptionGroup(title: "Questions") var questions: DeviceQuestionOptions
    @OptionGroup(title: "Watching") var watching: WatchOptions
    @OptionGroup(title: "Latency") var latency: LatencyOptions
    @OptionGroup(title: "Format") var format: FormatOptions
    @OptionGroup(title: "Real time") var realtime: RealtimeOptions

    @OptionGroup(title: "Reports") var reports: AnswerOptions

    func validate() throws { try questions.validate(with: latency, watching, realtime) }

    func run() {
        if let priority = realtime.realtime { return RealtimeReport.show(priority, reports) }
        DeviceQuestionReport(questions, latency: latency, format: format, reports: reports).runIfAsked()
        if latency.latency {
            LatencyReport(options: latency, format: format, reports: reports).run()
        }
        if watching.watch { DeviceWatchReport(duration: questions.duration, reports: reports).run() }
        DeviceReport(options: list, reports: reports).list()
    }
}
