import ArgumentParser
import AupEngine
import AupSound

struct Capture: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capture",
        _superCommandName: "aup",
        abstract: "Take sound from a device: as a stream, or into files.",
        discussion: """
            Without -f -r -c the device's own format is used. The file plays at every instant: it is written as \
            NAME.part and gets its name when it is whole.

              aup capture -D hw:0 | aup play
              aup capture -D sim:sine -d 10s -o sine.wav
              aup capture -o take.flac
              aup capture --repair cut-off.wav
              aup capture --as wav | sox -t wav - out.flac
              aup capture -o 'rec/%F/%H%M.wav' --split 1h --align --keep 30d
            """)

    @Option(
        name: [.customShort("D"), .long],
        help: ArgumentHelp("ALSA PCM (default: default), or sim:sine, sim:noise, sim:FILE.wav, ….", valueName: "name"),
        completion: .live(.device))
    var device: String?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The device as an endpoint: alsa:NAME or sim:NAME.", valueName: "endpoint"))
    var input: EndpointArgument?

    @Option(name: [.short, .long], help: ArgumentHelp("How long: 10, 1h30m, 00:10:00, 48000f.", valueName: "time"))
    var duration: TimeSpan?

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Recording") var recorder: RecorderOptions
    @OptionGroup(title: "Files") var recording: RecordingOptions
    @OptionGroup(title: "Files") var opus: OpusFileOptions
    @OptionGroup(title: "Repair") var repair: RepairOptions
    @OptionGroup(title: "Format") var format: FormatOptions
    @OptionGroup(title: "Device") var timing: DeviceOptions
    @OptionGroup(title: "Schedule") var schedule: ScheduleOptions
    @OptionGroup(title: "Liveness") var liveness: LivenessOptions
    @OptionGroup(title: "Reports") var reports: ReportOptions

    func run() throws {
        if repair.repair {
            let isWell = RepairReport.mend(repair.files, keepsBackup: !repair.noBackup, reports)
            ExitCodes.end(isWell ? 0 : ExitCodes.failed)
        }
        var configuration = SessionConfiguration(
            command: "capture", input: try endpoint(), outputs: [.standardStream])
        try output.apply(to: &configuration)
        try recording.apply(to: &configuration)
        opus.apply(to: &configuration)
        format.apply(to: &configuration)
        timing.apply(to: &configuration)
        try recorder.apply(to: &configuration)
        configuration.duration = duration
        schedule.apply(to: &configuration)
        liveness.apply(to: &configuration)
        try Arrangement.settle(configuration)
        if schedule.check { CheckRunner.run(configuration, reports) }
        try SessionRunner(configuration, reports).run()
    }

    private func endpoint() throws -> Endpoint {
        guard let input else { return .device(device ?? "default") }
        guard device == nil else { throw ValidationError("-D and -i both name the device; give one") }
        guard case .device(let name) = try input.endpoint() else {
            throw ValidationError(
                "'\(input.word)' is no device, and capture takes sound from one: "
                    + (DeviceList.endpointMeant(by: input.word, .capture).map { "did you mean -i \($0)? Else " } ?? "")
                    + "-i alsa:NAME or -i sim:NAME (what is "
                    + "published or lies in a file: aup encode -i \(input.word) -o FILE)")
        }
        return .device(name)
    }
}
