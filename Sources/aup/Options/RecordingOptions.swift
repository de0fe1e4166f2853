import ArgumentParser
import AupEngine

/// What files are kept in: `--container --fsync --bext`.
struct RecordingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What the file is, whatever its name: \(RecordingPlan.containerNames.joined(separator: " ")).",
            valueName: "name"))
    var container: String?

    @Option(
        help: ArgumentHelp(
            "When the disk must have it: never, finish (default), or every so many seconds.", valueName: "when"))
    var fsync: String?

    @Flag(help: "Write into a WAV file who made it and when it begins, to the sample, in UTC.")
    var bext = false

    @Option(help: ArgumentHelp("Text that goes with it; means --bext.", valueName: "text"))
    var description: String?

    func apply(to configuration: inout SessionConfiguration) throws {
        if let container, !configuration.recording.setContainer(container) {
            throw ValidationError(
                "--container=\(container): it is one of \(RecordingPlan.containerNames.joined(separator: " "))")
        }
        if let fsync, !configuration.recording.setFsync(fsync) {
            throw ValidationError("--fsync=\(fsync): it is never, finish or a number of seconds, 1 to 3600")
        }
        configuration.recording.hasBroadcast = bext || description != nil
        configuration.recording.description = description ?? ""
    }
}
