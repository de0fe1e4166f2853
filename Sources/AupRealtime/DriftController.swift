/// Makes a device follow a source that has a clock of its own: how much to stretch the sound, and when to give up
/// stretching and leave out or fill in.
///
/// After F. Adriaensen, "Using a DLL to filter time" (2005) and "Controlling adaptive resampling" (2012): the times at
/// which the source gives and the device takes are smoothed by a second-order loop each, and only the smoothed times
/// are compared. Both rates being known, the ratio is theirs, and what is left for the controller to do is to lead the
/// latency back to its target, slowly enough that nobody hears it:
///
///     source ─ wrote(frames, time) ─▶ loop ─▶ place and rate ─╮
///                                                             ├─▶ latency − target = error
///     device ─ read(frames, time)  ─▶ loop ─▶ place and rate ─╯
///
///     ratio = device rate / source rate · (1 − error / (8 s · rate)), eased over 1 s
///
/// Phases:
///
///     settling ─ 2 s of sound, rates within 5000 ppm ─▶ locked ─ a stall, a stop ─▶ settling
///
/// As long as the latency stays within half a millisecond of the target, or within what the jitter seen so far leaves
/// uncertain (four standard deviations of both loops), the ratio is exactly 1 and the sound may go by untouched
/// (``isEngaged``): clocks that are equal stay bit-exact. An error of more than ``catchUpFrames`` is never
/// crawled back but answered by ``CatchUp``: at once for what is measured raw beyond ``limitFrames``, else once the
/// smoothed latency is known.
///
/// Whoever drives it leaves out or fills in what ``wrote(frames:writtenFrames:timeNanoseconds:)`` asks for and counts it.
///
/// - Thread: any, one at a time; a plain value, without clocks of its own.
public struct DriftController: Sendable {
    public enum State: UInt8, Sendable {
        /// The clocks are being learnt, or do not tell time at all.
        case settling
        /// The ratio is known and the latency led to its target.
        case locked
    }

    /// What to do beyond stretching, in frames of the device.
    public enum CatchUp: Equatable, Sendable {
        case none
        /// Leave out so many frames: the latency is back at its target at once.
        case skip(frames: Int)
        /// Write so many frames of silence.
        case fill(frames: Int)
    }

    /// How a loop of arrivals is narrowed: within 1 ppm at a millisecond of jitter.
    static var bandwidthHertz: Double { 0.0025 }
    static var settleNanoseconds: Int64 { @_noLocks get { 2_000_000_000 } }
    /// An arrival so far off is a stall or a break, which the loops are not taught.
    static var breakNanoseconds: Int64 { @_noLocks get { 100_000_000 } }
    /// No two clocks of audio are further apart.
    static var plausiblePPM: Double { @_noLocks get { 5000 } }
    /// In how many seconds an error falls to 1/e.
    static var correctionSeconds: Double { @_noLocks get { 8 } }
    /// The most that a correction bends the pitch: 1.7 cent.
    static var correctionLimit: Double { @_noLocks get { 0.001 } }

    /// What the latency is led to, in frames of the device; where nobody said, what it was when the clocks were known.
    public private(set) var targetFrames: Double?
    public let catchUpFrames: Double
    public let limitFrames: Double
    /// Output frames for each input frame, relative to the nominal rates.
    public private(set) var ratio = 1.0
    public private(set) var state = State.settling
    /// Whether the ratio is anything but 1: the sound has to go through a resampler.
    public private(set) var isEngaged = false
    /// The smoothed latency less the target, in frames of the device, once it is known.
    public private(set) var errorFrames = 0.0

    private let isTargetGiven: Bool
    private let deviceRate: Double
    private let engageFrames: Double
    private var source: Side
    private var device: Side
    /// Frames the device left out by itself.
    private var skippedFrames = 0.0
    /// How well the latency was known when it became the target; 0 for well enough.
    private var targetUncertainty = 0.0

    /// - Parameters:
    ///   - targetFrames: the latency to keep, counted from just after a write; `nil` for what the start made it.
    ///   - catchUpFrames: errors of the smoothed latency above this are not crawled back.
    ///   - limitFrames: raw latencies so far from the target are answered at once; infinite for never.
    public init(
        sourceRate: Int, deviceRate: Int, sourcePeriodFrames: Int, devicePeriodFrames: Int, targetFrames: Int? = nil,
        catchUpFrames: Int? = nil, limitFrames: Double = .infinity
    ) {
        self.targetFrames = targetFrames.map(Double.init)
        isTargetGiven = targetFrames != nil
        self.deviceRate = Double(deviceRate)
        // Five milliseconds: led back within seconds by less than the limit of the correction.
        self.catchUpFrames = catchUpFrames.map(Double.init) ?? Double(deviceRate) * 0.005
        self.limitFrames = limitFrames
        engageFrames = Double(deviceRate) * 0.0005
        source = Side(rate: sourceRate, periodFrames: sourcePeriodFrames)
        device = Side(rate: deviceRate, periodFrames: devicePeriodFrames)
    }

    // MARK: - Audio thread

    /// How much faster than the device the source runs, in parts per million of their nominal rates; `nil` until known.
    public var partsPerMillion: Double? {
        @_noLocks get { state == .locked || isEngaged ? (1 / rateRatio - 1) * 1e6 : nil }
    }

    /// The device took so many frames more by this time. Frames that it left out of the queue by itself are named
    /// apart. To be called once with 0 frames when it starts.
    @_noLocks
    public mutating func read(frames: Int, skipped: Int = 0, timeNanoseconds: Int64) {
        skippedFrames += Double(skipped)
        device.take(frames: frames, timeNanoseconds: timeNanoseconds)
    }

    /// The device ran dry and stands: its next start is a new beginning, at the rate it had.
    @_noLocks
    public mutating func deviceStopped() {
        device.pause()
        settleAnew()
    }

    /// The source gave so many frames more by this time, and with them the queue was written up to a place.
    ///
    /// - Parameters:
    ///   - frames: of the source.
    ///   - writtenFrames: all that was ever queued for the device, in its frames, those included that a resampler still
    ///     holds.
    /// - Returns: what is to be done at once; the queue is then expected to be written so much less or more.
    @_noLocks
    public mutating func wrote(frames: Int, writtenFrames: Double, timeNanoseconds: Int64) -> CatchUp {
        source.take(frames: frames, timeNanoseconds: timeNanoseconds)
        guard device.isRunning else {
            settleAnew()
            return .none
        }
        let written = writtenFrames - skippedFrames
        if let target = targetFrames, limitFrames.isFinite {
            let raw = written - device.place(atTime: timeNanoseconds) - target
            // While a burst comes in, all of it that is too much goes, so that its end leaves the latency where it was.
            if raw > (source.isBroken ? engageFrames : limitFrames) || raw < -limitFrames {
                settleAnew()
                return catchUp(raw)
            }
        }
        guard source.isSettled(at: timeNanoseconds), device.isSettled(at: timeNanoseconds) else {
            settleAnew()
            return .none
        }
        return control(written: written, timeNanoseconds: timeNanoseconds, frames: frames)
    }

    @_noLocks
    private mutating func control(written: Double, timeNanoseconds: Int64, frames: Int) -> CatchUp {
        let latency = written - device.place(atTime: source.smoothTimeNanoseconds)
        let uncertainty = 4 * (source.uncertaintyFrames + device.uncertaintyFrames)
        if !isTargetGiven, targetFrames == nil || (!isEngaged && uncertainty < targetUncertainty / 2) {
            targetFrames = latency
            targetUncertainty = uncertainty < engageFrames / 4 ? 0 : uncertainty
        }
        let target = targetFrames ?? latency
        state = .locked
        errorFrames = latency - target
        if abs(errorFrames) > catchUpFrames + uncertainty {
            let missed = errorFrames
            errorFrames = 0
            return catchUp(missed)
        }
        if abs(errorFrames) > max(engageFrames, uncertainty + targetUncertainty) { isEngaged = true }
        guard isEngaged else { return .none }
        let limit = Self.correctionLimit
        let correction = min(max(errorFrames / (Self.correctionSeconds * deviceRate), -limit), limit)
        let wanted = rateRatio * (1 - correction)
        // Eased over a second.
        let share = min(Double(frames) / source.loop.rate, 1)
        ratio += (wanted - ratio) * share
        return .none
    }

    /// The device's rate in parts of its nominal one by the source's.
    private var rateRatio: Double {
        @_noLocks get { (1 + device.loop.partsPerMillion * 1e-6) / (1 + source.loop.partsPerMillion * 1e-6) }
    }

    @_noLocks
    private func catchUp(_ error: Double) -> CatchUp {
        let frames = Int(abs(error) + 0.5)
        return error > 0 ? .skip(frames: frames) : .fill(frames: frames)
    }

    @_noLocks
    private mutating func settleAnew() {
        state = .settling
        errorFrames = 0
        // What a new start makes of the latency is its target: nothing was lost that would have to be made up for.
        if !isTargetGiven { targetFrames = nil }
        // The clocks go on as they were known, the correction does not.
        if isEngaged, source.isPlausible, device.isPlausible { ratio = rateRatio }
    }
}
