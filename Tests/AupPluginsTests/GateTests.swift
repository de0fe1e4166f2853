import AupPlugins
import Foundation
import Testing

@Suite struct GateTests {
    @Test func `it opens in a straight line and shuts in straight decibels, after the hold`() throws {
        let plugin = try NativePlugin(
            "gate",
            ["threshold=-20dB", "hysteresis=6dB", "range=40dB", "attack=2ms", "hold=10ms", "release=50ms"])
        let sound = constant(-60, frames: 4800) + constant(-10, frames: 4800) + constant(-60, frames: 9600)
        let result = try plugin.run([sound])
        let gains = zip(result.sound[0], sound).map { Double($0) / Double($1) }
        #expect(Bool(gains[..<4800].allSatisfy { abs($0 - 0.01) < 1e-7 }))
        for frame in 0..<96 {
            let expected = 0.01 + 0.99 * Double(frame + 1) / 96
            #expect(abs(gains[4800 + frame] - expected) < 1e-5)
        }
        #expect(Bool(gains[4896..<(9600 + 480)].allSatisfy { $0 == 1 }))
        for frame in stride(from: 0, to: 2400, by: 37) {
            let expected = -40 * Double(frame + 1) / 2400
            #expect(abs(decibels(gains[9600 + 480 + frame]) - expected) < 0.001)
        }
        #expect(Bool(gains[(9600 + 480 + 2400)...].allSatisfy { abs($0 - 0.01) < 1e-7 }))
        #expect(abs(result.readings["reduction"]! - 40) < 1e-9)
    }

    @Test func `between the thresholds it stays as it was`() throws {
        let plugin = try NativePlugin(
            "gate", ["threshold=-20", "hysteresis=10", "hold=1ms", "attack=0.1ms", "release=1ms"])
        let between = constant(-25, frames: 4800)
        #expect(decibels(peak(try plugin.run([between]).sound[0])) < -80)
        let opened = try plugin.run([constant(-15, frames: 480) + between]).sound[0]
        #expect(Bool(Array(opened[480...]) == between))
        let shut = try plugin.run([constant(-15, frames: 480) + constant(-31, frames: 4800)]).sound[0]
        #expect(decibels(Double(shut.last!)) < -80)
    }

    @Test(arguments: [50, 440, 5000.0])
    func `a tone is let through whole`(frequency: Double) throws {
        let plugin = try NativePlugin("gate", ["threshold=-30", "attack=0.1ms"])
        let tone = sine(frequency, -12, frames: 24000)
        let sound = try plugin.run([tone]).sound[0]
        // Until the first sample above the threshold and five frames of attack it is shut.
        let opens = tone.firstIndex { Double(abs($0)) >= factor(-30) }!
        #expect(Bool(Array(sound[(opens + 5)...]) == Array(tone[(opens + 5)...])))
    }

    @Test func `one channel opens all`() throws {
        let plugin = try NativePlugin("gate", ["threshold=-30", "attack=0.05ms"])
        let soft = noise(frames: 4800).map { $0 * 0.001 }
        let result = try plugin.run([constant(-3, frames: 4800), soft])
        #expect(Bool(Array(result.sound[1][10...]) == Array(soft[10...])))
        #expect(peak(try plugin.run([silence(4800), soft]).sound[1]) < 2e-6)
    }

    @Test func `a range of nothing changes no bit`() throws {
        let sound = [noise(frames: 4800).map { $0 * 0.001 }]
        #expect(try Bool(NativePlugin("gate", ["range=0"]).run(sound).sound == sound))
    }
}
