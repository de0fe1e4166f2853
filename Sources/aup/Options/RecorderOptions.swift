public import ArgumentParser
import AupEngine
public import AupSound

/// A recording in files: how it is split, what is kept, who is told.
struct RecorderOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A new file every so often, without a frame lost between: 1h, 48000f, 500M (a bare number is seconds). SIGUSR1 starts one too.",
            valueName: "time|size"))
    var split: SplitArgument?

    @Flag(help: "Split on the wall's clock: files of 1h begin on the hour.")
    var align = false

    @Flag(help: "Names and --align in UTC instead of local time.")
    var utc = false

    @Option(
        help: ArgumentHelp(
            "Keep this recording's files for so long (30d) or up to so much (100G); may be given once for each.",
            valueName: "time|size"))
    var keep: [KeepArgument] = []

    @Option(
        help: ArgumentHelp("Keep so much of the disk free; the recording's oldest files go.", valueName: "size"))
    var minFree: ByteCount?

    @Option(
        help: ArgumentHelp(
            "Run a command after each finished file, without a shell; AUP_FILE, AUP_FRAMES, … are in its environment.",
            valueName: "command"))
    var onFile: String?

    @Option(
        help: ArgumentHelp("How long such a command may take (default 60s); then it is ended.", valueName: "time"))
    var hookTimeout: TimeSpan?

    @Flag(
        inversion: .prefixedNo,
        help: "Write FILE.json with times, counts, gaps and digest (default: for many files, or where frames are lost)."
    )
    var sidecar: Bool?

    func validate() throws {
        let ages = keep.filter { $0.nanoseconds != nil }.count
        guard ages <= 1, keep.count - ages <= 1 else {
            throw ValidationError("--keep: one time and one size, not two of a kind")
        }
        if hookTimeout != nil, onFile == nil {
            throw ValidationError("--hook-timeout belongs to --on-file; give that too")
        }
        if let hookTimeout, hookTimeout.nanoseconds(rate: 1) <= 0 {
            throw ValidationError("--hook-timeout: a time above 0")
        }
        if case .frames? = hookTimeout { throw ValidationError("--hook-timeout: seconds, not frames") }
    }

    func apply(to configuration: inout SessionConfiguration) throws {
        var recorder = RecorderConfiguration()
        recorder.splitTime = split?.time
        recorder.splitBytes = split?.bytes
        recorder.isAligned = align
        recorder.usesUTC = utc
        recorder.keepNanoseconds = keep.lazy.compactMap(\.nanoseconds).first
        recorder.keepBytes = keep.lazy.compactMap(\.bytes).first
        recorder.minFreeBytes = minFree?.bytes
        recorder.hookCommand = onFile
        if let hookTimeout { recorder.hookTimeoutNanoseconds = hookTimeout.nanoseconds(rate: 1) }
        if let sidecar { recorder.sidecar = sidecar ? .always : .never }
        configuration.recorder = recorder
    }
}

/// `--split`: a time or a size. Units tell them apart: `m` is a minute, `M` a megabyte.
struct SplitArgument: ExpressibleByArgument {
    var time: TimeSpan?
    var bytes: Int64?

    init?(argument: String) {
        if let time = TimeSpan(argument), time.nanoseconds(rate: 1) > 0 {
            self.time = time
        } else if TimeSpan(argument) == nil, let size = ByteCount(argument) {
            bytes = size.bytes
        } else {
            return nil
        }
    }
}

/// `--keep`: an age or a size.
struct KeepArgument: ExpressibleByArgument {
    var nanoseconds: Int64?
    var bytes: Int64?

    init?(argument: String) {
        guard let split = SplitArgument(argument: argument) else { return nil }
        if case .nanoseconds(let age)? = split.time {
            nanoseconds = age
        } else if let size = split.bytes {
            bytes = size
        } else {
            return nil
        }
    }
}

extension ByteCount: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
