import ArgumentParser
import AupEngine
import AupSound

/// How a capture device is watched over, and what happens when it fails.
struct LivenessOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Wait for a device that is not there yet: so long, or for ever when no time is given.", valueName: "time"))
    var waitDevice: PatienceArgument?

    @Option(
        help: ArgumentHelp(
            "Wait for a device that is lost, so long (default 60s, or 'forever'); the time without it is a gap. Then exit 2.",
            valueName: "time"))
    var reconnect: PatienceArgument?

    @Option(
        help: ArgumentHelp(
            "Lost frames in files: fill with silence, so that file time is wall time (default), or mark and leave out.",
            valueName: "how"))
    var gaps: LivenessConfiguration.GapStorage = .fill

    @Option(
        help: ArgumentHelp(
            "End when the device fails in one of these ways: no-frames, frozen (exit 2), silence, stuck (exit 4).",
            valueName: "list"))
    var exitOn: AlarmListArgument?

    @Option(
        help: ArgumentHelp(
            "Tell when the device has delivered nothing but zeros for so long (default 30s at a sound card).",
            valueName: "time"))
    var silenceAlarm: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "Tell when one value or one block has come over and over for so long (default 30s at a sound card).",
            valueName: "time"))
    var stuckAlarm: TimeSpan?

    func apply(to configuration: inout SessionConfiguration) {
        configuration.liveness.waitsForDevice = waitDevice?.patience
        configuration.liveness.reconnects = reconnect?.patience
        configuration.liveness.gaps = gaps
        configuration.liveness.exits = exitOn?.alarms ?? []
        configuration.liveness.silenceAlarm = silenceAlarm
        configuration.liveness.stuckAlarm = stuckAlarm
    }
}

/// A length of time, or `forever`.
struct PatienceArgument: ExpressibleByArgument {
    let patience: LivenessConfiguration.Patience
    init?(argument: String) {
        if argument == "forever" {
            patience = .forever
        } else {
            guard case .nanoseconds(let nanoseconds)? = TimeSpan(argument) else { return nil }
            patience = .nanoseconds(nanoseconds)
        }
    }
}

/// Names of alarms with commas between.
struct AlarmListArgument: ExpressibleByArgument {
    let alarms: Set<LivenessConfiguration.Alarm>
    init?(argument: String) {
        let words = argument.split(separator: ",", omittingEmptySubsequences: false)
        let alarms = words.compactMap { LivenessConfiguration.Alarm(rawValue: String($0)) }
        guard !alarms.isEmpty, alarms.count == words.count else { return nil }
        self.alarms = Set(alarms)
    }

    static var defaultCompletionKind: CompletionKind { .list(LivenessConfiguration.Alarm.allCases.map(\.rawValue)) }
}
