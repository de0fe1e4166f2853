public import AupSound

/// What `meter` is asked for.
public struct MeteringConfiguration: Sendable {
    /// Between two readings that are told one by one; `nil` where nobody asked for them.
    public var interval: TimeSpan?
    /// Whether somebody watches: a screen, a browser.
    public var isWatched = false
    /// A single channel counts as two loudspeakers.
    public var isDualMono = false
    /// Parts of an octave that a spectrum is told in; `nil` for none.
    public var spectrumFraction: Int?
    /// What there is: whole octaves, thirds, and fine ones.
    public static let spectrumFractions = [1, 3, 6, 12, 24]
    /// Below this, dBFS, is silence.
    public var silenceDecibels = -60.0
    /// `--fail-if`: what must not be true of the whole at the end.
    public var refusals: [AlarmExpression] = []
    /// `--alarm`: what is told when it becomes true.
    public var alarms: [AlarmExpression] = []
    /// `--on-alarm`: a command, without a shell.
    public var alarmCommand: String?
    public var alarmTimeoutNanoseconds: Int64 = 60_000_000_000
    public var web: MeterWebPlan?
    public var normalization: Normalization?
    /// Pictures of files.
    public var plot: PlotPlan?

    /// Nanoseconds that readings may be apart.
    public static let intervals: ClosedRange<Int64> = 10_000_000...3_600_000_000_000
    /// Thirty times a second, which is as often as an eye follows a bar.
    static let watchedNanoseconds: Int64 = 33_333_333
    /// Alarms are looked at so often, and so long is now for them.
    static let alarmNanoseconds: Int64 = 100_000_000

    public init() {}

    /// The failure that `--fail-if` makes of a whole, if it makes one.
    public func verdict(_ reading: MeterReading) -> SessionEnding? {
        guard let refusal = refusals.first(where: { $0.holds(forWhole: reading) }) else { return nil }
        return .thresholdExceeded("--fail-if '\(refusal.text)': it is \(refusal.measured(in: reading, isWhole: true))")
    }
}

/// Where a meter's page is served.
public struct MeterWebPlan: Sendable {
    /// `ADDRESS:PORT`.
    public var address: String
    /// What browsers must know; `@FILE` is read there.
    public var token: String?

    public init(address: String, token: String?) {
        self.address = address
        self.token = token
    }
}
