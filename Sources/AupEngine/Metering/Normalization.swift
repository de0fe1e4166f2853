import AupSound

/// The loudness that sounds are to have, and the true peak that none may exceed: `--normalize`, `--peak`.
public struct Normalization: Sendable {
    /// LUFS.
    public var target: Double
    /// dBTP; `nil` for none.
    public var peakLimit: Double?

    public static let targets = -70.0...0
    public static let peakLimits = -30.0...20

    public init(target: Double, peakLimit: Double?) {
        self.target = target
        self.peakLimit = peakLimit
    }

    /// What brings a sound there.
    public struct Gain: Equatable, Sendable {
        public var decibels: Double
        /// It would be more, but for the peak.
        public var isLimited: Bool

        public var factor: Double { amplitude(decibels: decibels) }
    }

    /// `nil` for silence, which no gain makes louder.
    public func gain(for reading: MeterReading) -> Gain? {
        guard let integrated = reading.integrated else { return nil }
        let wanted = target - integrated
        guard let peakLimit, let peak = reading.total.truePeak, peak + wanted > peakLimit else {
            return Gain(decibels: wanted, isLimited: false)
        }
        return Gain(decibels: peakLimit - peak, isLimited: true)
    }
}
