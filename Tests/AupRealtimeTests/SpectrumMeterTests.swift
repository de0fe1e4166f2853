import AupSound
import Glibc
import Testing

@testable import AupRealtime

@Suite struct SpectrumMeterTests {
    private func measured(_ samples: [Float], channels: Int = 1, rate: Int = 48_000, fraction: Int = 3) -> [Double] {
        var meter = SpectrumMeter(.f32, rate: rate, channels: channels, fraction: fraction)
        unsafe samples.withUnsafeBytes {
            unsafe _ = meter.measure($0.baseAddress!, frames: samples.count / channels)
        }
        return (0..<meter.bands.count).map { meter.power(band: $0) }
    }

    private func sine(_ hertz: Double, _ level: Double = 1, frames: Int = 48_000, rate: Int = 48_000) -> [Float] {
        (0..<frames).map { Float(level * sin(2 * .pi * hertz * Double($0) / Double(rate))) }
    }

    @Test func `thirds of an octave have the centres of the standard`() {
        let bands = SpectrumBands(fraction: 3, rate: 48_000)
        #expect(bands.count == 31)
        let nominal = [20, 25, 31.5, 40, 50, 63, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630, 800, 1000]
        for (centre, name) in zip(bands.centreHertz, nominal) { #expect(abs(centre / name - 1) < 0.02) }
        #expect(abs(bands.centreHertz[17] - 1000) < 1e-9 && abs(bands.centreHertz[30] - 19_952.6) < 0.1)
        for band in 1..<31 { #expect(abs(bands.lowerHertz[band] - bands.upperHertz[band - 1]) < 1e-9) }
        #expect(SpectrumBands(fraction: 3, rate: 8_000).upperHertz.last! <= 4_000)
        #expect(SpectrumBands(fraction: 24, rate: 48_000).count > 230)
    }

    @Test(arguments: [3, 6, 24])
    func `a sine reads its mean square in its own band`(_ fraction: Int) {
        // A band at the low end is narrower than the window's own line.
        for hertz in [100.0, 997, 5_012, 15_849] where hertz > 30 * Double(fraction) {
            let powers = measured(sine(hertz, 0.5), fraction: fraction)
            let bands = SpectrumBands(fraction: fraction, rate: 48_000)
            let own = bands.upperHertz.firstIndex { $0 > hertz } ?? 0
            // Beside an edge the neighbour has its share.
            let near = powers[max(0, own - 1)...min(own + 1, powers.count - 1)].reduce(0, +)
            #expect(abs(10 * log10(near / 0.125)) < 0.05, "\(hertz)")
            #expect(abs(powers.reduce(0, +) / near - 1) < 1e-3)
        }
    }

    @Test func `bands of noise add up, and channels are averaged`() {
        var wheel = Wheel(seed: 4)
        let noise = (0..<96_000).map { _ in Float(wheel.unit()) }
        let sum = measured(noise).reduce(0, +)
        // Equal power at every frequency: a third, of which bands from 17.8 Hz to 22.4 kHz hold 0.93.
        #expect(abs(10 * log10(sum / (1.0 / 3 * 0.932))) < 0.2)
        let stereo = measured(zip(sine(1000), sine(3000)).flatMap { [$0, $1] }, channels: 2)
        #expect(abs(stereo[17] - 0.25) < 1e-3 && abs(stereo.reduce(0, +) - 0.5) < 1e-3)
        let three = measured(sine(1000).flatMap { [0, 0, $0] }, channels: 3)
        #expect(abs(three[17] - 0.5 / 3) < 1e-3)
    }

    @Test func `a peak stands, then falls`() {
        var meter = SpectrumMeter(
            .f32, rate: 48_000, channels: 1, size: 4096, holdSeconds: 0.5, fallDecibelsPerSecond: 20)
        func feed(_ samples: [Float]) {
            unsafe samples.withUnsafeBytes { unsafe _ = meter.measure($0.baseAddress!, frames: samples.count) }
        }
        feed(sine(1000, frames: 24_000))
        let before = meter.peak(band: 17)
        #expect(abs(before - 0.5) < 0.01)
        feed(Array(repeating: 0, count: 20_000))
        #expect(meter.peak(band: 17) == before && meter.power(band: 17) < 1e-9)
        feed(Array(repeating: 0, count: 48_000))
        let fallen = 10 * log10(meter.peak(band: 17) / before)
        #expect(fallen < -15 && fallen > -22, "\(fallen)")
        meter.reset()
        #expect(meter.peak(band: 17) == 0 && meter.pieces == 0)
    }

    @Test func `silence that is only counted shows what silence shows`() {
        let sound = sine(1000, frames: 50_000)
        for frames in [100, 20_000, 100_003] {
            var heard = SpectrumMeter(.f32, rate: 48_000, channels: 1, size: 4096)
            var counted = SpectrumMeter(.f32, rate: 48_000, channels: 1, size: 4096)
            let silence = [Float](repeating: 0, count: frames)
            for _ in 0..<2 {
                unsafe sound.withUnsafeBytes { bytes in
                    unsafe _ = heard.measure(bytes.baseAddress!, frames: sound.count)
                    unsafe _ = counted.measure(bytes.baseAddress!, frames: sound.count)
                }
                unsafe silence.withUnsafeBytes { unsafe _ = heard.measure($0.baseAddress!, frames: frames) }
                counted.measureSilence(frames: Int64(frames))
                for band in 0..<heard.bands.count {
                    #expect(heard.power(band: band) == counted.power(band: band))
                    let (one, other) = (heard.peak(band: band), counted.peak(band: band))
                    #expect(abs(one - other) <= one * 1e-9)
                }
            }
        }
        var long = SpectrumMeter(.f32, rate: 48_000, channels: 1)
        unsafe sound.withUnsafeBytes { unsafe _ = long.measure($0.baseAddress!, frames: sound.count) }
        long.measureSilence(frames: 1 << 53)
        #expect(long.power(band: 17) == 0 && long.peak(band: 17) == 0)
    }

    @Test func `the cut into blocks changes nothing`() {
        let samples = sine(440, frames: 60_000)
        var pieces = SpectrumMeter(.f32, rate: 48_000, channels: 1)
        unsafe samples.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: 60_000, by: 600) {
                unsafe _ = pieces.measure(bytes.baseAddress! + start * 4, frames: 600)
            }
        }
        #expect(measured(samples) == (0..<31).map { pieces.power(band: $0) })
    }
}
