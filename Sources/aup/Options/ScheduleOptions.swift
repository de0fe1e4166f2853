import ArgumentParser
import AupEngine
import AupSound

/// When is recorded, by whom, and what starts a recording.
struct ScheduleOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Begin then: HH:MM[:SS], 2026-03-29T02:30, +10m, now; a Z behind it means UTC. The next such time.",
            valueName: "time"))
    var at: MomentArgument?

    @Option(
        help: ArgumentHelp(
            "End then; +10m counts from the start. A window that has begun is joined and ends on time.",
            valueName: "time"))
    var until: MomentArgument?

    @Option(
        help: ArgumentHelp(
            "Hold this file while recording; exit 1, and say who, when another recorder holds it.", valueName: "file"))
    var lock: String?

    @Flag(help: "Print what would happen and open nothing for writing.")
    var check = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Record what is at least this loud (-40dB), and put silence in place of the rest.", valueName: "level"))
    var trigger: LevelArgument?

    @Option(help: ArgumentHelp("Sound kept before the trigger (default 2s).", valueName: "time"))
    var preRoll: TimeSpan?

    @Option(help: ArgumentHelp("How long it must be quiet before a recording ends (default 5s).", valueName: "time"))
    var hang: TimeSpan?

    @Option(
        help: ArgumentHelp("How far below the trigger counts as quiet (default 6dB).", valueName: "decibels"))
    var hysteresis: DecibelsArgument?

    func validate() throws {
        guard trigger == nil, preRoll != nil || hang != nil || hysteresis != nil else { return }
        throw ValidationError("--pre-roll, --hang and --hysteresis belong to --trigger LEVEL; give that too")
    }

    func apply(to configuration: inout SessionConfiguration) {
        configuration.scheduling.schedule = Schedule(at: at?.moment, until: until?.moment)
        configuration.scheduling.lockPath = lock
        guard let level = trigger?.decibels else { return }
        let distance = hysteresis?.decibels ?? TriggerConfiguration.usualHysteresisDecibels
        configuration.scheduling.trigger = TriggerConfiguration(
            threshold: amplitude(decibels: level), release: amplitude(decibels: level - distance),
            preRoll: preRoll ?? .nanoseconds(2_000_000_000), hang: hang ?? .nanoseconds(5_000_000_000))
    }
}

/// `20:00`, `+10m`, `2026-03-29T02:30Z`, `now`.
struct MomentArgument: ExpressibleByArgument {
    let moment: ScheduledMoment
    init?(argument: String) {
        guard let moment = ScheduledMoment(argument) else { return nil }
        self.moment = moment
    }
}

/// A level in dBFS: `-40dB`, `-40`.
struct LevelArgument: ExpressibleByArgument {
    let decibels: Double
    init?(argument: String) {
        guard let level = DecibelsArgument.parse(argument), (-150...0).contains(level) else { return nil }
        decibels = level
    }
}

/// A distance of levels: `6dB`, `6`.
struct DecibelsArgument: ExpressibleByArgument {
    let decibels: Double
    init?(argument: String) {
        guard let distance = Self.parse(argument), (0...60).contains(distance) else { return nil }
        decibels = distance
    }

    static func parse(_ argument: String) -> Double? {
        let digits = argument.lowercased().hasSuffix("db") ? argument.dropLast(2) : Substring(argument)
        return Double(digits).flatMap { $0.isFinite ? $0 : nil }
    }
}
