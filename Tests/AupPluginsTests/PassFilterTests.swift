import AupPlugins
import Foundation
import Testing

/// highpass and lowpass against the Butterworth formula under the bilinear transform.
@Suite struct PassFilterTests {
    private static let frequencies = [20, 50, 100, 200, 500, 900, 1000, 1100, 2000, 5000, 10000, 15000, 20000.0]

    /// 1/√(1 + r^2n), r the ratio of the warped frequencies.
    private func butterworth(_ frequency: Double, _ cut: Double, order: Int, isHigh: Bool, rate: Double) -> Double {
        let ratio = tan(.pi * frequency / rate) / tan(.pi * cut / rate)
        return -10 * log10(1 + pow(isHigh ? 1 / ratio : ratio, Double(2 * order)))
    }

    @Test(arguments: ["highpass", "lowpass"], 1...8)
    func `the response is Butterworth's`(name: String, order: Int) throws {
        for cut in [40, 1000, 12000, 20000.0] {
            let plugin = try NativePlugin(name, ["frequency=\(cut)Hz", "order=\(order)"])
            let impulse = try plugin.impulseResponse(frames: 32768)
            for frequency in Self.frequencies + [cut] {
                let expected = butterworth(frequency, cut, order: order, isHigh: name == "highpass", rate: 48000)
                // Below -100 dB the rounding of 32-bit samples is what is left.
                guard expected > -100 else { continue }
                let seen = response(impulse, at: frequency)
                #expect(
                    abs(seen - expected) < (expected > -60 ? 0.002 : 0.05),
                    "order \(order), \(cut) Hz, at \(frequency) Hz: \(seen) dB instead of \(expected)")
            }
        }
    }

    @Test(arguments: [8000, 44100, 192_000.0])
    func `the rate does not move the cut`(rate: Double) throws {
        for name in ["highpass", "lowpass"] {
            let impulse = try NativePlugin(name, ["frequency=1kHz", "order=4"], rate: rate).impulseResponse(
                frames: 32768)
            #expect(abs(response(impulse, at: 1000, rate: rate) + 3.0103) < 0.002)
        }
    }

    @Test func `a cut above half the rate is held below it`() throws {
        let plugin = try NativePlugin("lowpass", ["frequency=20kHz", "order=8"], rate: 8000)
        let sound = try plugin.run([noise(frames: 20000)]).sound[0]
        #expect(peak(sound) < 8)
        #expect(abs(response(try plugin.impulseResponse(frames: 8192), at: 1000, rate: 8000)) < 0.001)
    }

    @Test func `a glide of frequency makes no click`() throws {
        let chain = try native(["lowpass", "frequency=8000Hz", "order=4"])
        let tone = sine(400, -6, frames: 9600)
        _ = chain.run([tone], block: 480)
        try chain.set(plugin: 0, key: "frequency", to: "2kHz")
        let glide = chain.run([tone], block: 480).sound[0]
        // A click is a bend that the tone itself, at half of full scale, never makes: its second difference.
        let radians = 2 * Double.pi * 400 / 48000
        #expect(sharpestBend(glide) < 2 * 0.5 * radians * radians)
    }

    @Test func `a fixed order says so`() throws {
        let chain = try native(["highpass"])
        #expect(throws: (any Error).self) { try chain.set(plugin: 0, key: "order", to: "4") }
    }
}
