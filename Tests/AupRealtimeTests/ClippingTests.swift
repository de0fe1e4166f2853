import AupRealtime
import AupSound
import Testing

/// What lies outside the scale, and what is no number at all.
@Suite struct ClippingTests {
    private let odd: [Float] = [.nan, .infinity, -.infinity, 1, -1, 1.5, -1.5, 0.5, .signalingNaN]

    @Test(arguments: [SampleFormat.u8, .s16, .s24, .s24Packed, .s32])
    func `what no integer can hold clips, what is no number is silence, and both are counted`(_ format: SampleFormat) {
        let highest = 1 << (format.significantBits - 1)
        let wanted = [
            0, highest - 1, -highest, highest - 1, -highest, highest - 1, -highest, highest / 2, 0,
        ]
        let narrow = convert(Samples(floats: odd), to: format)
        #expect(narrow.samples.steps == wanted)
        #expect(narrow.clipped == 7)
        let wide = convert(Samples(doubles: odd.map { Double($0) }), to: format)
        #expect(wide.samples.steps == wanted)
        #expect(wide.clipped == 7)
    }

    @Test func `floats beyond full scale pass to floats, and only what is not finite is counted`() {
        let wanted: [Float] = [0, 1, -1, 1, -1, 1.5, -1.5, 0.5, 0]
        let same = convert(Samples(floats: odd), to: .f32)
        #expect(same.samples.floats == wanted)
        #expect(same.clipped == 4)
        let wide = convert(Samples(floats: odd), to: .f64)
        #expect(wide.samples.doubles == wanted.map { Double($0) })
        #expect(wide.clipped == 4)
        let narrow = convert(Samples(doubles: odd.map { Double($0) } + [1e39]), to: .f32)
        #expect(narrow.samples.floats == wanted + [1])
        #expect(narrow.clipped == 5)
    }

    @Test func `dither never carries a sample over the end of the scale`() {
        let top = Samples(.s32, steps: Array(repeating: 0x7FFF_7FFF, count: 10_000))
        let (samples, clipped) = convert(top, to: .s16)
        #expect(samples.steps.allSatisfy { (32766...32767).contains($0) })
        #expect(clipped == 0)
        let bottom = Samples(.s32, steps: Array(repeating: -0x7FFF_FFFF, count: 10_000))
        #expect(convert(bottom, to: .s16).samples.steps.allSatisfy { (-32768 ... -32767).contains($0) })
    }

    @Test func `an integer counts as clipped when the nearest step lies outside`() {
        let steps = [0x7FFF_7FFF, 0x7FFF_8000, 0x7FFF_FFFF, -0x8000_0000]
        let (samples, clipped) = convert(Samples(.s32, steps: steps), to: .s16)
        #expect(clipped == 2)
        #expect(samples.steps.last == -32768)
    }
}
