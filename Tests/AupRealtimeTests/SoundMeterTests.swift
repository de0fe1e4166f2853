import AupSound
import Foundation
import TestSupport
import Testing

@testable import AupRealtime

@Suite struct SoundMeterTests {
    private func rig(_ samples: [Float], channels: Int = 1, finish: Bool = true) -> MeterState {
        var rig = MeterRig(layout: Array(repeating: .unknown, count: channels))
        rig.feed(samples)
        if finish { rig.meter.finish() }
        return MeterState(rig.meter)
    }

    @Test(arguments: [1, 2, 3, 5, 6, 8, 16, 17, 64])
    func `levels of every channel are what a slow sum says`(_ channels: Int) {
        let frames = 5_003
        let samples = variedSound(frames: frames, channels: channels, rate: 3_000, seed: UInt64(channels))
        let state = rig(samples, channels: channels)
        #expect(state.frames == Int64(frames))
        for channel in 0..<channels {
            let own = stride(from: channel, to: samples.count, by: channels).map { Double(samples[$0]) }
            let level = state.levels[channel]
            #expect(Double(level.samplePeak) == own.map { abs($0) }.max())
            #expect(level.truePeak >= level.samplePeak)
            let squares = own.reduce(0) { $0 + $1 * $1 }
            #expect(abs(level.squares - squares) <= squares * 1e-12)
            #expect(abs(level.offset - own.reduce(0, +) / Double(frames)) < 1e-12)
        }
    }

    @Test(arguments: [8_000, 11_025, 44_100, 48_000, 192_000])
    func `the cut into blocks changes nothing, to the bit`(_ rate: Int) {
        for channels in [1, 2, 6] {
            let samples = variedSound(frames: rate * 4, channels: channels, rate: rate, seed: 7)
            let layout = ChannelLayout.standard(channels: channels)!.positions
            var whole = MeterRig(rate: rate, layout: layout)
            whole.feed(samples)
            whole.meter.finish()
            for blocks in [[1, 7, 480], [997], [64], [rate / 100], [1_024, 3]] {
                var pieces = MeterRig(rate: rate, layout: layout)
                pieces.feed(samples, blocks: blocks)
                pieces.meter.finish()
                #expect(MeterState(pieces.meter) == MeterState(whole.meter), "\(channels) \(blocks)")
            }
        }
    }

    @Test(arguments: [1, 2, 4, 7, 64])
    func `the kernels of this machine and those of the oldest agree to the bit`(_ channels: Int) {
        let samples = variedSound(frames: 48_000, channels: channels, rate: 48_000, seed: 3)
        let layout = Array(repeating: ChannelPosition.unknown, count: channels)
        var here = MeterRig(layout: layout)
        var plain = MeterRig(layout: layout)
        plain.meter.isPlain = true
        here.feed(samples)
        plain.feed(samples)
        #expect(MeterState(here.meter) == MeterState(plain.meter))
    }

    @Test func `a reset meter is as good as new`() {
        let samples = variedSound(frames: 200_000, channels: 2, rate: 48_000, seed: 5)
        var used = MeterRig()
        used.feed([0.9, .nan, -1, .infinity])
        used.feed(samples)
        used.meter.finish()
        used.meter.reset()
        var fresh = MeterRig()
        #expect(MeterState(used.meter) == MeterState(fresh.meter))
        used.feed(samples)
        fresh.feed(samples)
        #expect(MeterState(used.meter) == MeterState(fresh.meter))
    }

    @Test func `the total is the sum of the intervals`() {
        let samples = variedSound(frames: 96_000, channels: 2, rate: 48_000, seed: 11)
        var whole = MeterRig()
        whole.feed(samples)
        var rig = MeterRig()
        var largest: Float = 0
        for part in 0..<4 {
            rig.feed(Array(samples[part * 48_000..<(part + 1) * 48_000]))
            #expect(rig.meter.interval.frames == 24_000)
            largest = max(largest, rig.meter.interval[0].truePeak)
            rig.meter.beginInterval()
            #expect(rig.meter.interval[0].samplePeak == 0)
        }
        let total = rig.meter.total
        #expect(total.frames == 96_000 && total[0].truePeak == largest)
        #expect(total[1].truePeak == whole.meter.total[1].truePeak)
        #expect(abs(total[1].squares - whole.meter.total[1].squares) < 1e-9)
        #expect(abs(total.correlation - whole.meter.total.correlation) < 1e-12)
    }

    @Test func `clips are counted, and runs go on across blocks`() {
        var samples = [Float](repeating: 0.5, count: 2_000)
        for index in 475..<490 { samples[index] = 1 }
        samples[900] = -1.5
        samples[901] = 1
        let level = rig(samples).levels[0]
        #expect(level.clippedSamples == 17 && level.longestClip == 15)
        var loudest = MeterRig(layout: [.mono], format: .s16)
        let steps: [Int16] = Array(repeating: .max, count: 480) + Array(repeating: .min, count: 480)
        unsafe steps.withUnsafeBytes { unsafe loudest.meter.measure($0.baseAddress!, frames: 960) }
        #expect(loudest.meter.total[0].longestClip == 960)
    }

    @Test func `silence is what stays below its level`() {
        var rig = MeterRig()
        rig.silence(seconds: 0.5)
        rig.tone(-20, seconds: 1)
        rig.silence(seconds: 1.5)
        #expect(rig.meter.silence.currentFrames == 72_000)
        rig.tone(-20, seconds: 1)
        rig.tone(-61, seconds: 3)
        #expect(rig.meter.silence.currentFrames == 144_000)
        rig.tone(-59, seconds: 0.1)
        let silence = rig.meter.silence
        #expect(silence.leadingFrames == 24_000 && silence.longestFrames == 144_000 && silence.currentFrames == 0)
    }

    /// Frames by which silences of all lengths begin and end in the midst of a unit.
    @Test(arguments: [11_025, 44_100, 48_000])
    func `silence that is only counted measures as if it were there`(rate: Int) {
        let sound = variedSound(frames: rate * 3 + 17, channels: 2, rate: rate, seed: 4)
        for frames in [1, rate / 100, rate * 3 + 5, rate * 40 + 7] {
            var heard = MeterRig(rate: rate)
            var counted = MeterRig(rate: rate)
            for _ in 0..<3 {
                heard.feed(sound)
                counted.feed(sound)
                heard.feed(Array(repeating: 0, count: frames * 2), blocks: [rate])
                counted.meter.measureSilence(frames: Int64(frames))
            }
            heard.feed(sound)
            counted.feed(sound)
            heard.meter.finish()
            counted.meter.finish()
            let isSame = MeterState(heard.meter) == MeterState(counted.meter)
            #expect(isSame, "\(frames) frames of silence at \(rate) Hz")
        }
    }

    @Test func `a silence as long as a stream can be is measured at once`() {
        var rig = MeterRig()
        rig.tone(-20, seconds: 1)
        // Whole units of 10 ms, nearly 2^53 frames.
        let frames: Int64 = 480 << 44
        rig.meter.measureSilence(frames: frames)
        rig.tone(-20, seconds: 1)
        rig.meter.finish()
        #expect(rig.meter.frames == frames + 96_000)
        #expect(rig.meter.silence.longestFrames == frames)
        #expect(abs(rig.loudness.integrated + 20) < 1)
    }

    @Test func `correlation tells likeness, and crest the shape`() {
        let wave = (0..<48_000).map { Float(sin(2 * .pi * Double($0) / 48)) }
        let cosine = (0..<48_000).map { Float(cos(2 * .pi * Double($0) / 48)) }
        #expect(abs(rig(wave.flatMap { [$0, $0 / 2] }, channels: 2).correlation - 1) < 1e-9)
        #expect(abs(rig(wave.flatMap { [$0, -$0] }, channels: 2).correlation + 1) < 1e-9)
        #expect(abs(rig(zip(wave, cosine).flatMap { [$0, $1] }, channels: 2).correlation) < 1e-6)
        #expect(rig(wave.flatMap { [$0, 0] }, channels: 2).correlation == 0)
        let level = rig(wave).levels[0]
        #expect(abs(level.crest - 2.0.squareRoot()) < 1e-6 && abs(level.offset) < 1e-9)
        #expect(abs(rig(wave.map { $0 / 4 + 0.25 }).levels[0].offset - 0.25) < 1e-6)
    }

    @Test func `what is no ordinary number is counted, and poisons nothing`() {
        var samples = variedSound(frames: 96_000, channels: 2, rate: 48_000, seed: 9)
        var clean = samples
        for (index, value) in [
            (10, Float.nan), (11, .signalingNaN), (500, .infinity), (501, -.infinity), (700, .leastNormalMagnitude / 8),
            (701, -.leastNonzeroMagnitude),
        ] {
            samples[index] = value
            clean[index] = value.isInfinite ? (value > 0 ? 1 : -1) : 0
        }
        let state = rig(samples, channels: 2)
        var expected = rig(clean, channels: 2)
        #expect(state.odd == OddNumbers(notNumbers: 2, infinities: 2, denormals: 2))
        expected.odd = state.odd
        #expect(state == expected)
        // Doubles that no float can hold.
        var doubles = MeterRig(layout: [.mono], format: .f64)
        let values: [Double] = [
            .nan, 1e300, -.infinity, .leastNormalMagnitude / 8, Double(Float.leastNormalMagnitude / 8), 0, 1e-30,
        ]
        unsafe values.withUnsafeBytes { unsafe doubles.meter.measure($0.baseAddress!, frames: values.count) }
        #expect(doubles.meter.oddNumbers == OddNumbers(notNumbers: 1, infinities: 2, denormals: 2))
    }

    @Test func `the largest floats are measured, and give numbers`() {
        let huge = (0..<48_000).map { $0 % 2 == 0 ? Float.greatestFiniteMagnitude : -.greatestFiniteMagnitude }
        let state = rig(huge)
        #expect(state.levels[0].truePeak == .greatestFiniteMagnitude && state.levels[0].rms.isFinite)
        #expect(state.loudness.integrated.isFinite && state.loudness.integrated > 700)
    }

    @Test func `a decaying filter ends in silence, not in denormal numbers`() {
        var rig = MeterRig(layout: [.mono])
        rig.tone(0, seconds: 1)
        rig.silence(seconds: 60)
        #expect(rig.loudness.momentary == -.infinity && rig.loudness.integrated > -4)
    }

    @Test func `nothing shorter than a block has a loudness`() {
        var rig = MeterRig()
        rig.tone(-20, seconds: 0.39)
        #expect(rig.loudness.integrated == -.infinity && rig.loudness.range == 0)
        #expect(rig.loudness.momentary > -21)
        rig.tone(-20, seconds: 0.01)
        #expect(abs(rig.loudness.integrated + 20) < 0.1)
    }

    @Test func `one channel can count for two loudspeakers`() {
        var one = MeterRig(layout: [.mono])
        var dual = MeterRig(layout: [.mono], isDualMono: true)
        one.tone(-20, seconds: 1)
        dual.tone(-20, seconds: 1)
        #expect(abs(dual.loudness.integrated - one.loudness.integrated - 3.0103) < 1e-4)
    }

    @Test func `weights follow the position`() {
        func weights(_ list: String) -> [Double] {
            MeterConfiguration.weights(of: ChannelLayout(list: list)!, isDualMono: false)
        }
        #expect(weights("FL,FR,FC,LFE,RL,RR") == [1, 1, 1, 0, 1.41, 1.41])
        #expect(weights("FL,FR,RL,RR,FC,LFE,SL,SR") == [1, 1, 1, 1, 1, 0, 1.41, 1.41])
        #expect(weights("UNKNOWN,UNKNOWN,TFL") == [1, 1, 1])
        var all = MeterRig(layout: Array(repeating: .unknown, count: 64))
        all.tone(-40, seconds: 1)
        // 64 channels of equal weight: 18.06 dB above one.
        #expect(abs(all.loudness.integrated - (-43.01 + 18.06)) < 0.1)
    }

    /// BS.1770-5, tables 1 and 2.
    @Test func `the filters are those of the standard at 48 kHz`() {
        let filters = KWeighting(rate: 48_000)
        let wanted: [(Double, Double)] = [
            (filters.shelf.b0, 1.53512485958697), (filters.shelf.b1, -2.69169618940638),
            (filters.shelf.b2, 1.19839281085285), (filters.shelf.a1, -1.69065929318241),
            (filters.shelf.a2, 0.73248077421585), (filters.highPass.b0, 1), (filters.highPass.b1, -2),
            (filters.highPass.b2, 1), (filters.highPass.a1, -1.99004745483398),
            (filters.highPass.a2, 0.99007225036621),
        ]
        for (value, number) in wanted { #expect(abs(value - number) < 1e-8, "\(value) \(number)") }
    }

    @Test(arguments: [8_000, 16_000, 22_050, 32_000, 88_200, 384_000])
    func `a tone is as loud at every rate`(_ rate: Int) {
        var rig = MeterRig(rate: rate)
        // 1 kHz has whole periods in a hundredth of a second, whatever the rate.
        guard rate % 100 == 0 else {
            let samples = (0..<rate * 2).flatMap { frame -> [Float] in
                let wave = Float(amplitude(decibels: -23) * sin(2 * .pi * 1000 * Double(frame) / Double(rate)))
                return [wave, wave]
            }
            rig.feed(samples)
            #expect(abs(rig.loudness.integrated + 23) < 0.05)
            return
        }
        rig.tone(-23, seconds: 2)
        // At 8 kHz the shelf is bent by the nearness of half the rate.
        #expect(abs(rig.loudness.integrated + 23) < (rate < 16_000 ? 0.3 : 0.06), "\(rig.loudness.integrated)")
    }

    @Test func `several sounds have one loudness`() {
        var both = MeterRig()
        var first = MeterRig()
        var second = MeterRig()
        for (level, seconds) in [(-20.0, 20.0), (-30.0, 20.0)] {
            both.tone(level, seconds: seconds)
            if level == -20 { first.tone(level, seconds: seconds) } else { second.tone(level, seconds: seconds) }
        }
        var album = ProgrammeLoudness()
        first.meter.add(to: &album)
        second.meter.add(to: &album)
        #expect(abs(album.reading.integrated - both.loudness.integrated) < 0.05)
        #expect(abs(album.reading.range - 10) < 0.1)
        #expect(album.reading.maxMomentary == first.loudness.maxMomentary)
    }

    /// In a process of its own, where nothing else takes memory. A week takes minutes: AUP_SOAK (`make soak`); else an
    /// hour.
    @Test(Sanitizer.leavesMemory)
    func `a week of sound takes no more memory than its first seconds`() async {
        await #expect(processExitsWith: .success) {
            let isLong = ProcessInfo.processInfo.environment["AUP_SOAK"] != nil
            let turns = (isLong ? 7 * 24 : 1) * 360
            var rig = MeterRig()
            let piece = variedSound(frames: 480_000, channels: 2, rate: 48_000, seed: 21)
            rig.feed(piece)
            let before = try residentKilobytes()
            for _ in 1..<turns { rig.feed(piece) }
            let grown = try residentKilobytes() - before
            // Of its histograms, the pages that were not touched before.
            guard grown < 1_000, rig.loudness.integrated.isFinite, rig.meter.frames == Int64(turns) * 480_000 else {
                exit(1)
            }
        }
    }
}

private func residentKilobytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return Int(line?.split(separator: " ").dropLast().last ?? "") ?? 0
}
