import AupSound
import AupSystem
import CAupPlugin

/// Whether what a guest makes of sound is sound, and the same whenever it has to be.
extension PluginTrials {
    /// A sample this far above full scale (200 dB) is no sound any more.
    private static let absurd: Float = 1e10
    /// How long two instances run at once, about; cheap ones at most 20 s of sound, others at least a fifth.
    private static let atOnceNanoseconds: Int64 = 200_000_000
    /// −120 dB: below what 20 bits hold.
    private static let equal: Float = 1e-6

    func output() throws(PluginError) {
        let out = try trial(found()).run(frames: 96000)
        let unwritten = out.count(where: GuestTrial.isUnwritten)
        tell(
            "unwritten output",
            unwritten > 0 ? "\(unwritten) of \(out.count) samples are never written" : nil,
            else: "every sample is written")
        tell("output", Self.complaint(out), else: "finite, up to \(Self.decibels(Self.peak(out)))")
    }

    private static func complaint(_ out: [Float]) -> String? {
        let written = out.filter { !GuestTrial.isUnwritten($0) }
        let numberless = written.count { $0.isNaN }
        if numberless > 0 { return "\(numberless) of \(out.count) samples are NaN" }
        let infinite = written.count { $0.isInfinite }
        if infinite > 0 { return "\(infinite) of \(out.count) samples are infinite" }
        let peak = peak(written)
        if peak > absurd { return "samples of \(peak), full scale being 1" }
        let denormal = written.count { $0.isSubnormal }
        return denormal > 0 ? "\(denormal) of \(out.count) samples are denormal" : nil
    }

    func extremes() throws(PluginError) {
        let trial = try trial(found())
        let parameters = trial.instance.description.parameters
        let movable = parameters.filter { !$0.isOutput && !$0.isStatic && !$0.isText }
        // 64 parameters, or the examination of the largest plugins would take minutes.
        var sets = movable.prefix(64).flatMap { parameter in
            Self.ends(parameter).map { [(parameter, $0)] }
        }
        sets.append(movable.map { ($0, Self.ends($0)[0]) })
        sets.append(movable.map { ($0, Self.ends($0)[1]) })
        for number in 0..<16 { sets.append(movable.map { ($0, Self.between($0, number)) }) }
        for set in sets {
            var values = trial.instance.initialValues
            for (parameter, value) in set { values[parameter.index] = value }
            let out = try trial.run(TrialSound.noise, frames: 2048, blocks: [256, 32], values: values)
            if let complaint = Self.complaint(out) {
                let cause = set.count == 1 ? "\(set[0].0.key)=\(set[0].1)" : "all parameters at extremes"
                return tell(CheckFinding("extreme values", .failed, "\(complaint) with \(cause)"))
            }
        }
        tell(CheckFinding("extreme values", .ok, "\(movable.count) parameters, \(sets.count) sets of values"))
    }

    /// Both ends of the range; where there is none, the default.
    private static func ends(_ parameter: PluginParameter) -> [Double] {
        [parameter.range.lowerBound, parameter.range.upperBound].map {
            abs($0) >= PluginParameter.unbounded ? parameter.defaultValue : $0
        }
    }

    private static func between(_ parameter: PluginParameter, _ number: Int) -> Double {
        let (low, high) = (ends(parameter)[0], ends(parameter)[1])
        let value = low + (high - low) * (Double(TrialSound.noise(parameter.index, number)) + 1) / 2
        let isWhole = [.choice, .integer, .toggle].contains(parameter.scale)
        return min(max(isWhole ? value.rounded() : value, min(low, high)), max(low, high))
    }

    func place() throws(PluginError) {
        let found = try found()
        let trial = try trial(found)
        guard found.description.worksInPlace, trial.instance.inputs == trial.instance.outputs else {
            return tell(CheckFinding("in place", .skipped, "it does not say that it works in place"))
        }
        let apart = try trial.run(frames: 48000)
        let together = try self.trial(found, placement: .init(isInPlace: true)).run(frames: 48000)
        tell("in place", Self.difference(apart, together), else: "as with buffers of their own")
    }

    func again() throws(PluginError) {
        let found = try found()
        let first = try trial(found).run(frames: 48000)
        let second = try trial(found).run(frames: 48000)
        guard Self.distance(first, second) > 0 else {
            return tell(CheckFinding("determinism", .ok, "two fresh instances make equal sound"))
        }
        let seen = "two fresh instances with one seed differ by \(Self.decibels(Self.distance(first, second)))"
        guard found.description.interface == .native else {
            return tell(CheckFinding("determinism", .skipped, seen + ", which its interface allows"))
        }
        tell(CheckFinding("determinism", .failed, seen))
    }

    func reset() throws(PluginError) {
        let found = try found()
        guard let fresh = try reproducible("reset", found) else { return }
        let trial = try trial(found)
        _ = try trial.run(TrialSound.noise, frames: 20000)
        trial.reset()
        let again = try trial.run(frames: 48000)
        tell("reset", Self.difference(fresh, again, "from a fresh instance"), else: "as a fresh instance")
    }

    func pair() throws(PluginError) {
        let found = try found()
        guard let alone = try reproducible("two instances", found) else { return }
        let (first, second) = (try trial(found), try trial(found))
        var out = [Float](repeating: 0, count: alone.count)
        let channels = first.instance.outputs
        for at in stride(from: 0, to: 48000, by: 1000) {
            let part = try first.run({ TrialSound.material($0, $1 + at) }, frames: 1000, blocks: [1000])
            _ = try second.run({ TrialSound.noise($0, $1 + at) }, frames: 1000, blocks: [1000])
            for channel in 0..<channels {
                for frame in 0..<1000 { out[channel * 48000 + at + frame] = part[channel * 1000 + frame] }
            }
        }
        let began = monotonicNanoseconds()
        let reference = try trial(found).run(frames: 48000, blocks: [1000])
        let taken = monotonicNanoseconds() - began
        if let complaint = Self.difference(reference, out, "from one alone") {
            return tell("two instances", complaint)
        }
        try pairAtOnce(found, nanoseconds: taken)
    }

    /// What both keep in one place only shows when both are at work in the same moment.
    ///
    /// - Parameter nanoseconds: what a second of sound takes.
    private func pairAtOnce(_ found: PluginLibrary.Found, nanoseconds: Int64) throws(PluginError) {
        let blocks: [UInt32] = [64, 256, 1024, 128]
        let noise = TrialSound.noise
        // Long enough for the first to be stopped in the midst of a block many times, whatever it costs.
        let frames = Int(min(max(48000 * Self.atOnceNanoseconds / max(nanoseconds, 1), 9600), 960_000))
        let alone = (
            try trial(found).run(frames: frames, blocks: blocks),
            try trial(found).run(noise, frames: frames, blocks: blocks)
        )
        guard let meeting = unsafe aup_meeting_make() else { throw PluginError(.failed, "there is no memory for it") }
        defer { unsafe aup_meeting_free(meeting) }
        let (first, second) = (try trial(found), try trial(found))
        unsafe first.meet(at: meeting, isStopped: true)
        unsafe second.meet(at: meeting, isStopped: false)
        let both = try together(
            { () throws(PluginError) in try first.run(frames: frames, blocks: blocks) },
            { () throws(PluginError) in try second.run(noise, frames: frames, blocks: blocks) })
        let stops = unsafe aup_meeting_count(meeting)
        let than = "from one alone when both run at the same time"
        tell(
            "two instances",
            Self.difference(alone.0, both.first, than) ?? Self.difference(alone.1, both.second, than),
            else: "neither hears the other, stopped in the midst of a block for one of the other \(stops) times")
    }

    func blocks() throws(PluginError) {
        let found = try found()
        guard let whole = try reproducible("block sizes", found) else { return }
        let unit: UInt32 = found.description.interface == .native ? 1 : 4
        let lengths = (0..<97).map { number in
            min((UInt32(TrialSound.noise(0, number).bitPattern >> 3) % 1024 / unit + 1) * unit, 1024)
        }
        let cut = try trial(found).run(frames: 48000, blocks: lengths)
        let distance = Self.distance(whole, cut)
        if distance <= Self.equal { return tell(CheckFinding("block sizes", .ok, "the cut does not change the sound")) }
        let seen = "the cut into blocks changes the sound by \(Self.decibels(distance))"
        tell(
            found.description.isBlockInvariant
                ? CheckFinding("block sizes", .failed, seen + ", and it promises otherwise")
                : CheckFinding("block sizes", .ok, seen + "; it does not promise otherwise"))
    }

    /// What a fresh instance makes; `nil`, and told, where the next one makes something else.
    private func reproducible(
        _ check: String, _ found: PluginLibrary.Found
    ) throws(PluginError) -> [Float]? {
        let sound = try trial(found).run(frames: 48000)
        if Self.distance(sound, try trial(found).run(frames: 48000)) == 0 { return sound }
        tell(CheckFinding(check, .skipped, "its sound is never the same twice"))
        return nil
    }

    private static func difference(_ one: [Float], _ other: [Float], _ than: String = "") -> String? {
        let distance = distance(one, other)
        return distance > equal ? "the sound differs by \(decibels(distance)) \(than)" : nil
    }

    /// The largest difference of two samples; infinite where one is no number and the other is.
    private static func distance(_ one: [Float], _ other: [Float]) -> Float {
        var most: Float = 0
        for index in one.indices where one[index].bitPattern != other[index].bitPattern {
            let here = abs(one[index] - other[index])
            most = here.isNaN ? .infinity : max(most, here)
        }
        return most
    }

    private static func peak(_ out: [Float]) -> Float { out.reduce(0) { max($0, abs($1)) } }

    /// Of full scale, to a tenth.
    private static func decibels(_ value: Float) -> String {
        guard value > 0 else { return "silence" }
        guard value.isFinite else { return "more than any number" }
        return "\((AupSound.decibels(amplitude: Double(value)) * 10).rounded() / 10) dB"
    }
}
