/// Turns the jittering times at which periods arrive into a smooth clock: the time of any frame, and the true rate.
///
/// After F. Adriaensen, "Using a DLL to filter time" (2005): each period's arrival is compared with the time the loop
/// predicted; a part b of the error corrects the phase, a smaller part c the rate.
///
///     ω = 2π · bandwidth · period      b = √2 · ω      c = ω²
///
/// A narrow loop is smooth and slow. While it is young, the loop is therefore the straight line through all arrivals
/// so far, whose gains fall as 4/k and 6/k² at the k-th (the Kalman filter of a constant rate), and it hands over when
/// those have fallen to b and c. The nominal rate has the weight of one second of arrivals (of 32 periods where those
/// are longer): the first few would otherwise throw the rate about.
///
/// Periods may differ in length. Lost frames belong into `frames`; after a break of the clock `reset`.
///
/// - Thread: audio; a plain value.
public struct DelayLockedLoop: Sendable {
    private let nominalNanosecondsPerFrame: Double
    private let bandwidthHertz: Double
    /// Frames of arrivals that the nominal rate weighs as much as.
    private let nominalWeightFrames: Double
    private var nanosecondsPerFrame: Double
    private var isRunning = false
    /// Frames since the reset, and the filtered time at which that frame arrived: whole nanoseconds, and the rest
    /// below one, because a double alone would lose nanoseconds after months of uptime.
    private var anchorFrame: Int64 = 0
    private var anchorNanoseconds: Int64 = 0
    private var anchorRest = 0.0
    /// Frames the phase and the rate were learnt from: the phase is learnt anew more often.
    private var phaseAgeFrames = 0.0
    private var rateAgeFrames: Double
    /// How far the last arrival lay from where the loop expected it: late is positive.
    public private(set) var errorNanoseconds = 0.0

    /// - Parameters:
    ///   - rate: nominal frames per second.
    ///   - periodFrames: the usual length of a period; others are as welcome.
    ///   - bandwidthHertz: of the settled loop. the noise of the rate grows with its power of 3/2.
    ///     0.1 follows within seconds; 0.0025 is within 1 ppm at 1 ms of jitter and takes minutes to follow a change.
    ///   - nominalWeightFrames: how much the nominal rate weighs, where a second is too much.
    public init(rate: Int, periodFrames: Int, bandwidthHertz: Double, nominalWeightFrames: Int? = nil) {
        precondition(rate > 0 && periodFrames > 0 && bandwidthHertz > 0)
        nominalNanosecondsPerFrame = 1e9 / Double(rate)
        nanosecondsPerFrame = nominalNanosecondsPerFrame
        self.nominalWeightFrames = Double(nominalWeightFrames ?? max(rate, 32 * periodFrames))
        rateAgeFrames = self.nominalWeightFrames
        self.bandwidthHertz = bandwidthHertz
    }

    // MARK: - Audio thread

    /// Forgets the phase; the rate too unless it is kept, as after an xrun of the same device.
    @_noLocks
    public mutating func reset(keepingRate: Bool = false) {
        isRunning = false
        anchorFrame = 0
        errorNanoseconds = 0
        phaseAgeFrames = 0
        guard !keepingRate else { return }
        nanosecondsPerFrame = nominalNanosecondsPerFrame
        rateAgeFrames = nominalWeightFrames
    }

    /// Keeps phase and rate, but learns both anew as fast as in the beginning: for a clock that has changed.
    @_noLocks
    public mutating func reopen() {
        phaseAgeFrames = 0
        rateAgeFrames = nominalWeightFrames
    }

    /// `frames` more frames had arrived at `timeNanoseconds`. The first call sets the phase.
    @_noLocks
    public mutating func update(timeNanoseconds: Int64, frames: Int) {
        precondition(frames >= 0)
        anchorFrame += Int64(frames)
        guard isRunning else {
            isRunning = true
            anchorNanoseconds = timeNanoseconds
            anchorRest = 0
            return
        }
        guard frames > 0 else { return }
        phaseAgeFrames += Double(frames)
        rateAgeFrames += Double(frames)
        let elapsed = Double(frames) * nanosecondsPerFrame
        // Wrapping, because a time from outside may be anything; what is absurd is absurd either way.
        let error = Double(timeNanoseconds &- anchorNanoseconds) - anchorRest - elapsed
        errorNanoseconds = error
        let gains = gains(frames: frames)
        // At most half a period back, so that the time of the next frame is never before that of the last.
        let correction = max(gains.phase * error, -elapsed / 2)
        move(nanoseconds: elapsed + correction)
        // A rate stays within a factor of two of the nominal, whatever the arrivals say.
        let rate = nanosecondsPerFrame + gains.rate * error / Double(frames)
        nanosecondsPerFrame = min(max(rate, nominalNanosecondsPerFrame / 2), nominalNanosecondsPerFrame * 2)
    }

    /// When a frame arrived or will arrive; frames count from the reset. 0 before the first update.
    @_noLocks
    public func time(ofFrame frame: Int64) -> Int64 {
        guard isRunning else { return 0 }
        let distance = Double(frame &- anchorFrame) * nanosecondsPerFrame + anchorRest
        return anchorNanoseconds &+ Self.nearest(distance)
    }

    /// The frame that arrives at a time, to the nearest. 0 before the first update.
    @_noLocks
    public func frame(atTime timeNanoseconds: Int64) -> Int64 {
        guard isRunning else { return 0 }
        let distance = (Double(timeNanoseconds &- anchorNanoseconds) - anchorRest) / nanosecondsPerFrame
        return anchorFrame &+ Self.nearest(distance)
    }

    /// The place in the stream at a time, with its fraction of a frame. 0 before the first update.
    @_noLocks
    public func place(atTime timeNanoseconds: Int64) -> Double {
        guard isRunning else { return 0 }
        let distance = (Double(timeNanoseconds &- anchorNanoseconds) - anchorRest) / nanosecondsPerFrame
        return Double(anchorFrame) + distance
    }

    /// Frames per second as measured.
    public var rate: Double {
        @_noLocks get { 1e9 / nanosecondsPerFrame }
    }

    /// Whether arrivals weigh as much in the rate as the nominal one, at the least: before, it is more guessed than
    /// measured.
    public var isRateKnown: Bool {
        @_noLocks get { rateAgeFrames >= 2 * nominalWeightFrames }
    }

    /// How much faster than nominal the device runs, in parts per million.
    public var partsPerMillion: Double {
        @_noLocks get { (nominalNanosecondsPerFrame / nanosecondsPerFrame - 1) * 1e6 }
    }

    @_noLocks
    private func gains(frames: Int) -> (phase: Double, rate: Double) {
        let periodSeconds = Double(frames) * nominalNanosecondsPerFrame * 1e-9
        // The loop is stable up to about 1; past that a period is too long for the bandwidth.
        let omega = min(2 * 3.141_592_653_589_793 * bandwidthHertz * periodSeconds, 0.6)
        // The number of this arrival, if all had been like this one.
        let phaseCount = phaseAgeFrames / Double(frames) + 1
        let rateCount = max(rateAgeFrames / Double(frames), 2)
        let youngPhase = 2 * (2 * phaseCount - 1) / (phaseCount * (phaseCount + 1))
        let youngRate = 6 / (rateCount * (rateCount + 1))
        let root2 = 1.414_213_562_373_095_1
        return (max(root2 * omega, youngPhase), max(omega * omega, youngRate))
    }

    /// Moves the anchor in time and keeps the rest below a nanosecond.
    @_noLocks
    private mutating func move(nanoseconds: Double) {
        let distance = anchorRest + nanoseconds
        let whole = Self.nearest(distance)
        anchorNanoseconds &+= whole
        anchorRest = distance - Double(whole)
    }

    /// To the nearest integer; what no Int64 can hold becomes the largest that both types can.
    @_noLocks
    private static func nearest(_ value: Double) -> Int64 {
        // 2^63 - 1024: the largest double below 2^63.
        let limit = 9_223_372_036_854_774_784.0
        let bounded = min(max(value, -limit), limit)
        return Int64(bounded < 0 ? bounded - 0.5 : bounded + 0.5)
    }
}
