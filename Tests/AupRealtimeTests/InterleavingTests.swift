import AupSound
import Testing

@testable import AupRealtime

@Suite struct InterleavingTests {
    private let frames = 1500

    @Test(arguments: [1, 2, 3, 5, 8, 17, 64])
    func `planes hold what the interleaved conversion gives, and come back bit by bit`(_ channels: Int) {
        for format in SampleFormat.allCases {
            let samples = Samples.noise(format, count: frames * channels, seed: 21)
            let planes = Planes(channels: channels, frames: frames)
            var converter = SampleConverter(from: format, to: format, seed: 9)
            let clipped = unsafe samples.bytes.withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress else { return 0 }
                return unsafe converter.deinterleave(
                    from: base, to: planes.pointers, channels: channels, frames: frames)
            }
            let wanted = convert(samples, to: .f32)
            #expect(planes.interleaved.map(\.bitPattern) == wanted.samples.floats.map(\.bitPattern))
            #expect(clipped == wanted.clipped)

            var back = [UInt8](repeating: 0, count: samples.bytes.count)
            let clippedBack = unsafe back.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return 0 }
                return unsafe converter.interleave(
                    from: planes.pointers, to: base, channels: channels, frames: frames)
            }
            var direct = SampleConverter(from: .f32, to: format, seed: 9)
            let again = direct.converted(wanted.samples)
            #expect(back == again.0.bytes, "\(format.name)")
            #expect(clippedBack == again.clipped)
            if [.u8, .s16, .s24Packed, .alaw].contains(format) { #expect(back == samples.bytes) }
        }
    }

    @Test(arguments: [1, 2, 7])
    func `every machine makes the same planes`(_ channels: Int) {
        for format in SampleFormat.allCases {
            let samples = Samples.noise(format, count: frames * channels, seed: 4)
            var results: [[UInt8]] = []
            var floats: [[UInt32]] = []
            for isPlain in [false, true] {
                let planes = Planes(channels: channels, frames: frames)
                var converter = SampleConverter(from: format, to: format, seed: 2)
                converter.isPlain = isPlain
                var back = [UInt8](repeating: 0, count: samples.bytes.count)
                unsafe samples.bytes.withUnsafeBytes { from in
                    unsafe back.withUnsafeMutableBytes { to in
                        guard let from = from.baseAddress, let to = to.baseAddress else { return }
                        _ = unsafe converter.deinterleave(
                            from: from, to: planes.pointers, channels: channels, frames: frames)
                        _ = unsafe converter.interleave(
                            from: planes.pointers, to: to, channels: channels, frames: frames)
                    }
                }
                floats.append(planes.interleaved.map(\.bitPattern))
                results.append(back)
            }
            #expect(floats[0] == floats[1])
            #expect(results[0] == results[1])
        }
    }

    @Test func `the wing and the values agree on the largest number of channels`() {
        #expect(mostChannels == Limits.channels)
    }
}
