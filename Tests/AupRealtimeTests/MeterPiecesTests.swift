import AupSound
import Testing

@testable import AupRealtime

@Suite struct MeterPiecesTests {
    private func measure(_ samples: [Float], from start: Int, to end: Int, with rig: inout MeterRig) {
        rig.feed(Array(samples[start * 2..<end * 2]))
    }

    @Test(arguments: [11_025, 44_100, 48_000])
    func `a sound in pieces measures as in one`(_ rate: Int) {
        let frames = rate * 47 + 1_234
        var samples = variedSound(frames: frames, channels: 2, rate: rate, seed: 99)
        // Silence and clips across the seams, and odd numbers in the seconds that are heard twice.
        for index in rate * 2 * 9..<rate * 2 * 13 { samples[index] = 0 }
        for index in rate * 2 * 20 - 11..<rate * 2 * 20 + 15 { samples[index] = 1 }
        samples[rate * 2 * 28] = .nan
        samples[rate * 2 * 31 + 5] = .infinity
        var whole = MeterRig(rate: rate)
        whole.feed(samples)
        whole.meter.finish()
        for cuts in [[10, 20, 30], [1, 2, 3, 12, 46, 47], [40]] {
            var joined = MeterRig(rate: rate)
            joined.feed(Array(samples[..<(cuts[0] * rate * 2)]))
            for (index, second) in cuts.enumerated() {
                let isLast = index == cuts.count - 1
                var piece = SoundMeter(joined.meter.configuration, piece: second)
                let start = SoundMeter.primingSecond(ofPiece: second) * rate
                let end = isLast ? frames : cuts[index + 1] * rate
                unsafe samples.withUnsafeBytes { bytes in
                    unsafe piece.measure(bytes.baseAddress! + start * 8, frames: second * rate - start)
                    piece.beginPiece()
                    unsafe piece.measure(bytes.baseAddress! + second * rate * 8, frames: end - second * rate)
                }
                if isLast { piece.finish() }
                joined.meter.append(piece)
            }
            let one = MeterState(whole.meter)
            let other = MeterState(joined.meter)
            #expect(one.frames == other.frames && one.odd == other.odd && one.silence == other.silence)
            for channel in 0..<2 {
                let (a, b) = (one.levels[channel], other.levels[channel])
                #expect(a.samplePeak == b.samplePeak && a.truePeak == b.truePeak && a.frames == b.frames)
                #expect(a.clippedSamples == b.clippedSamples && a.longestClip == b.longestClip)
                #expect(abs(a.squares - b.squares) < 1e-9 * a.squares && abs(a.sum - b.sum) < 1e-6)
            }
            #expect(abs(one.correlation - other.correlation) < 1e-9)
            for (a, b) in [
                (one.loudness.integrated, other.loudness.integrated), (one.loudness.range, other.loudness.range),
                (one.loudness.maxMomentary, other.loudness.maxMomentary),
                (one.loudness.maxShortTerm, other.loudness.maxShortTerm),
                (one.loudness.momentary, other.loudness.momentary), (one.loudness.gate, other.loudness.gate),
            ] {
                #expect(abs(a - b) < 1e-9, "\(a) \(b)")
            }
        }
    }
}
