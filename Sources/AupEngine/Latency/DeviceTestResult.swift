public import AupSound

/// What one direction of a device was seen to do while it ran.
///
/// - Thread: any.
public struct DeviceTestResult: Sendable {
    /// Of many times, in nanoseconds.
    public struct Spread: Sendable, Equatable {
        public var meanNanoseconds: Double
        /// What 99 of 100 were within (nearest rank).
        public var percentile99Nanoseconds: Double
        public var mostNanoseconds: Double

        init?(_ values: [Double]) {
            guard !values.isEmpty else { return nil }
            let sorted = values.sorted()
            meanNanoseconds = sorted.reduce(0, +) / Double(sorted.count)
            percentile99Nanoseconds = sorted[min((99 * sorted.count + 99) / 100, sorted.count) - 1]
            mostNanoseconds = sorted[sorted.count - 1]
        }
    }

    public var direction: DeviceDirection
    public var configuration: DeviceConfiguration
    /// Of the looks that the rate is taken from.
    public var seconds: Double = 0
    public var frames: Int64 = 0
    public var lostFrames: Int64 = 0
    public var xruns: Int64 = 0
    /// Times the thread was woken and there was a period to move.
    public var wakeUps = 0
    /// Frames a second by the system's clock; `nil` where there was too little to tell, or no clock.
    public var rateHertz: Double?
    /// How much faster than nominal that is, and half of the interval it lies in with 95 in 100, in parts per million.
    public var partsPerMillion: Double?
    public var uncertaintyPPM: Double?
    /// Whether frames move at about the nominal rate at all: a PCM without a clock moves them as fast as it is asked.
    public var hasClock = true
    /// How far the time between two wake-ups was from the time of the frames between them.
    public var periodJitter: Spread?
    /// How long after a period was there its thread ran.
    public var wakeUpLatency: Spread?

    /// A device that is off by a fifth follows no clock.
    static let mostPPM = 200_000.0

    init(_ direction: DeviceDirection, _ configuration: DeviceConfiguration, _ looks: [DeviceLook], isCutShort: Bool) {
        self.direction = direction
        self.configuration = configuration
        wakeUps = looks.count
        let rate = configuration.format.rate
        guard let fit = ClockFit(looks, rate: rate) else {
            // More looks than a clock would have let happen, and none of them far enough from the next for a line.
            hasClock = !isCutShort
            return
        }
        let measured = 1e9 / fit.nanosecondsPerFrame
        let partsPerMillion = (measured / Double(rate) - 1) * 1e6
        hasClock = abs(partsPerMillion) < Self.mostPPM
        seconds = fit.seconds
        guard hasClock else { return }
        rateHertz = measured
        self.partsPerMillion = partsPerMillion
        uncertaintyPPM = fit.uncertaintyNanosecondsPerFrame / fit.nanosecondsPerFrame * 1e6
        wakeUpLatency = Spread(
            looks.map { max(Double($0.wakeNanoseconds) - fit.time(ofFrame: $0.dueFrame, run: $0.run), 0) })
        periodJitter = Spread(
            zip(looks, looks.dropFirst()).filter { $0.run == $1.run }.map { last, next in
                let frames = Double(next.dueFrame - last.dueFrame)
                return abs(Double(next.wakeNanoseconds - last.wakeNanoseconds) - frames * fit.nanosecondsPerFrame)
            })
    }
}
