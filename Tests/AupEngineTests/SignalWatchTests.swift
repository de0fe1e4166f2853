import AupSound
import Testing

@testable import AupEngine

@Suite struct `Signal watch` {
    private func look(_ watch: inout SignalWatch, _ samples: [Int16]) -> [SignalWatch.Change] {
        unsafe samples.withUnsafeBytes { unsafe watch.look($0, frames: samples.count / 2) }
    }

    private func watch(silence: Int64? = 8, stuck: Int64? = 8) -> SignalWatch {
        SignalWatch(frameBytes: 4, silenceByte: 0, silenceFrames: silence, stuckFrames: stuck)
    }

    /// Four stereo frames of noise that no other call gives.
    private func noise(_ seed: Int16) -> [Int16] { (1...8).map { $0 &* 31 &+ seed &* 257 } }

    @Test func `zeros are told after their time, once, and their end too`() {
        var watch = watch()
        #expect(look(&watch, [Int16](repeating: 0, count: 8)) == [])
        #expect(look(&watch, [Int16](repeating: 0, count: 8)) == [.raised(.silence)])
        #expect(look(&watch, [Int16](repeating: 0, count: 8)) == [])
        #expect(look(&watch, noise(1)) == [.cleared(.silence)])
        #expect(look(&watch, noise(2)) == [])
    }

    @Test func `one sample among zeros is sound`() {
        var watch = watch()
        var samples = [Int16](repeating: 0, count: 8)
        samples[7] = 1
        for _ in 0..<2 {
            #expect(look(&watch, [Int16](repeating: 0, count: 8)) == [])
            samples[6] += 1
            #expect(look(&watch, samples) == [])
        }
    }

    @Test func `one frame for ever is stuck, with another value in each channel too`() {
        var watch = watch()
        let frame: [Int16] = [5, -3]
        #expect(look(&watch, (0..<4).flatMap { _ in frame }) == [])
        #expect(look(&watch, (0..<4).flatMap { _ in frame }) == [.raised(.stuck)])
        #expect(look(&watch, noise(1)) == [.cleared(.stuck)])
    }

    @Test func `one block for ever is stuck, and another length of it is not`() {
        var watch = watch()
        #expect(look(&watch, noise(7)) == [])
        #expect(look(&watch, noise(7)) == [])
        #expect(look(&watch, noise(7)) == [.raised(.stuck)])
        #expect(look(&watch, Array(noise(7).prefix(6))) == [.cleared(.stuck)])
    }

    @Test func `sound is left alone`() {
        var watch = watch()
        for seed in 0..<100 { #expect(look(&watch, noise(Int16(seed))) == []) }
    }

    @Test func `what is not watched is not told`() {
        var watch = watch(silence: nil, stuck: nil)
        for _ in 0..<10 { #expect(look(&watch, [Int16](repeating: 0, count: 8)) == []) }
    }

    @Test func `a simulation is watched only when somebody asks`() {
        var liveness = LivenessConfiguration()
        #expect(liveness.alarms(isSimulated: true).silence == nil)
        #expect(liveness.alarms(isSimulated: false).stuck == LivenessConfiguration.usualAlarm)
        liveness.exits = [.stuck]
        #expect(liveness.alarms(isSimulated: true).stuck == LivenessConfiguration.usualAlarm)
        liveness.silenceAlarm = .frames(5)
        #expect(liveness.alarms(isSimulated: true).silence == .frames(5))
    }
}
