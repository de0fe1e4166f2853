import AupSound
import Glibc
import Testing

@testable import AupRealtime

@Suite struct LoudnessHistogramTests {
    private func power(_ loudness: Double) -> Double { pow(10, (loudness + 0.691) / 10) }

    /// Both gates and the percentiles on blocks kept one by one.
    private func exact(_ powers: [Double]) -> (integrated: Double, range: Double) {
        let heard = powers.filter { loudness(ofPower: $0) >= -70 }
        let mean = heard.reduce(0, +) / Double(heard.count)
        let loud = heard.filter { $0 >= mean * 0.1 }
        let sorted = heard.filter { $0 >= mean * 0.01 }.sorted()
        let low = sorted[Int(Double(sorted.count - 1) * 0.1 + 0.5)]
        let high = sorted[Int(Double(sorted.count - 1) * 0.95 + 0.5)]
        return (
            loudness(ofPower: loud.reduce(0, +) / Double(loud.count)),
            loudness(ofPower: high) - loudness(ofPower: low)
        )
    }

    private func measured(_ powers: [Double]) -> LoudnessReading {
        var histogram = LoudnessHistogram()
        for power in powers { histogram.add(power: power) }
        return LoudnessMeter.programme(blocks: histogram, shortTerms: histogram)
    }

    @Test func `a histogram gives what the blocks themselves give, within a hundredth`() {
        var wheel = Wheel(seed: 77)
        var worst = (integrated: 0.0, range: 0.0)
        for _ in 0..<300 {
            let centre = -40 + 35 * wheel.unit()
            let spread = 1 + 20 * abs(wheel.unit())
            let count = 10 + Int(2_000 * abs(wheel.unit()))
            let powers = (0..<count).map { _ in power(centre + spread * (wheel.unit() + wheel.unit())) }
            let (integrated, range) = exact(powers)
            let reading = measured(powers)
            let error = abs(reading.integrated - integrated)
            // What the gate cuts through is the only thing that is not exact.
            var histogram = LoudnessHistogram()
            for power in powers { histogram.add(power: power) }
            #expect(error <= histogram.gatedMean(above: histogram.mean * 0.1).uncertainty + 1e-9)
            worst.integrated = max(worst.integrated, error)
            worst.range = max(worst.range, abs(reading.range - range))
        }
        #expect(worst.integrated < 0.01, "\(worst)")
        #expect(worst.range < 0.01, "\(worst)")
    }

    @Test func `steps of equal loudness are exact, at the gate too`() {
        // The quiet blocks lie on the relative gate itself, as near as numbers go.
        for quiet in [-33.0, -36, -60] {
            let powers = Array(repeating: power(-23), count: 400) + Array(repeating: power(quiet), count: 200)
            let reading = measured(powers)
            #expect(abs(reading.integrated - exact(powers).integrated) < 1e-9)
            #expect(abs(reading.range - exact(powers).range) < 1e-9)
        }
    }

    @Test func `what is too quiet is not heard, and what is too loud is kept`() {
        #expect(measured([power(-70.1), 0]).integrated == -.infinity)
        #expect(abs(measured([power(-69.9)]).integrated + 69.9) < 1e-9)
        #expect(abs(measured([power(250)]).integrated - 250) < 1e-9)
    }
}
