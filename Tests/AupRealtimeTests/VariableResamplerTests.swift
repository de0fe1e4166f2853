import AupRealtime
import AupSound
import Glibc
import Testing

@Suite struct VariableResamplerTests {
    /// Runs a sound through; the ratio of each block is asked for.
    private func run(
        _ input: [Double], channels: Int = 1, block: Int = 480, passing: Int = 0, ratio: (Int) -> Double
    ) -> [Double] {
        var resampler = VariableResampler(channels: channels)
        let space = UnsafeMutablePointer<Double>.allocate(
            capacity: resampler.roomFrames(forSource: block) * channels)
        defer { unsafe space.deallocate() }
        var output: [Double] = []
        let frames = input.count / channels
        var done = 0
        while done < frames {
            let count = min(block, frames - done)
            unsafe input.withUnsafeBufferPointer { buffer in
                let start = unsafe buffer.baseAddress! + done * channels
                if done < passing {
                    unsafe resampler.pass(start, frames: count)
                    output += input[done * channels..<(done + count) * channels]
                } else {
                    resampler.ratio = ratio(done)
                    let made = unsafe resampler.process(start, frames: count, into: space)
                    for index in 0..<made * channels { unsafe output.append(space[index]) }
                }
            }
            done += count
        }
        return output
    }

    private func sine(_ hertz: Double, frames: Int) -> [Double] {
        (0..<frames).map { 0.5 * sin(2 * .pi * hertz * Double($0) / 48_000) }
    }

    @Test(arguments: [1.0, 1 + 20e-6, 1 - 150e-6, 1 + 1000e-6, 0.96, 1.04])
    func `a sine at a steady ratio is a sine to 120 dB`(_ ratio: Double) {
        for hertz in [100.0, 1000, 10_000] {
            let made = run(sine(hertz, frames: 14_400)) { _ in ratio }
            let left = SineFit.residualDecibels(Array(made[8_000..<12_096]), near: hertz / ratio / 48_000)
            #expect(left < -120, "\(hertz) Hz: \(left) dB")
        }
    }

    @Test func `what passes up to 20 kHz is neither louder nor softer, and no image is heard`() {
        for hertz in [15_000.0, 19_000, 20_000] {
            let made = Array(run(sine(hertz, frames: 14_400)) { _ in 1.0001 }[8_000..<12_096])
            let level = (made.reduce(0) { $0 + $1 * $1 } / Double(made.count) * 2).squareRoot() / 0.5
            #expect(abs(decibels(amplitude: level)) < 0.01, "\(hertz) Hz")
            #expect(SineFit.residualDecibels(made, near: hertz / 1.0001 / 48_000) < -100, "\(hertz) Hz")
        }
    }

    @Test func `a ratio that wanders slowly leaves the sine clean`() {
        // 100 ppm up and down in twenty seconds, in a step for each block.
        let made = run(sine(1000, frames: 480_000)) { frame in
            1 + 100e-6 * sin(2 * .pi * Double(frame) / 960_000)
        }
        for start in stride(from: 24_000, to: 440_000, by: 37_001) {
            let piece = Array(made[start..<start + 1024])
            #expect(SineFit.residualDecibels(piece, near: 1000 / 48_000) < -100)
        }
    }

    @Test func `as much comes out as the ratio says, and what is inside is known`() {
        var resampler = VariableResampler(channels: 2)
        resampler.jump(toRatio: 1.001)
        let input = [Double](repeating: 0.25, count: 2 * 480)
        let space = UnsafeMutablePointer<Double>.allocate(capacity: 2 * resampler.roomFrames(forSource: 480))
        defer { unsafe space.deallocate() }
        var made = 0
        for packet in 1...1000 {
            unsafe input.withUnsafeBufferPointer {
                unsafe made += resampler.process($0.baseAddress!, frames: 480, into: space)
            }
            let whole = Double(made) / 1.001 + resampler.pendingFrames
            #expect(abs(whole - Double(480 * packet)) < 1e-6)
            #expect(resampler.pendingFrames > 0 && resampler.pendingFrames < 66)
        }
    }

    @Test func `the cut into blocks cannot be heard, and channels stay apart`() {
        let left = sine(440, frames: 20_000)
        var both: [Double] = []
        for sample in left { both += [sample, -2 * sample] }
        let whole = run(both, channels: 2, block: 20_000) { _ in 1.0003 }
        let pieces = run(both, channels: 2, block: 77) { _ in 1.0003 }
        // But for the rounding of positions, which depends on where they are counted from.
        let worst = zip(whole, pieces).map { abs($0 - $1) }.max() ?? 1
        #expect(whole.count == pieces.count && worst < 1e-10, "\(worst)")
        let apart = (0..<whole.count / 2).allSatisfy { abs(whole[2 * $0 + 1] + 2 * whole[2 * $0]) < 1e-12 }
        #expect(apart)
    }

    @Test func `a sound that went by untouched goes on without a seam`() {
        let input = sine(1000, frames: 48_000)
        let made = run(input, passing: 24_000) { _ in 1 }
        #expect(Array(made[..<24_000]) == Array(input[..<24_000]))
        let worst = (24_000..<made.count).map { abs(made[$0] - input[$0]) }.max() ?? 1
        #expect(worst < 1e-6, "\(worst)")
    }

    @Test func `mixing is the sum the matrix says`() throws {
        let mixer = ChannelMixer(
            MixMatrix(
                .itu, from: try #require(.standard(channels: 6)), to: try #require(.standard(channels: 2))))
        let source: [Double] = [1, 2, 4, 8, 16, 32, -1, 0, 0, 0, 0, 1]
        var target = [Double](repeating: 9, count: 4)
        unsafe source.withUnsafeBufferPointer { from in
            unsafe target.withUnsafeMutableBufferPointer { to in
                unsafe mixer.mix(from.baseAddress!, frames: 2, into: to.baseAddress!)
            }
        }
        let half = MixMatrix.minus3dB
        #expect(target == [1 + 4 * half + 16 * half, 2 + 8 * half + 16 * half, -1, 0])
    }
}
