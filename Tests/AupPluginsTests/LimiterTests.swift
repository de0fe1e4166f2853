import AupPlugins
import Foundation
import Testing

@Suite struct LimiterTests {
    /// The filter of ITU-R BS.1770-5, annex 2: phase by phase; the last two phases are the first two turned round.
    private static let phases: [[Double]] = {
        let first = [
            0.001708984375, 0.010986328125, -0.0196533203125, 0.033203125, -0.0594482421875, 0.1373291015625,
            0.97216796875, -0.102294921875, 0.047607421875, -0.026611328125, 0.014892578125, -0.00830078125,
        ]
        let second = [
            -0.0291748046875, 0.029296875, -0.0517578125, 0.089111328125, -0.16650390625, 0.465087890625,
            0.77978515625, -0.2003173828125, 0.1015625, -0.0582275390625, 0.0330810546875, -0.0189208984375,
        ]
        return [first, second, second.reversed(), first.reversed()]
    }()

    /// dBTP by the standard's filter.
    private func truePeak(_ sound: [Float]) -> Double {
        var highest = 0.0
        for frame in 11..<sound.count {
            for phase in Self.phases {
                var sum = 0.0
                for tap in 0..<12 { sum += phase[tap] * Double(sound[frame - tap]) }
                highest = max(highest, abs(sum))
            }
        }
        return decibels(highest)
    }

    /// The highest of 16 points a frame by a windowed sinc of 48 frames: no part of the standard, but nearer to the truth
    /// for sound that leaves a little room below half the rate.
    private func reconstructedPeak(_ sound: [Float]) -> Double {
        let kernels: [[Double]] = (0..<16).map { point in
            (-23...24).map { tap in
                let distance = Double(tap) - Double(point) / 16
                let sinc = distance == 0 ? 1 : sin(.pi * distance) / (.pi * distance)
                return sinc * (0.5 + 0.5 * cos(.pi * distance / 25))
            }
        }
        var highest = 0.0
        for frame in 23..<(sound.count - 24) {
            for kernel in kernels {
                var sum = 0.0
                for tap in 0..<48 { sum += kernel[tap] * Double(sound[frame + tap - 23]) }
                highest = max(highest, abs(sum))
            }
        }
        return decibels(highest)
    }

    private static let pulses: [Int: Float] = [499: -1, 500: 1, 501: 1, 502: -1]

    private static func sweep(_ frame: Int) -> Float {
        let time = Double(frame) / 48000
        let phase: Double = 2 * .pi * (20 + 4.2e4 * time) * time
        return Float(sin(phase))
    }

    /// Sounds whose true peaks lie between their samples.
    private static let sounds: [String: [Float]] = [
        "a quarter of the rate, sampled beside its peaks": sine(12000, frames: 4800, phase: .pi / 4),
        "a third of the rate": sine(16000, frames: 4800, phase: .pi / 6),
        "bursts": sine(48000 / 3.3, frames: 4800).enumerated().map { $0 % 480 < 60 ? $1 : 0 },
        "noise": noise(frames: 9600), "a clipped noise": noise(frames: 4800).map { $0 > 0 ? 1 : -1 },
        "pairs of pulses": (0..<4800).map { pulses[$0 % 1000] ?? 0 },
        "a sweep": (0..<9600).map(sweep),
    ]

    @Test(arguments: sounds.keys.sorted())
    func `no true peak passes the ceiling`(name: String) throws {
        let samples = try #require(Self.sounds[name])
        #expect(truePeak(samples.map { $0 * 2 }) > 1)
        for (ceiling, lookahead) in [(-1, 2), (-6, 0.5), (0, 10)] {
            let plugin = try NativePlugin(
                "limiter", ["gain=6dB", "ceiling=\(ceiling)dB", "lookahead=\(lookahead)ms", "release=10ms"])
            let sound = try plugin.run([samples]).sound[0]
            #expect(decibels(peak(sound)) <= Double(ceiling) + 1e-5)
            let seen = truePeak(sound)
            // The factor moves a little within the 48 frames of one point: most where the look-ahead is shortest.
            #expect(seen <= Double(ceiling) + (lookahead < 1 ? 0.02 : 0.001), "\(seen) dBTP under \(ceiling)")
            #expect(seen > Double(ceiling) - 3)
            // White noise has half its peaks where no filter of finite length sees all of them.
            let room = name.contains("noise") ? 0.25 : name == "a sweep" ? 0.15 : 0.1
            let nearer = reconstructedPeak(sound)
            #expect(nearer <= Double(ceiling) + room, "\(nearer) dBTP under \(ceiling)")
        }
    }

    @Test(arguments: [1000, 5000, 9000, 12000.0])
    func `a tone comes out as high as the ceiling, between the samples too`(frequency: Double) throws {
        let plugin = try NativePlugin("limiter", ["gain=12dB", "ceiling=-1dB"])
        let sound = try plugin.run([sine(frequency, -3, frames: 4800, phase: .pi / 4)]).sound[0]
        // The standard's own filter sees some of them up to 0.2 dB higher than they are.
        let seen = reconstructedPeak(Array(sound[2400...]))
        #expect(seen < -1 + 0.05 && seen > -1.25)
    }

    @Test func `below the ceiling no bit changes, and the delay is the latency`() throws {
        let plugin = try NativePlugin("limiter", ["ceiling=-1dB"])
        let sound = sine(997, -1.5, frames: 4800)
        let result = try plugin.run([sound, silence(4800)])
        let latency = result.latencyFrames
        #expect(latency == 96 + 1 + 46)
        #expect(Bool(Array(result.sound[0][latency...]) == Array(sound[..<(4800 - latency)])))
        #expect(Bool(result.sound[1].allSatisfy { $0 == 0 }))
        #expect(result.readings["reduction"] == 0)
        #expect(try native(["limiter", "lookahead=10ms"], rate: 96000).latencyFrames == 960 + 1 + 46)
    }

    @Test func `sound below 20 kHz is held to a twentieth of a decibel between the samples too`() throws {
        let filter = try native(["lowpass", "frequency=15kHz", "order=8", "lowpass", "frequency=15kHz", "order=8"])
        let soft = filter.run([noise(frames: 19200)], block: 4096).sound[0].map { $0 * 4 }
        for settings in [["gain=6dB"], ["gain=12dB", "lookahead=0.5ms", "release=5ms"]] {
            let sound = try NativePlugin("limiter", settings).run([soft]).sound[0]
            let seen = reconstructedPeak(sound)
            #expect(seen < -1 + 0.06 && seen > -1.1, "\(seen) dBTP")
        }
    }

    @Test func `what is too soft for a peak is not looked at, and that changes nothing`() throws {
        // A soft beginning and end, and a ceiling that is reached in the middle: the same as with a loud neighbour.
        var sound = noise(frames: 9600).map { $0 * 0.1 }
        for frame in 4000..<5000 { sound[frame] *= 20 }
        var loud = noise(frames: 9600, seed: 9).map { $0 * 0.3 }
        for frame in loud.indices where abs(loud[frame]) < 0.2 { loud[frame] = 0.2 }
        let alone = try NativePlugin("limiter").run([sound, silence(9600)]).sound[0]
        let beside = try NativePlugin("limiter").run([sound, loud]).sound[0]
        #expect(Bool(alone == beside))
        #expect(peak(alone) > factor(-5) && peak(alone) <= factor(-1))
    }

    @Test func `the gain is down before the peak, and comes back with the release`() throws {
        let plugin = try NativePlugin("limiter", ["ceiling=-6dB", "release=50ms", "lookahead=2ms"])
        var sound = constant(-20, frames: 24000)
        sound[4800] = 1
        let result = try plugin.run([sound])
        let delay = result.latencyFrames
        let factors = result.sound[0][delay...].enumerated().map { Double($1) / Double(sound[$0]) }
        #expect(Bool(factors[..<(4800 - delay)].allSatisfy { $0 == 1 }))
        let least = factors.min()!
        #expect(least < factor(-6) && least > factor(-8))
        #expect(factors[4800] <= least * 1.001)
        // The hold ends `delay` frames behind the peak; from there on 63 % of the way back in 50 ms.
        let begin = 4800 + 1
        let half = factors[begin + 2400]
        #expect(abs((1 - half) / (1 - least) - exp(-1)) < 0.02)
        #expect(abs(factors[23000] - 1) < 0.01)
    }

    @Test func `all channels are turned down alike`() throws {
        let loud = sine(700, 0, frames: 4800)
        let soft = noise(frames: 4800).map { $0 * 0.01 }
        let result = try NativePlugin("limiter", ["gain=6dB"]).run([loud, soft])
        let delay = result.latencyFrames
        for frame in stride(from: 1000, to: 4000, by: 7) where abs(loud[frame]) > 0.1 && abs(soft[frame]) > 0.001 {
            let left = result.sound[0][frame + delay] / loud[frame]
            let right = result.sound[1][frame + delay] / soft[frame]
            #expect(abs(left / right - 1) < 1e-5)
        }
    }
}
