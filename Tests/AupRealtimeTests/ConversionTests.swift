import AupSound
import Testing

@testable import AupRealtime

/// The formats whose samples are evenly spaced integers, from narrow to wide.
private let integerFormats: [SampleFormat] = [.u8, .s16, .s24, .s24Packed, .s32]

/// What every pair of formats must keep.
@Suite struct ConversionTests {
    @Test func `every 8 and 16 bit sample comes back from every wider format`() {
        for narrow in [SampleFormat.u8, .s16] {
            let half = 1 << (narrow.significantBits - 1)
            let all = Samples(narrow, steps: -half..<half)
            for wide in SampleFormat.allCases where wide.significantBits >= narrow.significantBits {
                guard wide != .alaw, wide != .mulaw else { continue }
                let there = convert(all, to: wide)
                let back = convert(there.samples, to: narrow)
                #expect(back.samples == all, "\(narrow.name) by way of \(wide.name)")
                #expect(there.clipped == 0 && back.clipped == 0)
            }
        }
    }

    @Test func `a wider integer is an exact shift and a float an exact fraction`() {
        let all = Samples(.s16, steps: -32768..<32768)
        for wide in [SampleFormat.s24, .s24Packed, .s32] {
            let shift = wide.significantBits - 16
            #expect(convert(all, to: wide).samples.steps == (-32768..<32768).map { $0 << shift })
        }
        #expect(convert(all, to: .f32).samples.floats == (-32768..<32768).map { Float($0) / 32768 })
        #expect(convert(all, to: .f64).samples.doubles == (-32768..<32768).map { Double($0) / 32768 })
        let bytes = Samples(.u8, steps: -128..<128)
        #expect(bytes.bytes == (0...255).map { UInt8($0) })
        #expect(convert(bytes, to: .f32).samples.floats == (-128..<128).map { Float($0) / 128 })
    }

    @Test(arguments: [SampleFormat.s24, .s24Packed])
    func `24 bits pass through floats bit by bit`(_ format: SampleFormat) {
        var wheel = Wheel(seed: 24)
        let ends = [-8_388_608, -8_388_607, 8_388_607, 8_388_606, -1, 0, 1]
        let samples = Samples(format, steps: ends + (0..<200_000).map { _ in Int(wheel.next() >> 40) - 8_388_608 })
        for by in [SampleFormat.f32, .f64, .s32] {
            let back = convert(convert(samples, to: by).samples, to: format)
            #expect(back.samples == samples)
            #expect(back.clipped == 0)
        }
    }

    @Test func `32 bits pass through doubles bit by bit`() {
        var wheel = Wheel(seed: 32)
        let ends = [Int(Int32.min), Int(Int32.min) + 1, Int(Int32.max), Int(Int32.max) - 1, -1, 0, 1]
        let samples = Samples(
            .s32, steps: ends + (0..<200_000).map { _ in Int(Int32(truncatingIfNeeded: wheel.next())) })
        let doubles = convert(samples, to: .f64).samples
        #expect(doubles.doubles.prefix(3) == [-1, -1 + 0x1p-31, 1 - 0x1p-31])
        let back = convert(doubles, to: .s32)
        #expect(back.samples == samples)
        #expect(back.clipped == 0)
    }

    @Test func `32 bits become the nearest float`() {
        var wheel = Wheel(seed: 33)
        let steps = (0..<50_000).map { _ in Int(Int32(truncatingIfNeeded: wheel.next())) }
        let floats = convert(Samples(.s32, steps: steps), to: .f32).samples.floats
        #expect(floats == steps.map { Float($0) * 0x1p-31 })
    }

    @Test func `the top byte of a 24 bit sample in four bytes does not matter`() {
        let clean = Samples(.s24, steps: [-8_388_608, -1, 0, 8_388_607])
        var dirty = clean
        for index in stride(from: 3, to: 16, by: 4) { dirty.bytes[index] = 0x5A }
        for target in [SampleFormat.f32, .f64, .s32, .s24Packed, .s16] {
            #expect(convert(dirty, to: target).samples == convert(clean, to: target).samples)
        }
    }

    /// Rounding is half a step, dither less than one: no sample may lie further off, and none that was on the grid may
    /// have moved at all.
    @Test func `a narrower format is within one and a half steps, and exact on its grid`() {
        let count = 30_000
        for source in [SampleFormat.s16, .s24, .s24Packed, .s32, .f32, .f64] {
            var wheel = Wheel(seed: UInt64(source.rawValue))
            let exact: [Double] = (0..<count).map { index in
                let value = wheel.unit()
                return index % 3 == 0 ? (value * 100).rounded() / 128 : value
            }
            let samples = convert(Samples(doubles: exact), to: source).samples
            // What the source holds, exactly.
            let held = convert(samples, to: .f64).samples.doubles
            for target in integerFormats where target.significantBits < source.significantBits || source == .f32 {
                let scale = Double(1 << (target.significantBits - 1))
                let steps = convert(samples, to: target).samples.steps
                var wrong = 0
                for (value, step) in zip(held, steps) {
                    let wanted = value * scale
                    let highest = scale - 1
                    if wanted == wanted.rounded(), wanted <= highest {
                        if Double(step) != wanted { wrong += 1 }
                    } else if abs(Double(step) - min(wanted, highest)) >= 1.5 {
                        wrong += 1
                    }
                }
                #expect(wrong == 0, "\(source.name) to \(target.name)")
            }
        }
    }

    @Test func `equal formats are copied byte by byte`() {
        for format in SampleFormat.allCases where !format.isFloatingPoint {
            let samples = Samples.noise(format, count: 5000, seed: 3)
            #expect(convert(samples, to: format).samples == samples)
        }
        let floats = Samples(floats: [0, -0.0, .leastNonzeroMagnitude, 3.5, -7, .greatestFiniteMagnitude, 0.1])
        #expect(convert(floats, to: .f32).samples == floats)
        let doubles = Samples(doubles: [0, -0.0, .leastNonzeroMagnitude, 3.5, -7, .greatestFiniteMagnitude, 0.1])
        #expect(convert(doubles, to: .f64).samples == doubles)
        #expect(convert(doubles, to: .f64).clipped == 0)
    }

    @Test func `the cut into blocks cannot be heard`() {
        for source in SampleFormat.allCases {
            for target in SampleFormat.allCases {
                let samples = Samples.noise(source, count: 3000, seed: 11)
                var whole = SampleConverter(from: source, to: target, seed: 5)
                var cut = SampleConverter(from: source, to: target, seed: 5)
                let once = whole.converted(samples)
                let pieces = cut.converted(samples, blocks: [1, 2, 500, 17, 1024, 1])
                #expect(once.0 == pieces.0, "\(source.name) to \(target.name)")
                #expect(once.clipped == pieces.clipped)
            }
        }
    }

    @Test func `every machine makes the same samples, at any address`() {
        for source in SampleFormat.allCases {
            for target in SampleFormat.allCases {
                let samples = Samples.noise(source, count: 2777, seed: 99)
                var chosen = SampleConverter(from: source, to: target, seed: 1)
                var plain = chosen
                plain.isPlain = true
                let fast = chosen.converted(samples)
                let slow = plain.converted(samples, offset: 1)
                #expect(fast.0 == slow.0, "\(source.name) to \(target.name)")
                #expect(fast.clipped == slow.clipped)
            }
        }
    }
}
