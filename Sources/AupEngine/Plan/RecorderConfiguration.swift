import AupFiles
public import AupSound

/// What a recording into files is asked for beyond its name: how it is split, what is kept, who is told.
public struct RecorderConfiguration: Sendable {
    public enum SidecarPolicy: Sendable {
        case always, never
        /// Where the recording has many files, or one with something missing.
        case whenUseful
    }

    /// `--split`, one of both.
    public var splitTime: TimeSpan?
    public var splitBytes: Int64?
    /// `--align`: splits are whole on the wall's clock.
    public var isAligned = false
    /// `--utc`: names and alignment in UTC, not in local time.
    public var usesUTC = false
    /// `--keep`, by age and by size.
    public var keepNanoseconds: Int64?
    public var keepBytes: Int64?
    /// `--min-free`.
    public var minFreeBytes: Int64?
    /// `--on-file`: a command line that no shell sees.
    public var hookCommand: String?
    public var hookTimeoutNanoseconds: Int64 = 60_000_000_000
    public var sidecar = SidecarPolicy.whenUseful

    public init() {}

    var split: SplitLength? { splitTime.map { .time($0) } ?? splitBytes.map { .bytes($0) } }
    var retention: RetentionPlan {
        RetentionPlan(age: keepNanoseconds, bytes: keepBytes, freeBytes: minFreeBytes)
    }
    var zone: CalendarZone { usesUTC ? .utc : .local }

    /// Whether anything is asked for that only files can give.
    var wantsFiles: Bool {
        split != nil || isAligned || usesUTC || !retention.isEmpty || hookCommand != nil || sidecar == .always
    }

    /// Whether this is a recording of many files, each with a name of its own.
    func makesMany(_ template: NameTemplate) -> Bool { split != nil || !template.isPlain || !retention.isEmpty }

    func writesSidecars(_ template: NameTemplate) -> Bool {
        sidecar == .always || (sidecar == .whenUseful && (makesMany(template) || hookCommand != nil))
    }

    /// Says what makes no sense.
    func check() throws(SessionFailure) {
        if isAligned {
            guard let split, SplitPlan.canAlign(split) else {
                throw .before(
                    .usage(
                        "--align wants --split with whole seconds that divide a day, such as 1h, 15m or 24h; give one or leave --align out"
                    ))
            }
        }
        if let hookCommand, CommandWords(hookCommand) == nil {
            throw .before(
                .usage("--on-file: '\(hookCommand)' is no command: a quote is open, or there is nothing in it"))
        }
        if !retention.isEmpty, sidecar == .never {
            throw .before(
                .usage("--keep and --min-free know a recording's files by their sidecars; leave --no-sidecar out"))
        }
    }
}
