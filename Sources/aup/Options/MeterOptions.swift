import ArgumentParser
import AupEngine
import AupSound

/// What `meter` tells, and of what.
struct MeterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Between two lines of --json or --csv, in time of the sound, 10ms to 1h, or frames: 48000f (default: 1s).",
            valueName: "time"))
    var interval: TimeSpan?

    @Flag(help: "A line of numbers each --interval, for a spreadsheet.")
    var csv = false

    @Flag(help: "The spectrum too, in thirds of an octave or as --bands says, with --json.")
    var spectrum = false

    @Option(
        help: ArgumentHelp(
            "Bands in an octave of the spectrum: 1, 3, 6, 12 or 24 (default: 3, and 12 on a page).", valueName: "number"
        ))
    var bands: Int?

    @Flag(help: "One channel will be played by two loudspeakers: 3 LU more (BS.1770).")
    var dualMono = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("What no sample of silence exceeds, dBFS (default: -60).", valueName: "dB"))
    var silenceLevel: Double?

    @Option(
        help: ArgumentHelp(
            "Exit 4 if this is true of the whole, as in 'true_peak>-1'; may be given more than once.",
            valueName: "condition"))
    var failIf: [String] = []

    @Option(
        help: ArgumentHelp(
            "Tell when this begins and ends, as in 'silence>10s' or 'momentary>-9 for 3s'; may be given more than once.",
            valueName: "condition"))
    var alarm: [String] = []

    @Option(
        help: ArgumentHelp(
            "Run a command for each alarm, without a shell; AUP_ALARM, AUP_STATE and AUP_VALUE say which.",
            valueName: "command"))
    var onAlarm: String?

    @Option(
        help: ArgumentHelp("How long such a command may take (default: 60s); then it is ended.", valueName: "time"))
    var alarmTimeout: TimeSpan?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The gain that brings a file to this loudness, LUFS; with -o it is applied: -o '{stem}-16.wav'.",
            valueName: "LUFS"))
    var normalize: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("With --normalize: the true peak that it must not exceed, dBTP.", valueName: "dBTP"))
    var peak: Double?

    @Option(
        help: ArgumentHelp(
            "Write into each file how loud it is, and all of them: r128 (R128_TRACK_GAIN into Ogg Opus, REPLAYGAIN_* into FLAC).",
            valueName: "kind"))
    var tag: TagKind?

    @Option(
        help: ArgumentHelp(
            "A picture of a file, FILE.svg or FILE.png: waveform, spectrogram, loudness; of several '{stem}.svg'.",
            valueName: "file"))
    var plot: String?

    @Flag(help: "The picture on a dark ground.")
    var dark = false

    @Option(
        help: ArgumentHelp(
            "Serve a page with live levels, /api/levels and /metrics: a port, or ADDRESS:PORT.", valueName: "address"))
    var web: String?

    @Option(
        help: ArgumentHelp(
            "What browsers must know, 16 letters and digits or more; @FILE reads it there.", valueName: "token"))
    var webToken: String?

    enum TagKind: String, ExpressibleByArgument, CaseIterable { case r128 }

    func validate() throws {
        _ = try configuration()
        // What frames last is known when their rate is.
        if case .nanoseconds(let time)? = interval, !MeteringConfiguration.intervals.contains(time) {
            throw ValidationError("--interval: between 10ms and 1h")
        }
        if let bands {
            guard MeteringConfiguration.spectrumFractions.contains(bands) else {
                throw ValidationError("--bands \(bands): 1, 3, 6, 12 or 24 in an octave")
            }
            if !spectrum, web == nil { throw ValidationError("--bands belongs to --spectrum or --web") }
        }
        if let silenceLevel, !(-160...0).contains(silenceLevel) {
            throw ValidationError("--silence-level \(silenceLevel): between -160 and 0 dBFS")
        }
        if let normalize, !Normalization.targets.contains(normalize) {
            throw ValidationError("--normalize \(normalize): between -70 and 0 LUFS")
        }
        if let peak, normalize == nil || !Normalization.peakLimits.contains(peak) {
            throw ValidationError("--peak belongs to --normalize: between -30 and 20 dBTP")
        }
        if dark, plot == nil { throw ValidationError("--dark belongs to --plot") }
        if webToken != nil, web == nil { throw ValidationError("--web-token belongs to --web") }
        if onAlarm != nil, alarm.isEmpty { throw ValidationError("--on-alarm needs an --alarm to wait for") }
        guard let alarmTimeout else { return }
        guard onAlarm != nil, case .nanoseconds(let time) = alarmTimeout, time > 0 else {
            throw ValidationError("--alarm-timeout belongs to --on-alarm: a time above 0")
        }
    }

    func configuration() throws -> MeteringConfiguration {
        var metering = MeteringConfiguration()
        metering.isDualMono = dualMono
        metering.spectrumFraction = bands ?? (spectrum && web == nil ? 3 : nil)
        metering.silenceDecibels = silenceLevel ?? metering.silenceDecibels
        do {
            metering.refusals = try failIf.map { word throws(AlarmExpressionError) in try AlarmExpression(word) }
        } catch {
            throw ValidationError("--fail-if: \(error.description)")
        }
        if let timed = metering.refusals.first(where: { $0.nanoseconds > 0 }) {
            throw ValidationError("--fail-if '\(timed.text)': the whole is asked, which has no 'for'; --alarm has")
        }
        do {
            metering.alarms = try alarm.map { word throws(AlarmExpressionError) in try AlarmExpression(word) }
        } catch {
            throw ValidationError("--alarm: \(error.description)")
        }
        metering.alarmCommand = onAlarm
        metering.normalization = normalize.map { Normalization(target: $0, peakLimit: peak) }
        metering.web = web.map { MeterWebPlan(address: $0, token: webToken) }
        if let alarmTimeout { metering.alarmTimeoutNanoseconds = alarmTimeout.nanoseconds(rate: 1) }
        return metering
    }
}
