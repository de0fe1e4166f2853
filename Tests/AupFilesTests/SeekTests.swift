import AupFiles
import AupOpus
import AupSound
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: ToolRun.find("ffmpeg") != nil, "ffmpeg is not installed"))
struct `Seeking in sound files` {
    /// All kinds together: ten thousand seeks in full, a few hundred in the short form.
    private static let seeks =
        (ProcessInfo.processInfo.environment["AUP_SOAK"] == nil ? 600 : 10_000) / ReaderFiles.kinds.count + 1

    @Test(arguments: ReaderFiles.kinds)
    func `every seek gives what reading from the beginning gives`(kind: ReaderFiles.Kind) throws {
        let path = try ReaderFiles.path(kind)
        let reader = try SoundFileReader(path: path, opus: .library)
        let frameBytes = reader.format.frameBytes
        let reference = try SoundFileReader(path: path, opus: .library).takeAll()
        let total = reference.count / frameBytes
        #expect(reader.totalFrames == Int64(total))
        var random = Wheel(seed: 7)
        var worst: Float = 0
        for seek in 0..<Self.seeks {
            // The ends are where decoders go wrong.
            let frame =
                switch seek % 8 {
                case 6: total - 1 - Int(random.next() % 6000)
                case 7: Int(random.next() % 3000)
                default: Int(random.next() % UInt64(total))
                }
            let count = 1 + Int(random.next() % 3000)
            try reader.seek(to: Int64(frame))
            #expect(reader.position == Int64(frame))
            let block = try reader.take(count)
            let expected = reference[(frame * frameBytes)..<(min(frame + count, total) * frameBytes)]
            if kind.isLossless {
                let isSame = block == Array(expected)
                #expect(isSame, "\(kind.name): frame \(frame)")
            } else {
                let steps = steps16(block[...], expected)
                worst = max(worst, steps)
                #expect(steps < 1, "\(kind.name): frame \(frame), \(count) frames, \(steps) steps")
            }
        }
        #expect(reader.damagedPieces == 0)
        #expect(worst < 1)
    }

    @Test(arguments: ReaderFiles.kinds.filter(\.isLossless))
    func `lossless files give the samples they were made of`(kind: ReaderFiles.Kind) throws {
        let reader = try SoundFileReader(path: try ReaderFiles.path(kind), opus: .library)
        let bytes = try reader.takeAll()
        let width = reader.format.sampleFormat.bytesPerSample
        #expect(bytes.count == ReaderFiles.samples.count * width)
        let isSame = unsafe bytes.withUnsafeBytes { bytes in
            ReaderFiles.samples.indices.allSatisfy { index in
                let sample = ReaderFiles.samples[index]
                let place = index * width
                return switch reader.format.sampleFormat {
                case .s16: unsafe bytes.loadUnaligned(fromByteOffset: place, as: Int16.self) == sample
                case .s24: unsafe bytes.loadUnaligned(fromByteOffset: place, as: Int32.self) == Int32(sample) << 8
                case .s24Packed:
                    unsafe bytes[place] == 0
                        && bytes.loadUnaligned(fromByteOffset: place + 1, as: Int16.self) == sample
                case .f32:
                    unsafe bytes.loadUnaligned(fromByteOffset: place, as: Float.self) == Float(sample) / 32_768
                default: false
                }
            }
        }
        #expect(isSame, "\(reader.format.summary)")
    }

    @Test func `a seek beyond the end is at the end, and back from it all is there`() throws {
        let reader = try SoundFileReader(path: try ReaderFiles.path(named: "a.flac"), opus: .library)
        try reader.seek(to: 1 << 40)
        #expect(try reader.take(10).isEmpty)
        try reader.seek(to: 0)
        #expect(try reader.take(1000).count == 4000)
        #expect(reader.cutOff == nil)
    }
}

/// Numbers that look random and are the same every run (SplitMix64).
struct Wheel {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
