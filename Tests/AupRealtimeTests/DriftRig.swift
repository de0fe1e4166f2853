import AupRealtime
import Glibc

/// A source and a device with clocks of their own, a queue between them, and the controller: an hour in a moment.
struct DriftRig {
    /// When a period arrives later or earlier than its clock says, in nanoseconds.
    enum Jitter {
        case none
        case uniform
        /// Three periods come together.
        case bursts
        /// Somebody else has the processors for a while, again and again, in some seconds more than in others: whatever
        /// was to come meanwhile comes behind it.
        case thefts
    }

    static let rate = 48_000
    static let period = 480
    /// Three periods; more where periods come together.
    let target: Int

    var controller: DriftController
    let sourceFramesPerNanosecond: Double
    var deviceFramesPerNanosecond: Double
    let jitter: Jitter
    var wheel: Wheel
    /// The source stands still in here, and gives all at once afterwards.
    var stall: ClosedRange<Double>?
    /// A boot some months ago.
    let start: Int64 = 20_000_000_000_000_000
    private(set) var seconds = 0.0
    private(set) var packets = 0
    private(set) var written = 0.0
    private var deviceStart: Double?
    private var playedBefore = 0.0
    private var toldPlayed = 0
    private(set) var underruns = 0
    private(set) var overruns = 0
    private(set) var catchUps: [DriftController.CatchUp] = []
    private var lastCatchUp = -Double.infinity
    private var stalledPackets = 0
    private var nextTheft = 0.0...0.0
    /// The resampler, where the sound itself matters.
    var sound: ((_ ratio: Double, _ isEngaged: Bool) -> Void)?

    init(
        ppm: Double, devicePPM: Double = 0, jitter: Jitter = .none, isTargetGiven: Bool = true, seed: UInt64 = 7
    ) {
        wheel = Wheel(seed: seed)
        sourceFramesPerNanosecond = Double(Self.rate) * (1 + ppm * 1e-6) / 1e9
        deviceFramesPerNanosecond = Double(Self.rate) * (1 + devicePPM * 1e-6) / 1e9
        self.jitter = jitter
        target = jitter == .bursts ? 2400 : jitter == .thefts ? 4800 : 1440
        controller = DriftController(
            sourceRate: Self.rate, deviceRate: Self.rate, sourcePeriodFrames: Self.period,
            devicePeriodFrames: Self.period, targetFrames: isTargetGiven ? target : nil,
            limitFrames: jitter == .thefts ? .infinity : Double(2 * Self.period))
    }

    /// The ratio of an all-knowing controller.
    var trueRatio: Double { deviceFramesPerNanosecond / sourceFramesPerNanosecond }

    /// Frames that wait when a period is full by the source's clock, whatever the scheduler made of it.
    private(set) var latencyFrames = 0.0

    private func played(at nanoseconds: Double) -> Double {
        guard let deviceStart else { return playedBefore }
        return playedBefore + (nanoseconds - deviceStart) * deviceFramesPerNanosecond
    }

    /// The device's clock runs otherwise from here on.
    mutating func change(devicePPM: Double) {
        let now = seconds * 1e9
        playedBefore = played(at: now)
        if deviceStart != nil { deviceStart = now }
        deviceFramesPerNanosecond = Double(Self.rate) * (1 + devicePPM * 1e-6) / 1e9
    }

    /// One more period.
    mutating func step() {
        packets += 1
        let due = Double(packets * Self.period) / sourceFramesPerNanosecond
        seconds = due / 1e9
        var arrival = due + lateness(at: due)
        if let stall, stall.contains(seconds) {
            stalledPackets += 1
            arrival = stall.upperBound * 1e9 + Double(stalledPackets) * 2000
        }
        if deviceStart != nil {
            look(at: arrival)
            if written - played(at: arrival) < 0 { runDry() }
        }
        written += Double(Self.period) * controller.ratio
        sound?(controller.ratio, controller.isEngaged)
        latencyFrames = written - played(at: due + meanLateness)
        let step = controller.wrote(
            frames: Self.period, writtenFrames: written, timeNanoseconds: start + Int64(arrival))
        switch step {
        case .none: break
        case .skip(let frames): written -= Double(frames)
        case .fill(let frames): written += Double(frames)
        }
        if step != .none {
            // What follows at once belongs together.
            if arrival - lastCatchUp > 1e8 { catchUps.append(step) }
            lastCatchUp = arrival
            latencyFrames = written - played(at: due + meanLateness)
        }
        if deviceStart == nil, written - playedBefore >= Double(target) {
            deviceStart = arrival
            controller.read(frames: 0, timeNanoseconds: start + Int64(arrival))
        }
        // A queue of a second.
        if written - played(at: arrival) > Double(Self.rate) { overruns += 1 }
    }

    /// The audio thread wakes with the packet and looks at its device, now and then late.
    private mutating func look(at arrival: Double) {
        let now = arrival + (jitter == .none ? 0 : wheel.unit() * 1e5)
        let frames = Int(min(played(at: now), written)) - toldPlayed
        guard frames >= 0 else { return }
        toldPlayed += frames
        controller.read(frames: frames, timeNanoseconds: start + Int64(now))
    }

    private mutating func runDry() {
        underruns += 1
        playedBefore = written
        deviceStart = nil
        controller.deviceStopped()
    }

    private mutating func lateness(at due: Double) -> Double {
        switch jitter {
        case .none: return 0
        case .uniform: return wheel.unit() * 1e6
        case .bursts: return Double(2 - packets % 3) * Self.periodNanoseconds + wheel.unit() * 1e5
        case .thefts: return theftEnd(at: due) - due + wheel.unit() * 1e5
        }
    }

    /// When whoever is due at a time has a processor: in one of three times two seconds nearly a third of the time is
    /// somebody else's, 12 ms at a time and 90 at most.
    private mutating func theftEnd(at due: Double) -> Double {
        while nextTheft.upperBound < due {
            let isBusy = Int(nextTheft.upperBound / 2e9) * 7919 % 3 == 0
            let begin = nextTheft.upperBound + waiting(mean: isBusy ? 3e7 : 4e8)
            nextTheft = begin...(begin + min(waiting(mean: 1.2e7), 9e7))
        }
        return nextTheft.contains(due) ? nextTheft.upperBound : due
    }

    /// A time that does not depend on what was before.
    private mutating func waiting(mean: Double) -> Double { -log(abs(wheel.unit()) + 1e-9) * mean }

    /// How late a period is on average, which is all that a clock can know of it.
    private var meanLateness: Double { jitter == .bursts ? Self.periodNanoseconds : 0 }
    private static let periodNanoseconds = Double(period) / Double(rate) * 1e9
}
