import AupResampling
import AupSound
import Glibc
import Testing

@Suite struct ResamplerTests {
    private func resample(
        _ input: [Double], _ from: Int, _ to: Int, _ quality: ResamplingQuality = .high, block: Int = 1000
    ) throws -> [Double] {
        var resampler = try Resampler(from: from, to: to, channels: 1, quality: quality)
        var output: [Double] = []
        let room = resampler.roomFrames(forSource: block)
        let space = UnsafeMutablePointer<Double>.allocate(capacity: room)
        defer { unsafe space.deallocate() }
        var done = 0
        while done < input.count {
            let count = min(block, input.count - done)
            let (taken, made) = try unsafe input.withUnsafeBufferPointer { buffer in
                try unsafe resampler.process(buffer.baseAddress! + done, frames: count, into: space, room: room)
            }
            done += taken
            for index in 0..<made { unsafe output.append(space[index]) }
        }
        while true {
            let made = try unsafe resampler.finish(into: space, room: room)
            if made == 0 { break }
            for index in 0..<made { unsafe output.append(space[index]) }
        }
        return output
    }

    private func sine(_ hertz: Double, _ rate: Int, _ frames: Int) -> [Double] {
        (0..<frames).map { 0.5 * sin(2 * .pi * hertz * Double($0) / Double(rate)) }
    }

    @Test(arguments: [(44_100, 48_000), (48_000, 44_100), (8_000, 48_000), (96_000, 44_100), (11_025, 192_000)])
    func `as many frames come out as went in, times the ratio`(from: Int, to: Int) throws {
        for frames in [1, 7, 441, 10_000, 44_101] {
            let made = try resample(sine(440, from, frames), from, to).count
            #expect(made == Int(Resampler.length(of: Int64(frames), from: from, to: to)), "\(frames)")
        }
        #expect(Resampler.length(of: 44_100, from: 44_100, to: 48_000) == 48_000)
        #expect(Resampler.length(of: 0, from: 44_100, to: 48_000) == 0)
    }

    /// Decibels that the high qualities promise, with what a sine in the middle of a second leaves.
    @Test(arguments: [(ResamplingQuality.low, -80.0), (.medium, -90), (.high, -115), (.veryHigh, -150)])
    func `a sine is the same sine at the same time at the other rate`(
        quality: ResamplingQuality, decibelsLeft: Double
    ) throws {
        for (from, to) in [(44_100, 48_000), (48_000, 44_100)] {
            let made = try resample(sine(1000, from, from), from, to, quality)
            let wanted = sine(1000, to, to)
            var squares = 0.0
            for index in to / 4..<to / 2 { squares += (made[index] - wanted[index]) * (made[index] - wanted[index]) }
            let left = decibels(amplitude: (squares / Double(to / 4) * 2).squareRoot() / 0.5)
            #expect(left < decibelsLeft, "\(quality) \(from) to \(to): \(left) dB")
        }
    }

    @Test func `the cut into blocks cannot be heard`() throws {
        let input = sine(997, 44_100, 20_000)
        #expect(try resample(input, 44_100, 48_000, block: 20_000) == (try resample(input, 44_100, 48_000, block: 333)))
    }

    @Test func `planes of floats give what frames of floats give`() throws {
        var interleaved = try Resampler(from: 44_100, to: 48_000, channels: 2, sampleFormat: .f32)
        var planar = try Resampler(from: 44_100, to: 48_000, channels: 2, sampleFormat: .f32, arrangement: .planar)
        let frames = 5000
        let left = (0..<frames).map { Float(sin(Double($0) / 10)) }
        let right = (0..<frames).map { Float(cos(Double($0) / 17)) }
        var both: [Float] = []
        for frame in 0..<frames { both += [left[frame], right[frame]] }
        let room = interleaved.roomFrames(forSource: frames)
        var mixed = [Float](repeating: 0, count: 2 * room)
        var leftOut = [Float](repeating: 0, count: room)
        var rightOut = leftOut
        let first = try unsafe mixed.withUnsafeMutableBytes { target in
            try unsafe both.withUnsafeBytes {
                try unsafe interleaved.process($0.baseAddress!, frames: frames, into: target.baseAddress!, room: room)
            }
        }
        let second = try unsafe leftOut.withUnsafeMutableBufferPointer { one in
            try unsafe rightOut.withUnsafeMutableBufferPointer { two in
                try unsafe left.withUnsafeBufferPointer { leftIn in
                    try unsafe right.withUnsafeBufferPointer { rightIn in
                        var sources = unsafe [leftIn.baseAddress!, rightIn.baseAddress!]
                        var targets = unsafe [one.baseAddress!, two.baseAddress!]
                        return try unsafe planar.process(
                            &sources, frames: frames, into: &targets, room: room)
                    }
                }
            }
        }
        #expect(first == second)
        for frame in 0..<first.made {
            #expect(mixed[2 * frame] == leftOut[frame] && mixed[2 * frame + 1] == rightOut[frame])
        }
    }

    @Test func `a missing library is named as Debian has it`() {
        let text = ResamplingError.missingLibrary(why: "libsoxr.so.0: cannot open").message
        #expect(text.contains("libsoxr0") && !text.contains("\n"))
    }
}
