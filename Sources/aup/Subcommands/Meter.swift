import ArgumentParser
import AupEngine
import AupSound

struct Meter: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meter",
        _superCommandName: "aup",
        abstract: "Measure peak, true peak and loudness, and pass the sound on.",
        usage: "aup meter [options] [<file> ...]",
        discussion: """
            Sample peak, true peak, RMS, and momentary, short-term and integrated loudness with its range, by ITU-R \
            BS.1770-5 and EBU Tech 3341 and 3342. A stream passes through untouched; files are measured as fast as the \
            machine goes, one on each processor, and told one by one and as a whole.

              aup capture | aup meter | aup encode -o talk.opus
              aup meter *.flac
              aup meter --fail-if 'true_peak>-1' --fail-if 'integrated>-22' mix.wav
              aup capture | aup meter --alarm 'silence>10s' --on-alarm 'mail-me silence' > /dev/null
              aup capture | aup meter --json --interval 100ms > /dev/null

            A condition compares one of momentary, short_term, integrated, max_momentary, max_short_term (LUFS), lra (LU), \
            true_peak (dBTP), sample_peak, rms (dBFS), crest (dB), dc, clips, longest_clip, silence, longest_silence, \
            seconds (s), correlation, gaps and lost_frames with a number, by < <= > or >=; of an alarm, "for 3s" may follow.
            """)

    @Argument(help: ArgumentHelp("Files to measure; without one, the input.", valueName: "file"))
    var files: [String] = []

    @Option(help: ArgumentHelp("Measure so many files at once (default: one for each processor).", valueName: "number"))
    var jobs: Int?

    @OptionGroup(title: "Measures") var measures: MeterOptions
    @OptionGroup(title: "Input") var input: InputOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Format") var format: FormatOptions
    @OptionGroup(title: "Device") var timing: DeviceOptions
    @OptionGroup(title: "Reports") var reports: ReportOptions

    func validate() throws {
        if let jobs, !(1...Limits.jobs).contains(jobs) {
            throw ValidationError("--jobs \(jobs): between 1 and \(Limits.jobs)")
        }
        if measures.csv, reports.json { throw ValidationError("--csv and --json: one of them") }
    }

    func run() throws {
        guard files.isEmpty else { try measureFiles() }
        var configuration = SessionConfiguration(
            command: "meter", input: try input.endpoint(),
            // What a person looks at is no place for sound, but for the meter.
            outputs: Printer.isOutputTerminal ? [] : [.standardStream])
        try output.apply(to: &configuration)
        try format.apply(to: &configuration, input, "meter")
        timing.apply(to: &configuration)
        input.apply(to: &configuration)
        configuration.keepsOpus =
            input.duration == nil && output.container == nil && configuration.outputs.allSatisfy(\.isStream)
        if measures.plot != nil { throw ValidationError("--plot is for files: aup meter --plot FILE.svg x.wav") }
        if measures.tag != nil { throw ValidationError("--tag is for files: aup meter --tag r128 x.opus") }
        if measures.normalize != nil {
            throw ValidationError("--normalize asks the whole, which a stream has only behind it: name files")
        }
        var metering = try measures.configuration()
        let isTold = reports.json || measures.csv
        metering.interval = isTold ? measures.interval ?? .nanoseconds(1_000_000_000) : nil
        let report = MeterReport(measures, reports, isProduct: configuration.outputs.isEmpty)
        metering.isWatched = report.isWatched
        configuration.metering = metering
        try Arrangement.settle(configuration)
        let session = Session(configuration, statsSeconds: reports.stats, holdsTerminal: report.isWatched)
        let outcome = session.run(observer: report) { number in
            report.leave()
            ExitCodes.end(128 + number)
        }
        report.conclude(outcome)
        ExitCodes.end(ExitCodes.code(of: outcome.ending))
    }

    private func measureFiles() throws -> Never {
        guard input.input == nil else {
            throw ValidationError("-i and '\(files[0])' both name the input; give one")
        }
        guard output.output.isEmpty || measures.normalize != nil else {
            throw ValidationError(
                "files are measured and not passed on; give -i \(files[0]) for that, --normalize, or leave -o out")
        }
        if measures.web != nil {
            throw ValidationError("--web is for sound that passes; --plot makes pictures of files")
        }
        if measures.spectrum || measures.bands != nil {
            throw ValidationError("--spectrum is for sound that passes; --plot draws that of a file")
        }
        try refuseParts()
        if measures.onAlarm != nil || !measures.alarm.isEmpty {
            throw ValidationError("--alarm is for sound that passes; of files, --fail-if asks the whole")
        }
        if reports.prometheus != nil {
            throw ValidationError("--prometheus is for sound that passes; of files, --json and --csv tell the numbers")
        }
        let configurations = try files.map { file in
            var one = SessionConfiguration(
                command: "meter", input: file == "-" ? .standardStream : .file(file), outputs: [])
            try format.apply(to: &one, input, "meter")
            input.apply(to: &one)
            return one
        }
        var metering = try measures.configuration()
        if let plot = measures.plot {
            let plan = PlotPlan(
                path: plot, overwrite: output.overwrite, isDark: measures.dark, target: measures.normalize,
                peakLimit: measures.peak)
            if let objection = plan.objection(inputs: files) { throw ValidationError(objection) }
            metering.plot = plan
        }
        let normalizing = try output.output.isEmpty ? nil : normalizedFiles()
        if let first = configurations.first { try Arrangement.settle(first) }
        let report = FileMeterReport(
            files, metering, measures, reports,
            // What is on standard output is the sound then.
            to: normalizing?.usesStandardOutput ?? false ? .standardError : .standardOutput)
        let batch = FileMetering(configurations, metering, atOnce: jobs ?? FileBatch.usualAtOnce)
        let outcome = batch.run(tick: report.tick, ended: report.ended) { number in ExitCodes.end(128 + number) }
        var code = report.conclude(outcome)
        if measures.tag != nil, !outcome.isStopped { code = max(code, report.tag(batch, outcome)) }
        if let normalizing, let plan = metering.normalization, !outcome.isStopped {
            code = max(code, normalizing.run(outcome, plan, configurations, output, reports))
        }
        ExitCodes.end(code)
    }

    /// Tags and normalized files are of whole files that can be opened again.
    private func refuseParts() throws {
        let wish = measures.tag != nil ? "--tag" : output.output.isEmpty ? nil : "--normalize"
        guard let wish else { return }
        if files.contains("-") { throw ValidationError("\(wish): standard input is no file; name files") }
        guard measures.tag != nil else { return }
        if input.duration != nil { throw ValidationError("--tag says how loud a whole file is; leave -d out") }
        if input.raw { throw ValidationError("--tag: headerless samples have no place for tags; leave --raw out") }
    }

    /// Which files become which.
    private func normalizedFiles() throws -> NormalizedFiles {
        var wishes = SessionConfiguration(command: "meter", input: .standardStream, outputs: [])
        try output.apply(to: &wishes)
        return try NormalizedFiles(files, wishes)
    }
}
