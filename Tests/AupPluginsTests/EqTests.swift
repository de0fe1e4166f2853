import AupPlugins
import Foundation
import Testing

/// eq against the biquads of Bristow-Johnson's Audio EQ Cookbook, worked out here from its text.
@Suite struct EqTests {
    private static let frequencies = [20, 60, 150, 400, 700, 1000, 1400, 3000, 7000, 12000, 18000, 22000.0]

    /// |H| in decibels of one cookbook filter.
    private func cookbook(_ type: String, _ centre: Double, gain: Double, q: Double, at frequency: Double) -> Double {
        let a = pow(10, gain / 40)
        let w = 2 * Double.pi * centre / 48000
        let (c, alpha) = (cos(w), sin(w) / (2 * q))
        let root = 2 * a.squareRoot() * alpha
        let (b0, b1, b2, a0, a1, a2): (Double, Double, Double, Double, Double, Double)
        switch type {
        case "bell":
            (b0, b1, b2) = (1 + alpha * a, -2 * c, 1 - alpha * a)
            (a0, a1, a2) = (1 + alpha / a, -2 * c, 1 - alpha / a)
        case "lowshelf":
            (b0, b1, b2) = (
                a * ((a + 1) - (a - 1) * c + root), 2 * a * ((a - 1) - (a + 1) * c), a * ((a + 1) - (a - 1) * c - root)
            )
            (a0, a1, a2) = ((a + 1) + (a - 1) * c + root, -2 * ((a - 1) + (a + 1) * c), (a + 1) + (a - 1) * c - root)
        case "highshelf":
            (b0, b1, b2) = (
                a * ((a + 1) + (a - 1) * c + root), -2 * a * ((a - 1) + (a + 1) * c), a * ((a + 1) + (a - 1) * c - root)
            )
            (a0, a1, a2) = ((a + 1) - (a - 1) * c + root, 2 * ((a - 1) - (a + 1) * c), (a + 1) - (a - 1) * c - root)
        case "lowpass": (b0, b1, b2, a0, a1, a2) = ((1 - c) / 2, 1 - c, (1 - c) / 2, 1 + alpha, -2 * c, 1 - alpha)
        case "highpass": (b0, b1, b2, a0, a1, a2) = ((1 + c) / 2, -1 - c, (1 + c) / 2, 1 + alpha, -2 * c, 1 - alpha)
        case "bandpass": (b0, b1, b2, a0, a1, a2) = (alpha, 0, -alpha, 1 + alpha, -2 * c, 1 - alpha)
        case "notch": (b0, b1, b2, a0, a1, a2) = (1, -2 * c, 1, 1 + alpha, -2 * c, 1 - alpha)
        default: (b0, b1, b2, a0, a1, a2) = (1 - alpha, -2 * c, 1 + alpha, 1 + alpha, -2 * c, 1 - alpha)
        }
        let v = 2 * Double.pi * frequency / 48000
        func magnitude(_ k0: Double, _ k1: Double, _ k2: Double) -> Double {
            hypot(k0 + k1 * cos(v) + k2 * cos(2 * v), k1 * sin(v) + k2 * sin(2 * v))
        }
        return decibels(magnitude(b0, b1, b2) / magnitude(a0, a1, a2))
    }

    @Test(arguments: ["bell", "lowshelf", "highshelf", "lowpass", "highpass", "bandpass", "notch", "allpass"])
    func `every curve is the cookbook's`(type: String) throws {
        for (centre, gain, q) in [(1000, 6, 0.7071), (1000, -12, 4), (120, 18, 1), (12000, -24, 0.5), (40, 3, 8.0)] {
            let plugin = try NativePlugin(
                "eq", ["type3=\(type)", "freq3=\(centre)Hz", "gain3=\(gain)dB", "q3=\(q)"])
            let impulse = try plugin.impulseResponse(frames: 65536)
            for frequency in Self.frequencies {
                let expected = cookbook(type, Double(centre), gain: Double(gain), q: q, at: frequency)
                guard expected > -80 else { continue }
                let seen = response(impulse, at: frequency)
                #expect(
                    abs(seen - expected) < 0.01,
                    "\(type) \(centre) Hz \(gain) dB Q \(q) at \(frequency) Hz: \(seen) dB instead of \(expected)")
            }
        }
    }

    @Test func `eight bands add up`() throws {
        let bands: [(String, Double, Double, Double)] = [
            ("lowshelf", 80, 4, 0.7), ("bell", 160, -3, 1), ("bell", 400, 5, 2), ("bell", 1000, -9, 0.5),
            ("bell", 2500, 2, 3), ("bell", 5000, 6, 1.5), ("notch", 9000, 0, 2), ("highshelf", 12000, -4, 0.7),
        ]
        let settings = bands.enumerated().flatMap { index, band in
            let n = index + 1
            return ["type\(n)=\(band.0)", "freq\(n)=\(band.1)", "gain\(n)=\(band.2)", "q\(n)=\(band.3)"]
        }
        let impulse = try NativePlugin("eq", settings).impulseResponse(frames: 65536)
        for frequency in Self.frequencies {
            let expected = bands.reduce(0) { $0 + cookbook($1.0, $1.1, gain: $1.2, q: $1.3, at: frequency) }
            #expect(abs(response(impulse, at: frequency) - expected) < 0.01)
        }
    }

    @Test func `flat is untouched to the bit, and so is a band that is off`() throws {
        let sound = [noise(frames: 5000), noise(frames: 5000, seed: 2)]
        #expect(try Bool(NativePlugin("eq").run(sound).sound == sound))
        let off = try NativePlugin("eq", ["type2=lowpass", "freq2=100", "gain5=12", "on2=off", "on5=off"])
        #expect(try Bool(off.run(sound).sound == sound))
    }

    @Test(arguments: [("gain4", "-18dB"), ("freq4", "4kHz"), ("q4", "6"), ("on4", "off"), ("type4", "notch")])
    func `a change makes no click`(key: String, value: String) throws {
        let chain = try native(["eq", "gain4=12dB", "freq4=640Hz", "q4=1"])
        // One whole second of an exact number of periods, so that the runs join without a step.
        let tone = sine(640, -18, frames: 4800)
        _ = chain.run([tone], block: 480)
        try chain.set(plugin: 0, key: key, to: value)
        let sound = chain.run([tone], block: 480).sound[0]
        // The bend of the tone at its loudest, 12 dB up: 0.5. A jump to another curve would bend by its own height.
        let radians = 2 * Double.pi * 640 / 48000
        #expect(sharpestBend(sound) < 2 * 0.5 * radians * radians)
    }

    @Test func `after a change it is what it would have been from the start`() throws {
        let sound = [noise(frames: 48000)]
        let changed = try native(["eq", "type2=lowpass", "freq2=300"])
        _ = changed.run([silence(480)], block: 480)
        for (key, value) in [("type2", "bell"), ("freq2", "2kHz"), ("gain2", "9"), ("q2", "2")] {
            try changed.set(plugin: 0, key: key, to: value)
        }
        _ = changed.run([silence(4800)], block: 480)
        let fresh = try native(["eq", "type2=bell", "freq2=2kHz", "gain2=9", "q2=2"])
        #expect(Bool(changed.run(sound, block: 480).sound == fresh.run(sound, block: 480).sound))
    }
}
