internal import CRealtime

extension DriftController {
    /// One of the two clocks: a loop, and since when it can be believed.
    struct Side: Sendable {
        var loop: DelayLockedLoop
        private(set) var isRunning = false
        /// Frames before those that the loop counts.
        private var framesBefore = 0.0
        private var loopFrames: Int64 = 0
        private var runningSince: Int64 = 0
        private var lastNanoseconds: Int64 = 0
        /// Arrivals in the pace of the clock since a break; learnt from again once there are a few.
        private var regularArrivals = 0
        /// Arrivals come at no pace, since a stall.
        private(set) var isBroken = false
        /// How far arrivals lay off of late, with their sign: a clock that has changed shows here first.
        private var bias = 0.0
        /// The squares of how far arrivals lay off, in nanoseconds.
        private var squares = 0.0
        private var arrivals = 0.0

        init(rate: Int, periodFrames: Int) {
            // The nominal rate weighs little, since nothing is made of the measured one in the first two seconds; a
            // second of it would still be 5 ppm of 1000 a minute later.
            loop = DelayLockedLoop(
                rate: rate, periodFrames: periodFrames, bandwidthHertz: DriftController.bandwidthHertz,
                nominalWeightFrames: max(rate / 10, 4 * periodFrames))
        }

        // MARK: - Audio thread

        @_noLocks
        mutating func pause() {
            isRunning = false
        }

        @_noLocks
        mutating func take(frames: Int, timeNanoseconds: Int64) {
            defer { lastNanoseconds = timeNanoseconds }
            guard isRunning else {
                begin(frames: frames, timeNanoseconds: timeNanoseconds)
                isRunning = true
                isBroken = false
                return
            }
            loopFrames += Int64(frames)
            let late = timeNanoseconds &- loop.time(ofFrame: loopFrames)
            let limit = DriftController.breakNanoseconds
            guard isBroken || late > limit || late < -limit else {
                loop.update(timeNanoseconds: timeNanoseconds, frames: frames)
                learn(loop.errorNanoseconds, frames: frames)
                return
            }
            // A burst after a stall comes faster than any clock: the phase is taken anew with each arrival until the
            // pace is back.
            let interval = Double(timeNanoseconds &- lastNanoseconds)
            let nominal = Double(frames) * 1e9 / loop.rate
            let isRegular = isBroken && interval > nominal / 2 && interval < nominal * 2
            regularArrivals = isRegular ? regularArrivals + 1 : 0
            isBroken = regularArrivals < 4
            loopFrames -= Int64(frames)
            begin(frames: frames, timeNanoseconds: timeNanoseconds)
        }

        /// The loop begins anew at the rate it had, after these frames.
        @_noLocks
        private mutating func begin(frames: Int, timeNanoseconds: Int64) {
            framesBefore += Double(loopFrames) + Double(frames)
            loopFrames = 0
            loop.reset(keepingRate: true)
            loop.update(timeNanoseconds: timeNanoseconds, frames: 0)
            runningSince = timeNanoseconds
            forget()
        }

        @_noLocks
        private mutating func forget() {
            squares = 0
            arrivals = 0
            bias = 0
        }

        /// Watches whether the loop, which is slow, is still right: a mean of two seconds that lies beyond five standard
        /// deviations, and beyond what could be heard of as latency, is another clock than the one it has learnt.
        @_noLocks
        private mutating func learn(_ error: Double, frames: Int) {
            squares += error * error
            arrivals += 1
            let share = min(Double(frames) / (2 * loop.rate), 1)
            bias += (error - bias) * share
            guard arrivals * share > 2 else { return }
            let variance = squares / arrivals * share / 2
            if bias * bias > max(25 * variance, 0.25e6 * 0.25e6) {
                loop.reopen()
                forget()
            }
        }

        /// The standard deviation of the smoothed place. The phase of a line through k points is known 2/√k times as well
        /// as one of them; a settled loop has the memory of some 18000 periods of 10 ms, √2·ω being its gain.
        var uncertaintyFrames: Double {
            @_noLocks get {
                guard arrivals > 0 else { return 0 }
                let memory = min(arrivals, 18_000)
                return 2 * aup_square_root(squares / arrivals / memory) * loop.rate * 1e-9
            }
        }

        @_noLocks
        func isSettled(at timeNanoseconds: Int64) -> Bool {
            isRunning && !isBroken && timeNanoseconds &- runningSince >= DriftController.settleNanoseconds
                && isPlausible
        }

        /// Whether the rate is one that a clock of audio can have.
        var isPlausible: Bool {
            @_noLocks get { abs(loop.partsPerMillion) < DriftController.plausiblePPM }
        }

        /// When the last frame came, smoothed.
        var smoothTimeNanoseconds: Int64 {
            @_noLocks get { loop.time(ofFrame: loopFrames) }
        }

        /// Frames of this clock at a time, with the fraction of one.
        @_noLocks
        func place(atTime timeNanoseconds: Int64) -> Double { framesBefore + loop.place(atTime: timeNanoseconds) }
    }
}
