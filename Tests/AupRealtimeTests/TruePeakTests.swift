import AupSound
import Glibc
import Testing

@testable import AupRealtime

@Suite struct TruePeakTests {
    static let rates = [44_100, 48_000, 96_000, 192_000]

    private func truePeak(_ mono: [Double], rate: Int) -> Double {
        var rig = MeterRig(rate: rate)
        rig.feed(mono.flatMap { [Float($0), Float($0)] })
        rig.meter.finish()
        return decibels(amplitude: Double(rig.meter.total.all.truePeak))
    }

    /// A sine between two fades of 10 ms, which are the documents' own.
    private func sine(per period: Double, degrees: Double, amplitude: Double, rate: Int) -> [Double] {
        let frames = rate / 2
        let fade = rate / 100
        return (0..<frames).map { frame in
            let edge = min(frame, frames - 1 - frame)
            let envelope = edge < fade ? 0.5 - 0.5 * cos(.pi * Double(edge) / Double(fade)) : 1
            return envelope * amplitude * sin(2 * .pi * Double(frame) / period + degrees * .pi / 180)
        }
    }

    @Test(arguments: rates)
    func `3341 15 to 19: peaks between the samples of a sine`(_ rate: Int) {
        let cases: [(period: Double, degrees: Double, amplitude: Double, wanted: Double)] = [
            (4, 0, 0.5, -6), (4, 45, 0.5, -6), (6, 60, 0.5, -6), (8, 67.5, 0.5, -6), (4, 45, 1.41, 3),
        ]
        for (number, one) in cases.enumerated() {
            let peak = truePeak(
                sine(per: one.period, degrees: one.degrees, amplitude: one.amplitude, rate: rate), rate: rate)
            #expect(peak >= one.wanted - 0.4 && peak <= one.wanted + 0.2, "\(number + 15): \(peak)")
        }
    }

    /// A sine at a sixth of the rate, half of full scale, with one period of a sine at a quarter of the rate and of
    /// full scale in the midst, without a jump: made at four times the rate, filtered, and every fourth sample taken.
    private func burst(offset: Int, rate: Int) -> [Double] {
        let length = rate / 4
        let start = length / 2 / 24 * 24
        var phase = 0.0
        var fine = (0..<length).map { index -> Double in
            let isBurst = index >= start && index < start + 16
            defer { phase += 2 * .pi / (isBurst ? 16 : 24) }
            return (isBurst ? 1 : 0.5) * sin(phase)
        }
        let fade = rate / 40
        for index in 0..<fade {
            let envelope = 0.5 - 0.5 * cos(.pi * Double(index) / Double(fade))
            fine[index] *= envelope
            fine[length - 1 - index] *= envelope
        }
        // A Blackman window over 257 taps, at 0.45 of the rate.
        let cutoff = 0.45 / 4
        var taps = (-128...128).map { tap -> Double in
            let place = Double(tap + 128) / 256
            let sinc = tap == 0 ? 2 * cutoff : sin(2 * .pi * cutoff * Double(tap)) / (.pi * Double(tap))
            return sinc * (0.42 - 0.5 * cos(2 * .pi * place) + 0.08 * cos(4 * .pi * place))
        }
        let sum = taps.reduce(0, +)
        for tap in taps.indices { taps[tap] /= sum }
        return stride(from: offset, to: length - 257, by: 4).map { place in
            var value = 0.0
            for tap in 0..<257 { value += taps[tap] * fine[place + tap] }
            return value
        }
    }

    @Test(arguments: rates)
    func `3341 20 to 23: a short peak, wherever the samples fall`(_ rate: Int) {
        for offset in 0..<4 {
            let peak = truePeak(burst(offset: offset, rate: rate), rate: rate)
            #expect(peak >= -0.4 && peak <= 0.2, "\(20 + offset): \(peak)")
        }
    }

    @Test func `the interpolator follows the ideal as far as its documentation says`() {
        var nearest = 0.0
        var far = 0.0
        for phase in [0.25, 0.5] {
            let taps = TruePeakFilter.phase(phase)
            for step in 1...430 {
                let frequency = Double(step) / 1000
                var real = 0.0
                var imaginary = 0.0
                for (tap, value) in taps.enumerated() {
                    let angle = 2 * Double.pi * frequency * (Double(tap) - 11 - phase)
                    real += value * cos(angle)
                    imaginary += value * sin(angle)
                }
                let error = abs(decibels(amplitude: (real * real + imaginary * imaginary).squareRoot()))
                if frequency <= 0.40 { nearest = max(nearest, error) } else { far = max(far, error) }
            }
        }
        #expect(nearest < 0.02, "\(nearest)")
        #expect(far < 0.15, "\(far)")
    }

    /// White noise, as no microphone gives it, has peaks that only taps without end would find: it is softened at the
    /// top here.
    @Test func `the true peak of noise is that of a long interpolator`() {
        var wheel = Wheel(seed: 31)
        for _ in 0..<5 {
            var noise = (0..<1_500).map { _ in wheel.unit() * 0.5 }
            for frame in stride(from: 1_499, to: 1, by: -1) {
                noise[frame] = (noise[frame] + 2 * noise[frame - 1] + noise[frame - 2]) / 4
            }
            var largest = 0.0
            for phase in [0.0, 0.25, 0.5, 0.75] {
                // 256 taps under a Blackman window.
                let taps = (-127...128).map { tap -> Double in
                    let distance = Double(tap) - phase
                    let place = (distance + 128) / 256
                    let window = 0.42 - 0.5 * cos(2 * .pi * place) + 0.08 * cos(4 * .pi * place)
                    return (distance == 0 ? 1 : sin(.pi * distance) / (.pi * distance)) * window
                }
                for frame in -127..<1_500 {
                    var value = 0.0
                    for tap in max(0, 127 - frame)..<min(256, 1_627 - frame) {
                        value += taps[tap] * noise[frame - 127 + tap]
                    }
                    largest = max(largest, abs(value))
                }
            }
            let error = truePeak(noise, rate: 48_000) - decibels(amplitude: largest)
            #expect(abs(error) < 0.1, "\(error)")
        }
    }

    @Test func `skipping what cannot reach the peak changes nothing`() {
        for seed in 1...6 as ClosedRange<UInt64> {
            let channels = [1, 2, 3, 6, 8, 17][Int(seed) - 1]
            var samples = variedSound(frames: 40_000, channels: channels, rate: 4_000, seed: seed)
            // The sound that the interpolator amplifies most, at half of the peak there was: more than the peak.
            samples[0] = 1
            for (tap, value) in TruePeakFilter.phase(0.5).enumerated() {
                samples[(30_000 + tap) * channels] = value < 0 ? -0.5 : 0.5
            }
            let layout = Array(repeating: ChannelPosition.unknown, count: channels)
            var quick = MeterRig(layout: layout)
            var slow = MeterRig(layout: layout)
            slow.meter.skipsNothing = true
            quick.feed(samples)
            slow.feed(samples)
            quick.meter.finish()
            slow.meter.finish()
            #expect(MeterState(quick.meter) == MeterState(slow.meter))
            #expect(quick.meter.searchedBlocks < slow.meter.searchedBlocks)
        }
    }

    @Test func `the gain of the interpolator bounds what it makes of the worst sound`() {
        let filter = TruePeakFilter()
        for phase in [0.25, 0.5, 0.75] {
            // Each sample of full scale, with the sign of its tap.
            let worst = TruePeakFilter.phase(phase).reduce(0) { $0 + abs($1) }
            #expect(Float(worst) < filter.gain)
            let samples = TruePeakFilter.phase(phase).map { $0 < 0 ? -1.0 : 1 }
            let peak = truePeak(Array(repeating: 0, count: 30) + samples + Array(repeating: 0, count: 30), rate: 48_000)
            #expect(abs(peak - decibels(amplitude: worst)) < 1e-4 || peak > decibels(amplitude: worst))
        }
    }

    @Test func `the last sample's own surroundings are searched when the sound ends`() {
        // Full scale twice at the very end: between them lies more.
        let ending = Array(repeating: 0.0, count: 1000) + [1, 1]
        #expect(truePeak(ending, rate: 48_000) > 1)
    }
}
