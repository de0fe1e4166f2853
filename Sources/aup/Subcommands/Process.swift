import ArgumentParser
import AupEngine
import AupSound

struct Process: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "process",
        _superCommandName: "aup",
        abstract: "Send a stream through plugins.",
        usage: "aup process [options] <plugin> [key=value ...] [<plugin> [key=value ...]] ...",
        discussion: """
            A plugin is a path to a shared object or a name on the search path (AUP_PLUGIN_PATH, the installed \
            folder); ladspa:LABEL, ladspa:FILE:LABEL, FILE.so:LABEL or a label that only one file has (LADSPA_PATH, \
            the system's); lv2:URI or a bare URI (LV2_PATH, the system's; with lilv); clap:ID (CLAP_PATH, the \
            system's). The words with = after it set its parameters, in the parameter's unit. Without plugins the \
            stream passes through untouched. What leaves is f32 (f64 where more came in), or -f; files keep their \
            input's format.

            Words of the host: channels=LIST sends only those through the plugin (1, 3-4), side=LIST are its side \
            chain, out=N is how many come out. A plugin with such a parameter keeps it; then write aup.channels=, and \
            so on.

              aup capture | aup process gain gain=-6dB | aup play
              aup process -i in.wav -o out.wav gain gain=3 invert
              aup process -i alsa:hw:0 -o alsa:hw:0 gain gain=-6dB     # a host
              aup process -i in.wav -o out.wav ladspa:sc4 threshold_level=-20dB
              aup process -i voice+music.wav -o ducked.wav compressor side=3
              aup process -i stereo.wav -o mono.wav mix out=1 1to1=50% 2to1=50%
              aup process @voice                             # a chain that aup-config(5) names
              aup process --info gain
              aup process --check ./mine.so                   # is it a good guest?
            """)

    @Argument(
        help: ArgumentHelp("Plugins and their settings.", valueName: "plugin"),
        completion: .live(.chain))
    var chain: [String] = []

    @Flag(help: "List the plugins that can be found.")
    var list = false

    @Option(help: ArgumentHelp("Show a plugin's parameters.", valueName: "plugin"))
    var info: String?

    @Option(
        help: ArgumentHelp(
            "How long the chain sounds on after the input: off, or a time (default: as long as its plugins do).",
            valueName: "time"))
    var tail: TailArgument?

    @Option(
        help: ArgumentHelp(
            "Changes at exact times: lines of time, plugin, key, value and, if wanted, ramp.", valueName: "file"))
    var automate: String?

    @Flag(help: "Load plugins anew, without a click, when their files are rebuilt, and on SIGHUP.")
    var watch = false

    @Option(
        help: ArgumentHelp(
            "With --watch: run a command when sources change, without a shell; if it fails, its error is shown and the old plugins go on.",
            valueName: "command"))
    var build: String?

    @Option(
        help: ArgumentHelp(
            "A folder of sources, instead of those the plugins' files lie in; may be given more than once. Every file in it counts but hidden ones and what builds leave (.so, .o, .a, .d, .tmp …).",
            valueName: "folder"))
    var source: [String] = []

    @Option(
        help: ArgumentHelp("How long such a command may take (default 2m); then it is ended.", valueName: "time"))
    var buildTimeout: TimeSpan?

    @Option(
        help: ArgumentHelp("Listen at a socket for changes while it runs.", valueName: "unix:path"))
    var control: ControlPathArgument?

    @Option(
        help: ArgumentHelp(
            "Talk to a running process: set key=value, or any of its commands (try help); without words lines are read.",
            valueName: "unix:path"))
    var connect: ControlPathArgument?

    @Option(
        help: ArgumentHelp("With --connect: show the value of a parameter.", valueName: "key"),
        completion: .live(.parameter))
    var get: [String] = []

    @Option(
        help: ArgumentHelp(
            "Examine a plugin in processes of its own: what it breaks, a line each, and a verdict (exit 0 or 1).",
            valueName: "plugin"))
    var check: String?

    /// What ``PluginCheckReport`` starts this program with: a step, a file for the findings, a plugin.
    @Flag(help: .hidden)
    var checkStep = false

    /// What ``PluginCatalog`` starts this program with: a file to look at, and one for the result.
    @Flag(help: .hidden)
    var scan = false

    @Flag(help: "Run each plugin in a process of its own, so that one that crashes takes nothing with it.")
    var isolate = false

    @Option(
        help: ArgumentHelp(
            "When a plugin crashes in its own process: fail (default), bypass it, or restart it; implies --isolate.",
            valueName: "policy"))
    var onCrash: CrashPolicyArgument?

    @Option(
        help: ArgumentHelp(
            "How long a plugin may take for one block before it is taken for hung, 10ms to 600s (default: 10s).",
            valueName: "time"))
    var maxTime: BlockLimitArgument?

    /// What ``ChainConfiguration`` starts this program with: a file that the plugin's host shares is standard input.
    @Flag(help: .hidden)
    var guest = false

    @Flag(help: "Load the chain, but let the sound go by it.")
    var bypass = false

    @Flag(help: "Leave numbers below 1.2e-38 as they are, for results that match another host's to the bit.")
    var exactDenormals = false

    @Flag(help: "Report the peak level before and after.")
    var levels = false

    @OptionGroup(title: "Input") var input: InputOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Files") var recording: RecordingOptions
    @OptionGroup(title: "Files") var opus: OpusFileOptions
    @OptionGroup(title: "Format") var format: FormatOptions
    @OptionGroup(title: "Device") var timing: DeviceOptions
    @OptionGroup(title: "Reports") var reports: ReportOptions

    /// What this program is started with to look at a file.
    static let scanWords = ["process", "--scan"]

    /// Whether this program started itself, and said everything that counts.
    static func isInner(_ words: [String]) -> Bool {
        words.count > 1 && words[0] == "process" && ["--scan", "--guest", "--check-step"].contains(words[1])
    }

    func validate() throws {
        guard build != nil || (source.isEmpty && buildTimeout == nil) else {
            throw ValidationError("--source and --build-timeout belong to --build: give it a command")
        }
        if build != nil, !watch { throw ValidationError("--build needs --watch, which loads what it makes") }
        guard let buildTimeout else { return }
        guard case .nanoseconds(let time) = buildTimeout, time > 0 else {
            throw ValidationError("--build-timeout: seconds above 0")
        }
    }

    func run() throws {
        if scan {
            let isDone = chain.count == 2 && PluginCatalog.scan(chain[0], into: chain[1])
            ExitCodes.end(isDone ? 0 : ExitCodes.failed)
        }
        if checkStep { ExitCodes.end(PluginCheck.step(chain) ? 0 : ExitCodes.usage) }
        PluginCatalog.scanInProcesses(Self.scanWords)
        if guest {
            let isServed = PluginWorker.serve(
                copiesFiles: watch,
                blockLimitMilliseconds: maxTime?.milliseconds ?? ChainConfiguration().blockLimitMilliseconds,
                realtimePriority: timing.noRealtime ? nil : timing.realtime)
            ExitCodes.end(isServed ? 0 : ExitCodes.usage)
        }
        if list { return PluginReport.list(reports) }
        if let check { PluginCheckReport.run(check, settings: chain, reports) }
        if let info { return PluginReport.show(info, reports) }
        if let connect { ControlReport.talk(connect.path, chain, get: get, reports) }
        guard get.isEmpty else { throw ValidationError("--get asks a running process: give --connect unix:PATH too") }
        var configuration = SessionConfiguration(
            command: "process", input: try input.endpoint(), outputs: [.standardStream])
        try output.apply(to: &configuration)
        try recording.apply(to: &configuration)
        opus.apply(to: &configuration)
        try format.apply(to: &configuration, input, "process")
        timing.apply(to: &configuration)
        input.apply(to: &configuration)
        configuration.chainWords = chain
        configuration.isChainBypassed = bypass
        configuration.chain.tail = tail?.tail ?? .own
        configuration.chain.automationPath = automate
        configuration.chain.controlPath = control?.path
        configuration.chain.watches = watch
        if isolate || onCrash != nil { configuration.chain.isolationWords = ["process", "--guest"] }
        configuration.chain.crashPolicy = onCrash?.policy ?? .fail
        if let maxTime { configuration.chain.blockLimitMilliseconds = maxTime.milliseconds }
        configuration.chain.buildCommand = build
        configuration.chain.sourceFolders = source
        if let buildTimeout { configuration.chain.buildTimeoutNanoseconds = buildTimeout.nanoseconds(rate: 1) }
        if watch, chain.isEmpty { throw ValidationError("--watch needs plugins to watch") }
        if control != nil, chain.isEmpty { throw ValidationError("--control needs plugins to control") }
        configuration.keepsDenormals = exactDenormals
        configuration.measuresLevels = levels || configuration.isDuplex
        try SessionRunner(configuration, reports).run()
    }
}
