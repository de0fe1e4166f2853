import AupRealtime
import Testing

@Suite struct GainRampTests {
    private func applied(_ ramp: inout GainRamp, to input: [Float], channels: Int, blocks: [Int] = []) -> [Float] {
        var samples = input
        let frames = input.count / channels
        unsafe samples.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            var done = 0
            var cuts = blocks.makeIterator()
            while done < frames {
                let block = min(cuts.next() ?? frames, frames - done)
                unsafe ramp.apply(toInterleaved: base + done * channels, channels: channels, frames: block)
                done += block
            }
        }
        return samples
    }

    private func noise(_ count: Int) -> [Float] {
        var wheel = Wheel(seed: 6)
        return (0..<count).map { _ in Float(wheel.unit()) }
    }

    @Test func `unity changes no bit, not even of what is no number`() {
        let input: [Float] = [.nan, -0.0, .infinity, .leastNonzeroMagnitude, 0.1]
        var ramp = GainRamp()
        #expect(applied(&ramp, to: input, channels: 1).map(\.bitPattern) == input.map(\.bitPattern))
    }

    @Test func `a ramp is a straight line from the old gain to the new`() {
        var ramp = GainRamp(gain: 0)
        ramp.ramp(to: 1, frames: 64)
        let ones = [Float](repeating: 1, count: 100)
        #expect(applied(&ramp, to: ones, channels: 1) == (0..<100).map { $0 < 64 ? Float($0) / 64 : 1 })
        #expect(ramp.isSteady)
        #expect(ramp.currentGain == 1)
    }

    /// Each product and each sum is rounded by itself here, as the kernels must on every machine.
    @Test func `every machine makes the same ramp`() {
        let input = noise(4000)
        var ramp = GainRamp(gain: 0.3)
        ramp.ramp(to: 1.7, frames: 3333)
        let (from, to) = (Double(Float(0.3)), Double(Float(1.7)))
        let slope = (to - from) / 3333
        let wanted = input.enumerated().map { frame, sample in
            sample * Float(frame < 3333 ? from + slope * Double(frame) : to)
        }
        #expect(applied(&ramp, to: input, channels: 1) == wanted)
    }

    @Test(arguments: [1, 2, 3, 8])
    func `the cut into blocks cannot be heard`(_ channels: Int) {
        let input = noise(5000 * channels)
        var whole = GainRamp(gain: 0.3)
        whole.ramp(to: 1.7, frames: 3333)
        var cut = whole
        let once = applied(&whole, to: input, channels: channels)
        let pieces = applied(&cut, to: input, channels: channels, blocks: [1, 7, 1000, 64, 1025, 13])
        #expect(once == pieces)
        #expect(once.suffix(channels) == input.suffix(channels).map { $0 * Float(1.7) }.suffix(channels))
    }

    @Test func `planar and interleaved sound the same`() {
        let input = noise(3000)
        var interleaved = GainRamp(gain: 1)
        interleaved.ramp(to: 0.25, frames: 700)
        var planar = interleaved
        let wanted = applied(&interleaved, to: input, channels: 3)
        let planes = Planes(channels: 3, frames: 1000)
        for (index, sample) in input.enumerated() { planes[index % 3, index / 3] = sample }
        unsafe planar.apply(toPlanar: planes.pointers, channels: 3, frames: 1000)
        #expect(planes.interleaved == wanted)
    }

    @Test func `a new ramp begins where the old one stands`() {
        var ramp = GainRamp(gain: 0)
        ramp.ramp(to: 1, frames: 100)
        _ = applied(&ramp, to: noise(50), channels: 1)
        #expect(ramp.currentGain == 0.5)
        ramp.ramp(to: 0, frames: 50)
        #expect(ramp.currentGain == 0.5)
        let down = applied(&ramp, to: Array(repeating: 1, count: 51), channels: 1)
        #expect(down.first == 0.5)
        #expect(down.last == 0)
    }

    @Test func `a ramp of no frames is a jump`() {
        var ramp = GainRamp(gain: 1)
        ramp.ramp(to: 0.5, frames: 0)
        #expect(ramp.isSteady)
        #expect(applied(&ramp, to: [1, 1], channels: 1) == [0.5, 0.5])
    }
}
