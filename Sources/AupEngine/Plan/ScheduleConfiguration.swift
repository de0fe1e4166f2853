public import AupSound

/// When a session records, who else may, and what starts a recording.
public struct ScheduleConfiguration: Sendable {
    public var schedule = Schedule()
    /// `--lock`: a file that one recorder at a time may hold.
    public var lockPath: String?
    public var trigger: TriggerConfiguration?

    public init() {}
}

/// What starts and ends a sound-activated recording.
public struct TriggerConfiguration: Sendable, Equatable {
    /// Amplitude, 1 is full scale, that a sample of any channel must reach.
    public var threshold: Double
    /// Amplitude below which it counts as quiet again.
    public var release: Double
    /// What of the sound before is kept.
    public var preRoll: TimeSpan
    /// How long it must be quiet.
    public var hang: TimeSpan

    /// The gap between the two thresholds where nobody says it: twice the amplitude.
    public static let usualHysteresisDecibels = 6.0

    public init(threshold: Double, release: Double, preRoll: TimeSpan, hang: TimeSpan) {
        self.threshold = threshold
        self.release = release
        self.preRoll = preRoll
        self.hang = hang
    }
}
