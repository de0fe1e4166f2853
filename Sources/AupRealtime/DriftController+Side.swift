internal import CRealtime

extension DriftController {
    /// One of the two clocks: a loop, and since when it can be believed.
    struct Side: Sendable {
        /// Longer than a scheduler lets anybody wait.
        static var spanSeconds: Double { @_noLocks get { 0.25 } }
        static var memorySeconds: Double { @_noLocks get { 180 } }

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
        /// How far arrivals lay off, in nanoseconds: each, and the means of spans of a quarter of a second.
        private var single = Spread()
        private var spans = Spread()
        private var spanSum = 0.0
        private var spanArrivals = 0.0
        private var spanFrames = 0.0

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
            single = Spread()
            spans = Spread()
            spanSum = 0
            spanArrivals = 0
            spanFrames = 0
            bias = 0
        }

        /// Watches whether the loop, which is slow, is still right: a mean of two seconds that lies beyond five standard
        /// deviations, and beyond what could be heard of as latency, is another clock than the one it has learnt.
        @_noLocks
        private mutating func learn(_ error: Double, frames: Int) {
            single.add(error)
            spanSum += error
            spanArrivals += 1
            spanFrames += Double(frames)
            if spanFrames >= loop.rate * Self.spanSeconds {
                spans.add(spanSum / spanArrivals)
                spanSum = 0
                spanArrivals = 0
                spanFrames = 0
            }
            let share = min(Double(frames) / (2 * loop.rate), 1)
            bias += (error - bias) * share
            guard single.count * share > 2 else { return }
            let variance = max(single.meanSquare * share, spanVariance * Self.spanSeconds / 2) / 2
            if bias * bias > max(25 * variance, 0.25e6 * 0.25e6) {
                loop.reopen()
                forget()
            }
        }

        /// Of a mean of a span; few of them know it badly.
        private var spanVariance: Double {
            @_noLocks get { spans.meanSquare * (1 + 8 / max(spans.count, 1)) }
        }

        /// The standard deviation of the smoothed place. The phase of a line through k points is known 2/√k times as well
        /// as one of them; a settled loop has the memory of three minutes, 18000 periods of 10 ms, √2·ω being its gain.
        ///
        /// Arrivals that are late together, because somebody else had the processor, tell less than their number: what
        /// the means of spans scatter is then more than the scatter of single arrivals leaves of them, and counts.
        var uncertaintyFrames: Double {
            @_noLocks get {
                guard single.count > 0 else { return 0 }
                let spanMemory = min(max(spans.count, 1), Self.memorySeconds / Self.spanSeconds)
                let variance = max(single.meanSquare / min(single.count, 18_000), spanVariance / spanMemory)
                return 2 * aup_square_root(variance) * loop.rate * 1e-9
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

    /// How far something lies from nought.
    struct Spread: Sendable {
        private var squares = 0.0
        private(set) var count = 0.0

        @_noLocks
        mutating func add(_ value: Double) {
            squares += value * value
            count += 1
        }

        var meanSquare: Double {
            @_noLocks get { count > 0 ? squares / count : 0 }
        }
    }
}
