import AupPlugins
import Foundation
import Testing

@Suite struct DelayTests {
    @Test(arguments: [("1ms", 48), ("10ms", 480), ("0.01ms", 1), ("333.33ms", 16000), ("5s", 240_000)])
    func `a plain delay is exact to the frame and to the bit`(time: String, frames: Int) throws {
        let plugin = try NativePlugin("delay", ["time=\(time)", "feedback=0%", "mix=100%"])
        let sound = noise(frames: 20000)
        let result = try plugin.run([sound + silence(frames)])
        #expect(Bool(result.sound[0] == silence(frames) + sound))
        #expect(result.tailFrames == frames)
        // An echo is meant to be late: that is no latency.
        #expect(result.latencyFrames == 0)
    }

    @Test func `without mix it changes no bit and has no tail`() throws {
        let sound = [noise(frames: 5000)]
        let result = try NativePlugin("delay", ["mix=0%"]).run(sound)
        #expect(Bool(result.sound == sound))
        #expect(result.tailFrames == 0)
    }

    @Test func `each echo is softer by the feedback`() throws {
        let plugin = try NativePlugin("delay", ["time=10ms", "feedback=50%", "mix=25%"])
        let sound = try plugin.impulseResponse(frames: 20 * 480)
        var expected = silence(20 * 480)
        expected[0] = 0.75
        for echo in 1..<20 { expected[echo * 480] = Float(0.25 * pow(0.5, Double(echo - 1))) }
        #expect(Bool(sound == expected))
    }

    @Test(arguments: [(0, 1), (10, 6), (50, 17), (98, 570)])
    func `the tail ends a hundred decibels down`(feedback: Int, echoes: Int) throws {
        let result = try NativePlugin("delay", ["time=10ms", "feedback=\(feedback)%"]).run([silence(10)])
        #expect(result.tailFrames == echoes * 480)
        #expect(try native(["delay", "time=10ms", "feedback=\(feedback)%"]).tailFrames == echoes * 480)
    }

    @Test func `another time fades over without a click and is then exact`() throws {
        let chain = try native(["delay", "time=10ms", "feedback=0", "mix=100"])
        let tone = sine(100, -6, frames: 9600)
        let before = chain.run([tone], block: 480).sound[0]
        try chain.set(plugin: 0, key: "time", to: "25ms")
        let after = chain.run([tone], block: 480).sound[0]
        let whole = before[4800...] + after
        // The tone's own steepest step, and what the fade of 961 frames adds between two tones of half of full scale.
        let own = 0.5 * 2 * Double.pi * 100 / 48000
        #expect(steepestStep(Array(whole)) < own + 1.0 / 961)
        #expect(Bool(Array(after[1200...]) == Array(tone[..<8400])))
    }

    @Test func `a change of feedback and mix glides`() throws {
        let chain = try native(["delay", "time=1ms", "feedback=0", "mix=0"])
        _ = chain.run([constant(-6, frames: 960)], block: 480)
        try chain.set(plugin: 0, key: "mix", to: "100")
        try chain.set(plugin: 0, key: "feedback", to: "50")
        let sound = chain.run([constant(-6, frames: 960)], block: 96).sound[0]
        #expect(steepestStep(sound) < 0.01)
    }
}
