import AupRealtime
import AupSound
import Testing

/// The error of a dithered sample must have mean 0 and variance 1/4 step² wherever the sample lies: 1/6 of it is the
/// triangular dither, 1/12 the rounding (Lipshitz, Wannamaker, Vanderkooy 1992).
@Suite struct DitherTests {
    private let count = 200_000

    private func errors(_ source: SampleFormat, _ target: SampleFormat, at fraction: Double) -> [Double] {
        let scale = Double(1 << (target.significantBits - 1))
        let value = (3 + fraction) / scale
        let samples = convert(Samples(doubles: Array(repeating: value, count: count)), to: source).samples
        return convert(samples, to: target).samples.steps.map { Double($0) - 3 - fraction }
    }

    @Test(arguments: [0.015625, 0.25, 0.5, 0.71875, 0.984375])
    func `the error has mean 0 and variance a quarter wherever the sample lies`(_ fraction: Double) {
        let pairs: [(SampleFormat, SampleFormat)] = [
            (.f32, .s16), (.f64, .s24), (.f64, .s32), (.f32, .u8), (.s24, .s16), (.s32, .s24), (.s32, .s16),
            (.s16, .u8),
        ]
        for (source, target) in pairs {
            let errors = errors(source, target, at: fraction)
            let mean = errors.reduce(0, +) / Double(count)
            let variance = errors.reduce(0) { $0 + $1 * $1 } / Double(count) - mean * mean
            // Five standard errors of the mean of 200,000 with deviation 1/2: 0.0056.
            #expect(abs(mean) < 0.0056, "\(source.name) to \(target.name): mean \(mean)")
            #expect(abs(variance - 0.25) < 0.0056, "\(source.name) to \(target.name): variance \(variance)")
        }
    }

    @Test func `the errors of neighbours have nothing to do with each other`() {
        let errors = errors(.f32, .s16, at: 0.375)
        for distance in [1, 2, 3, 4, 8, 16, 64, 256, 1024] {
            let pairs = zip(errors, errors.dropFirst(distance))
            let correlation = pairs.reduce(0) { $0 + $1.0 * $1.1 } / Double(count - distance) / 0.25
            #expect(abs(correlation) < 0.012, "at a distance of \(distance): \(correlation)")
        }
    }

    @Test func `dither reaches a full step and no further`() {
        #expect(Set(errors(.f32, .s16, at: 0.5).map { $0 + 3.5 }) == [3, 4])
        #expect(Set(errors(.f32, .s16, at: 0.25).map { $0 + 3.25 }) == [2, 3, 4])
        #expect(Set(errors(.f32, .s16, at: 0.75).map { $0 + 3.75 }) == [3, 4, 5])
    }

    @Test func `a sample on the grid is not dithered though its neighbours are`() {
        let floats: [Float] = (0..<20_000).map { ($0 % 2 == 0 ? 100 : 100.25) / 32768 }
        let steps = convert(Samples(floats: floats), to: .s16).samples.steps
        let even = Set(stride(from: 0, to: 20_000, by: 2).map { steps[$0] })
        let odd = Set(stride(from: 1, to: 20_000, by: 2).map { steps[$0] })
        #expect(even == [100])
        #expect(odd == [99, 100, 101])
    }

    @Test func `streams with different seeds are dithered differently`() {
        let samples = Samples(floats: Array(repeating: 0.3, count: 1000))
        var first = SampleConverter(from: .f32, to: .s16, seed: 0)
        var second = SampleConverter(from: .f32, to: .s16, seed: 1)
        #expect(first.converted(samples).0 != second.converted(samples).0)
    }
}
