public import ArgumentParser
import AupEngine
public import AupSound

extension FormatWish: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

/// Questions to one device: what it takes, what it can, what it does.
struct DeviceQuestionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Whether the device (-D) takes a format: FORMAT/RATE/CHANNELS, any part of which may be left open "
                + "(f32/48000/2, 48000, s16//2). Exit status 0 is yes, 1 no.",
            valueName: "format"),
        completion: .list(["cd", "dat", "s16/44100/2", "s24/48000/2", "s32/96000/2", "f32/48000/2"]))
    var supports: FormatWish?

    @Option(
        help: ArgumentHelp("Tell all that a device can do, without running it.", valueName: "name"),
        completion: .live(.device))
    var probe: String?

    @Option(
        help: ArgumentHelp(
            "Run a device, playing a tone and capturing at once, and tell its real rate, jitter, wake-ups and xruns.",
            valueName: "name"),
        completion: .live(.device))
    var test: String?

    @Flag(help: "Ask for capture only.")
    var capture = false

    @Flag(help: "Ask for playback only.")
    var playback = false

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "How long --test runs (default 5s, from 500ms to 24h), or --watch watches.", valueName: "time"))
    var duration: TimeSpan?

    /// `nil`: whatever the device has.
    var direction: DeviceDirection? { capture == playback ? nil : capture ? .capture : .playback }

    var isAsked: Bool { supports != nil || probe != nil || test != nil }

    /// What cannot stand together, and what belongs to what.
    func validate(with latency: LatencyOptions, _ watching: WatchOptions, _ realtime: RealtimeOptions) throws {
        let questions = [latency.latency, supports != nil, probe != nil, test != nil].filter(\.self).count
        guard questions <= 1 else {
            throw ValidationError("--latency, --supports, --probe and --test are one question each; ask one at a time")
        }
        guard questions == 0 || !watching.watch else {
            throw ValidationError("--watch tells of all devices, and each question is about one; ask another time")
        }
        guard realtime.realtime == nil || (questions == 0 && !watching.watch) else {
            throw ValidationError("--realtime is a question of its own, about no device; ask another time")
        }
        let name = probe ?? test
        guard name == nil || latency.device == nil else {
            throw ValidationError("-D names a second device beside '\(name ?? "")'; leave it out")
        }
        guard latency.device == nil || latency.latency || supports != nil else {
            throw ValidationError("-D belongs to --latency and --supports; give one of them, or --probe NAME")
        }
        guard latency.to == nil || latency.latency else {
            throw ValidationError("--to belongs to --latency; give that too")
        }
        let isRunning = latency.latency || test != nil
        guard isRunning || (latency.level == nil && latency.period == nil && latency.buffer == nil) else {
            throw ValidationError("--level, --period and --buffer belong to --latency and --test; give one of them")
        }
        guard !(capture || playback) || isAsked else {
            throw ValidationError("--capture and --playback belong to --supports, --probe and --test; give one of them")
        }
        guard let duration else { return }
        if watching.watch { return }
        guard test != nil else {
            throw ValidationError("--duration belongs to --test and --watch; give one of them")
        }
        if case .nanoseconds(let length) = duration, !(500_000_000...86_400_000_000_000).contains(length) {
            throw ValidationError("--duration: a test takes between 500ms and 24h")
        }
    }
}
