import ArgumentParser
import AupEngine
import AupSound

/// What files are kept in, and what they say: `--container --fsync --tag --bext`.
struct RecordingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What the file is, whatever its name: \(RecordingPlan.containerNames.joined(separator: " ")).",
            valueName: "name"),
        completion: .list(RecordingPlan.containerNames))
    var container: String?

    @Option(
        help: ArgumentHelp(
            "When the disk must have it: never, finish (default), or every so many seconds.", valueName: "when"),
        completion: .list(["never", "finish"]))
    var fsync: String?

    @Option(
        name: .customLong("tag"),
        help: ArgumentHelp(
            "Say this about the sound, as often as there is something to say: TITLE=Dawn. KEY= alone leaves out what the input says.",
            valueName: "KEY=VALUE"))
    var tags: [SoundTagArgument] = []

    @Flag(help: "Copy nothing of what the input says about its sound: title, artist, cover.")
    var noTags = false

    @Option(
        help: ArgumentHelp(
            "Sound in one page of Ogg Opus, which a kill may cost: 20ms to 1s (default: 500ms).", valueName: "time"))
    var page: TimeSpan?

    @Flag(help: "Write into a WAV file who made it and when it begins, to the sample, in UTC.")
    var bext = false

    @Option(help: ArgumentHelp("Text that goes with it; means --bext.", valueName: "text"))
    var description: String?

    func validate() throws {
        var unused = RecordingPlan()
        try apply(to: &unused)
    }

    func apply(to configuration: inout SessionConfiguration) throws { try apply(to: &configuration.recording) }

    private func apply(to recording: inout RecordingPlan) throws {
        if let container, !recording.setContainer(container) {
            throw ValidationError(
                "--container=\(container): it is one of \(RecordingPlan.containerNames.joined(separator: " "))")
        }
        if let fsync, !recording.setFsync(fsync) {
            throw ValidationError("--fsync=\(fsync): it is never, finish or a number of seconds, 1 to 3600")
        }
        recording.tags = tags.map(\.tag)
        recording.copiesTags = !noTags
        if let page {
            let nanoseconds = page.nanoseconds(rate: OpusConfiguration.rate)
            guard RecordingPlan.pageLengths.contains(nanoseconds) else {
                throw ValidationError("--page: a page holds 20ms to 1s of sound")
            }
            recording.pageNanoseconds = nanoseconds
        }
        recording.hasBroadcast = bext || description != nil
        recording.description = description ?? ""
    }
}

/// `KEY=VALUE`.
struct SoundTagArgument: ExpressibleByArgument {
    let tag: SoundTag
    init?(argument: String) {
        guard let tag = SoundTag(argument) else { return nil }
        self.tag = tag
    }
}
