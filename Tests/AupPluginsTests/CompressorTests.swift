import AupPlugins
import Foundation
import Testing

@Suite struct CompressorTests {
    /// The static curve of Giannoulis et al., equation 4: decibels out for decibels in.
    private func curve(_ level: Double, threshold: Double, ratio: Double, knee: Double) -> Double {
        let over = level - threshold
        if 2 * over < -knee { return level }
        if 2 * abs(over) <= knee, knee > 0 { return level + (1 / ratio - 1) * pow(over + knee / 2, 2) / (2 * knee) }
        return threshold + over / ratio
    }

    @Test(arguments: [(-20, 4, 0), (-20, 4, 6), (-30, 2, 20), (-10, 100, 0), (-40, 1.5, 30), (-20, 1, 6.0)])
    func `standing still it follows its curve`(threshold: Double, ratio: Double, knee: Double) throws {
        let plugin = try NativePlugin(
            "compressor", ["threshold=\(threshold)dB", "ratio=\(ratio)", "knee=\(knee)dB", "attack=1ms"])
        for level in stride(from: -70.0, through: 6, by: 2) {
            let result = try plugin.run([constant(level, frames: 4800)])
            let expected = curve(level, threshold: threshold, ratio: ratio, knee: knee)
            #expect(abs(decibels(Double(result.sound[0].last!)) - expected) < 0.001)
            #expect(abs(result.readings["reduction"]! - (level - expected)) < 0.001)
        }
    }

    @Test func `a tone is turned down as a constant of its height would be`() throws {
        let plugin = try NativePlugin(
            "compressor", ["threshold=-20", "ratio=4", "knee=0", "attack=5ms", "release=200ms"])
        let sound = try plugin.run([sine(1000, -4, frames: 48000)]).sound[0]
        let expected = curve(-4, threshold: -20, ratio: 4, knee: 0)
        #expect(abs(decibels(peak(sound[40000...])) - expected) < 0.1)
    }

    @Test func `attack and release take their time`() throws {
        let (attack, release) = (0.010, 0.100)
        let plugin = try NativePlugin(
            "compressor", ["threshold=-20", "ratio=4", "knee=0", "attack=10ms", "release=100ms"])
        let sound = try plugin.run([constant(-8, frames: 9600) + constant(-32, frames: 24000)]).sound[0]
        let full = 12 * (1 - 1 / 4.0)
        for frame in stride(from: 9, to: 9600, by: 97) {
            let expected = full * (1 - exp(-Double(frame + 1) / 48000 / attack))
            #expect(abs(-8 - decibels(Double(sound[frame])) - expected) < 0.001)
        }
        // Two exponentials in a row: what the release lets go passes through the attack.
        for frame in stride(from: 0, to: 24000, by: 97) {
            let time = Double(frame + 1) / 48000
            let parts: Double = release * exp(-time / release) - attack * exp(-time / attack)
            let expected = full * parts / (release - attack)
            #expect(abs(-32 - decibels(Double(sound[9600 + frame])) - expected) < 0.01)
        }
    }

    @Test func `below the threshold no bit changes`() throws {
        let sound = [noise(frames: 4800).map { $0 * 0.09 }]
        #expect(try Bool(NativePlugin("compressor", ["threshold=-20", "knee=0"]).run(sound).sound == sound))
    }

    @Test func `look-ahead is latency, exact to the frame, and lets no peak through`() throws {
        let plugin = try NativePlugin(
            "compressor", ["threshold=-20", "ratio=100", "knee=0", "attack=0.5ms", "lookahead=5ms"])
        let quiet = noise(frames: 2400).map { $0 * 0.05 }
        let result = try plugin.run([quiet + constant(0, frames: 2400)])
        #expect(result.latencyFrames == 240)
        #expect(Bool(result.sound[0][..<240].allSatisfy { $0 == 0 }))
        // Ten attacks before the step the gain is as it was, at the step it is down.
        #expect(Bool(Array(result.sound[0][240..<2400]) == Array(quiet[..<2160])))
        #expect(decibels(peak(result.sound[0][2640...])) < -19.5)
        #expect(try native(["compressor", "lookahead=5ms"]).latencyFrames == 240)
    }

    @Test func `all channels are turned down alike`() throws {
        let loud = sine(500, -3, frames: 9600)
        let soft = noise(frames: 9600).map { $0 * 0.01 }
        let plugin = try NativePlugin("compressor", ["threshold=-30"])
        let pair = try plugin.run([loud, soft]).sound
        for frame in stride(from: 10, to: 9600, by: 31) where abs(loud[frame]) > 0.01 && abs(soft[frame]) > 0.001 {
            #expect(abs(pair[0][frame] / loud[frame] - pair[1][frame] / soft[frame]) < 1e-5)
        }
    }

    @Test(arguments: [1, 2])
    func `a side chain decides in place of the sound`(channels: Int) throws {
        let plugin = try NativePlugin("compressor", ["threshold=-20", "ratio=4", "knee=0", "attack=1ms"])
        let sound = sine(440, -30, frames: 4800)
        let key = [silence(4800), constant(-8, frames: 4800)].suffix(channels)
        let ducked = try plugin.run([sound], side: Array(key))
        let last = zip(ducked.sound[0], sound).suffix(480).filter { abs($1) > 0.001 }
        #expect(Bool(last.allSatisfy { abs(decibels(Double($0 / $1)) + 9) < 0.001 }))
        let free = try plugin.run([constant(-2, frames: 480)], side: [silence(480)])
        #expect(Bool(free.sound[0] == constant(-2, frames: 480)))
        #expect(free.readings["reduction"] == 0)
    }

    @Test func `make-up gain comes on top, and glides`() throws {
        let chain = try native(["compressor", "threshold=0"])
        _ = chain.run([constant(-40, frames: 480)], block: 480)
        try chain.set(plugin: 0, key: "makeup", to: "12dB")
        let sound = chain.run([constant(-40, frames: 960)], block: 96).sound[0]
        #expect(abs(decibels(Double(sound[240])) + 34) < 0.01)
        #expect(abs(decibels(Double(sound[959])) + 28) < 0.001)
    }
}
