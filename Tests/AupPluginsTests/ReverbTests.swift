import AupPlugins
import Foundation
import Testing

@Suite struct ReverbTests {
    /// Seconds to fall by 60 dB, from the line between -5 and -35 dB of Schroeder's backward sum (ISO 3382-1, T30).
    private func reverberationTime(_ impulse: [Float]) -> Double {
        var left = [Double](repeating: 0, count: impulse.count)
        var sum = 0.0
        for frame in impulse.indices.reversed() {
            sum += Double(impulse[frame]) * Double(impulse[frame])
            left[frame] = sum
        }
        let levels = left.map { 10 * log10(max($0, 1e-30) / left[0]) }
        let from = levels.firstIndex { $0 < -5 }!
        let to = levels.firstIndex { $0 < -35 }!
        return Double(to - from) / 48000 * 60 / (levels[from] - levels[to])
    }

    /// The part above a tenth of the rate or so: the second difference, twice.
    private func treble(_ sound: [Float]) -> [Float] {
        func bend(_ s: [Float]) -> [Float] { (2..<s.count).map { s[$0] - 2 * s[$0 - 1] + s[$0 - 2] } }
        return bend(bend(sound))
    }

    /// The part below a hundredth of the rate or so: two running means of 64 frames.
    private func bass(_ sound: [Float]) -> [Float] {
        func mean(_ s: [Float]) -> [Float] {
            var sum = 0.0
            return s.indices.map { frame in
                sum += Double(s[frame]) - (frame >= 64 ? Double(s[frame - 64]) : 0)
                return Float(sum / 64)
            }
        }
        return mean(mean(sound))
    }

    @Test(arguments: [0.3, 1, 3.0])
    func `it takes its time to fall by sixty decibels`(time: Double) throws {
        let plugin = try NativePlugin("reverb", ["time=\(time)s", "treble=100%", "mix=100%", "predelay=0"])
        let impulse = try plugin.impulseResponse(frames: Int(time * 48000 * 1.2))
        #expect(abs(reverberationTime(impulse) / time - 1) < 0.03)
    }

    @Test func `the treble falls sooner, the bass in the time that was asked for`() throws {
        let plugin = try NativePlugin("reverb", ["time=2s", "treble=25%", "mix=100%"])
        let impulse = try plugin.impulseResponse(frames: 100_000)
        #expect(abs(reverberationTime(bass(impulse)) / 2 - 1) < 0.06)
        let high = reverberationTime(treble(impulse))
        #expect(high > 0.4 && high < 1)
    }

    @Test func `the room begins after the pre-delay and grows with its size`() throws {
        func first(_ settings: [String]) throws -> Int {
            let impulse = try NativePlugin("reverb", ["mix=100%"] + settings).impulseResponse(frames: 48000)
            return impulse.firstIndex { $0 != 0 }!
        }
        // The shortest line: 11 ms, made a prime number of frames.
        #expect(try first(["predelay=0"]) == 541)
        #expect(try first(["predelay=50ms"]) == 541 + 2400)
        #expect(try first(["predelay=0", "size=200%"]) == 1061)
    }

    @Test func `a steady noise is as loud behind the room as before it`() throws {
        for (channels, time) in [(1, 0.5), (2, 2.0), (6, 1)] {
            let plugin = try NativePlugin("reverb", ["time=\(time)s", "treble=100%", "mix=100%"])
            let sound = (0..<channels).map { noise(frames: 192_000, seed: UInt64($0 + 1)) }
            let room = try plugin.run(sound).sound
            for channel in 0..<channels {
                let before = energy(sound[channel][144_000...])
                let ratio = 10 * log10(energy(room[channel][144_000...]) / before)
                #expect(abs(ratio) < 1.5)
            }
        }
    }

    @Test func `echoes grow dense and have no tone of their own`() throws {
        let impulse = try NativePlugin("reverb", ["time=3s", "treble=100%", "mix=100%", "predelay=0"]).impulseResponse(
            frames: 48000)
        // Gaussian noise has a third of its samples beyond its own deviation (Abel and Huang, 2006): a sparse echo has not.
        for begin in [9600, 24000, 43200] {
            let piece = impulse[begin..<(begin + 4800)]
            let deviation = (energy(piece) / 4800).squareRoot()
            let beyond = Double(piece.count { Double(abs($0)) > deviation }) / 4800
            #expect(beyond > 0.25 && beyond < 0.4, "\(beyond) at \(begin)")
        }
    }

    @Test func `left and right are different rooms of the same loudness`() throws {
        let plugin = try NativePlugin("reverb", ["mix=100%", "time=1s"])
        let room = try plugin.run([noise(frames: 48000), noise(frames: 48000)]).sound
        let (left, right) = (energy(room[0]), energy(room[1]))
        let together = zip(room[0], room[1]).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        #expect(abs(together) / (left * right).squareRoot() < 0.1)
        #expect(abs(10 * log10(left / right)) < 1)
    }

    @Test func `without mix it changes no bit and has no tail`() throws {
        let sound = [noise(frames: 5000)]
        let result = try NativePlugin("reverb", ["mix=0%"]).run(sound)
        #expect(Bool(result.sound == sound))
        #expect(result.tailFrames == 0)
    }

    @Test func `a change of time glides`() throws {
        let chain = try native(["reverb", "mix=100", "treble=100", "time=1s"])
        let tone = sine(200, -12, frames: 48000)
        let still = chain.run([tone], block: 480).sound[0]
        try chain.set(plugin: 0, key: "time", to: "300ms")
        let sound = chain.run([tone], block: 480).sound[0]
        #expect(sharpestBend(sound) < 2 * sharpestBend(Array(still[24000...])))
    }
}
