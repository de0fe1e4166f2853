import AupRealtime
import AupSound
import Testing

@Suite struct PeakMeterTests {
    private func measured(_ samples: Samples, channels: Int, blocks: [Int] = []) -> PeakMeter {
        var meter = PeakMeter(samples.format, channels: channels)
        let frames = samples.count / channels
        unsafe samples.bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            var done = 0
            var cuts = blocks.makeIterator()
            while done < frames {
                let block = min(cuts.next() ?? frames, frames - done)
                unsafe meter.measure(
                    base + done * channels * samples.format.bytesPerSample, frames: block)
                done += block
            }
        }
        return meter
    }

    @Test(arguments: [1, 2, 3, 6, 8, 16, 17, 64])
    func `peak and power of every channel are what a slow sum says`(_ channels: Int) {
        let frames = 999
        for format in SampleFormat.allCases {
            let samples = Samples.noise(format, count: frames * channels, seed: UInt64(channels))
            let floats = convert(samples, to: .f32).samples.floats
            // A float of any bits can be as large as 1e38: leave those out of sums that are compared.
            guard floats.allSatisfy({ abs($0) < 1e3 }) else { continue }
            let meter = measured(samples, channels: channels, blocks: [1, 100, 333])
            #expect(meter.frames == Int64(frames))
            var largest: Float = 0
            for channel in 0..<channels {
                let own = stride(from: channel, to: floats.count, by: channels).map { floats[$0] }
                let peak = own.map { abs($0) }.max() ?? 0
                largest = max(largest, peak)
                let power = own.reduce(0) { $0 + Double($1) * Double($1) }
                #expect(meter.peak(channel: channel) == peak)
                #expect(abs(meter.sumOfSquares(channel: channel) - power) <= power * 1e-12)
            }
            #expect(meter.peak == largest)
        }
    }

    @Test func `full scale is one, and a full square wave has the power of one`() {
        let square = Samples(.s16, steps: (0..<1000).map { $0 / 2 % 2 == 0 ? -32768 : -32768 })
        let meter = measured(square, channels: 2)
        #expect(meter.peak == 1)
        #expect(meter.meanSquare == 1)
    }

    @Test func `what is no number is silence, and infinity full scale`() {
        let meter = measured(Samples(floats: [.nan, 0.25, -.infinity, 0.5]), channels: 2)
        #expect(meter.peak(channel: 0) == 1)
        #expect(meter.peak(channel: 1) == 0.5)
    }

    @Test func `a reset meter begins anew`() {
        var meter = measured(Samples(floats: [1, 0.5]), channels: 1)
        meter.reset()
        #expect(meter.peak == 0)
        #expect(meter.meanSquare == 0)
        #expect(meter.frames == 0)
    }
}
