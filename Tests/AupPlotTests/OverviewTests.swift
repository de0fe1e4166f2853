import Testing

@testable import AupPlot

@Suite struct OverviewTests {
    /// Noise that is the same every time: xorshift of George Marsaglia.
    private static func noise(_ count: Int, seed: UInt64 = 1) -> [Float] {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        return (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23)
        }
    }

    @Test func `a waveform overview holds the lowest and highest of every frame, however often it halved`() {
        let channels = 3
        let frames = 10_000
        let samples = Self.noise(frames * channels)
        var overview = WaveformOverview(channels: channels, capacity: 64)
        // Blocks of odd lengths, as a pipe brings them.
        var frame = 0
        var length = 1
        while frame < frames {
            let count = min(length, frames - frame)
            overview.add(samples[frame * channels..<(frame + count) * channels].span)
            frame += count
            length = length % 97 + 5
        }
        #expect(overview.frames == Int64(frames))
        #expect(overview.framesPerCell == 256 && overview.count == 40)
        for index in 0..<overview.count {
            for channel in 0..<channels {
                let last = min(frames, (index + 1) * 256)
                let part = (index * 256..<last).map { samples[$0 * channels + channel] }
                let cell = overview.cell(index, channel: channel)
                #expect(cell.minimum == part.min() && cell.maximum == part.max())
                #expect(cell.samples == Int64(part.count))
                let squares = part.reduce(0) { $0 + Double($1) * Double($1) }
                #expect(abs(cell.squares - squares) < 1e-9 * squares)
            }
        }
        let whole = overview.cell(fromFrame: 0, to: Double(frames), channel: 1)
        #expect(whole.samples == Int64(frames))
    }

    @Test func `ten hours stay within the cells of the beginning`() {
        var waveform = WaveformOverview(channels: 2, framesPerColumn: 2)
        var loudness = LoudnessOverview()
        var spectrogram = SpectrogramOverview(bins: 9, rate: 48000, secondsPerColumn: 0.1)
        let powers = [Float](repeating: 0.25, count: 9)
        for column in 0..<360_000 {
            let level: Float = column == 123_456 ? 0.9 : 0.1
            waveform.add([-level, -0.1, 0.1, level].span)
            loudness.add(momentary: column == 200_000 ? -5 : -23, shortTerm: -24, truePeak: column == 3 ? 1.5 : -8)
            spectrogram.add(powers.span)
        }
        #expect(waveform.frames == 720_000)
        #expect(waveform.count <= waveform.capacity && waveform.count > waveform.capacity / 2)
        #expect(waveform.cell(123_456 * 2 / waveform.framesPerCell, channel: 0).minimum == -0.9)
        #expect(loudness.count <= loudness.capacity)
        #expect(loudness.cell(200_000 / loudness.pointsPerCell).momentary == .init(low: -23, high: -5))
        #expect(loudness.cell(0).truePeak == .init(low: -8, high: 1.5))
        #expect(spectrogram.count <= spectrogram.capacity && spectrogram.columns == 360_000)
        // A quarter is exact in every sum.
        #expect((0..<spectrogram.count).allSatisfy { spectrogram.power($0, bin: 4) == 0.25 })
    }

    @Test func `power is averaged and not amplitude or decibels`() {
        var overview = SpectrogramOverview(bins: 2, rate: 8000, secondsPerColumn: 0.5, capacity: 4)
        for power: Float in [1, 0, 0.5, 0.25, 0, 0, 1, 1, 0.5] { overview.add([power, power * 2].span) }
        #expect(overview.columnsPerCell == 4 && overview.count == 3 && overview.secondsPerCell == 2)
        #expect((0..<3).map { overview.power($0, bin: 0) } == [0.4375, 0.5, 0.5])
        #expect(overview.power(0, bin: 1) == 0.875)
    }

    @Test func `what is no number counts as nothing and is remembered`() {
        var waveform = WaveformOverview(channels: 1, capacity: 2)
        waveform.add([.nan, 0.5, -.infinity, -0.25].span)
        let cell = waveform.cell(fromFrame: 0, to: 4, channel: 0)
        #expect(cell.minimum == -0.25 && cell.maximum == 0.5 && cell.samples == 2 && cell.invalidSamples == 2)
        var spectrogram = SpectrogramOverview(bins: 3, rate: 8000, secondsPerColumn: 1)
        spectrogram.add([.nan, -.infinity, 2].span)
        #expect((0..<3).map { spectrogram.power(0, bin: $0) } == [0, 0, 2])
        var loudness = LoudnessOverview()
        loudness.add(momentary: .nan, shortTerm: nil, truePeak: -.infinity)
        #expect(loudness.cell(0).momentary == nil && loudness.cell(0).shortTerm == nil)
        #expect(loudness.cell(0).truePeak?.high == -.infinity)
    }

    @Test func `nothing in is nothing out`() {
        #expect(WaveformOverview(channels: 1).count == 0)
        #expect(LoudnessOverview().count == 0)
        #expect(SpectrogramOverview(bins: 2, rate: 8000, secondsPerColumn: 1).count == 0)
    }
}
