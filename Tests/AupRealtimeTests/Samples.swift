import AupSound

@testable import AupRealtime

/// Samples of one format as the bytes they are stored as.
struct Samples: Equatable {
    let format: SampleFormat
    var bytes: [UInt8]

    var count: Int { bytes.count / format.bytesPerSample }

    init(_ format: SampleFormat, bytes: [UInt8]) {
        self.format = format
        self.bytes = bytes
    }

    /// Integers as steps of the format's own scale; u8 without its offset.
    init(_ format: SampleFormat, steps: some Collection<Int>) {
        self.format = format
        bytes = []
        let width = format.bytesPerSample
        bytes.reserveCapacity(steps.count * width)
        let offset = format == .u8 ? 128 : 0
        for step in steps {
            var stored = step + offset
            for _ in 0..<width {
                bytes.append(UInt8(truncatingIfNeeded: stored))
                stored >>= 8
            }
        }
    }

    init(floats: [Float]) {
        unsafe self.init(.f32, bytes: floats.withUnsafeBytes { unsafe Array($0) })
    }

    init(doubles: [Double]) {
        unsafe self.init(.f64, bytes: doubles.withUnsafeBytes { unsafe Array($0) })
    }

    /// The samples of an integer format as steps of its scale.
    var steps: [Int] {
        let width = format.bytesPerSample
        let unused = Int.bitWidth - 8 * width
        let offset = format == .u8 ? 128 : 0
        return unsafe bytes.withUnsafeBytes { bytes in
            (0..<count).map { index in
                var value = 0
                for byte in 0..<width { value |= unsafe Int(bytes[index * width + byte]) << (8 * byte) }
                return offset > 0 ? value - offset : (value << unused) >> unused
            }
        }
    }

    var floats: [Float] {
        unsafe bytes.withUnsafeBytes { unsafe Array($0.assumingMemoryBound(to: Float.self)) }
    }

    var doubles: [Double] {
        unsafe bytes.withUnsafeBytes { unsafe Array($0.assumingMemoryBound(to: Double.self)) }
    }

    /// All bit patterns a format can hold, or many of them: with floats also what is no number.
    static func noise(_ format: SampleFormat, count: Int, seed: UInt64) -> Samples {
        var wheel = Wheel(seed: seed)
        switch format {
        case .f32:
            return Samples(
                floats: (0..<count).map { index in
                    index % 50 == 7 ? Float(bitPattern: UInt32(truncatingIfNeeded: wheel.next())) : Float(wheel.unit())
                })
        case .f64:
            return Samples(
                doubles: (0..<count).map { index in
                    index % 50 == 7 ? Double(bitPattern: wheel.next()) : wheel.unit()
                })
        default:
            return Samples(
                format, bytes: (0..<count * format.bytesPerSample).map { _ in UInt8(truncatingIfNeeded: wheel.next()) })
        }
    }
}

extension SampleConverter {
    /// Everything through at once, or cut into blocks, from and to an address `offset` bytes off any alignment.
    mutating func converted(_ samples: Samples, blocks: [Int] = [], offset: Int = 0) -> (Samples, clipped: Int) {
        let count = samples.count
        let padded = [UInt8](repeating: 0, count: offset) + samples.bytes
        var result = [UInt8](repeating: 0, count: offset + count * target.bytesPerSample)
        var clipped = 0
        unsafe padded.withUnsafeBytes { input in
            unsafe result.withUnsafeMutableBytes { output in
                guard let from = input.baseAddress, let to = output.baseAddress else { return }
                var done = 0
                var cuts = blocks.makeIterator()
                while done < count {
                    let block = min(cuts.next() ?? count, count - done)
                    clipped += unsafe convert(
                        from: from + offset + done * source.bytesPerSample,
                        to: to + offset + done * target.bytesPerSample, samples: block)
                    done += block
                }
            }
        }
        return (Samples(target, bytes: Array(result.dropFirst(offset))), clipped)
    }
}

/// One conversion with a fresh converter.
func convert(_ samples: Samples, to target: SampleFormat) -> (samples: Samples, clipped: Int) {
    var converter = SampleConverter(from: samples.format, to: target)
    let (converted, clipped) = converter.converted(samples)
    return (converted, clipped)
}

/// Planar floats with the table of pointers the real-time functions take.
@safe
struct Planes: ~Copyable {
    let channels: Int
    let frames: Int
    let table: UnsafeMutablePointer<UnsafeMutablePointer<Float>>

    init(channels: Int, frames: Int) {
        self.channels = channels
        self.frames = frames
        unsafe table = .allocate(capacity: channels)
        for channel in 0..<channels {
            let plane = UnsafeMutablePointer<Float>.allocate(capacity: max(frames, 1))
            unsafe plane.initialize(repeating: 0, count: max(frames, 1))
            unsafe (table + channel).initialize(to: plane)
        }
    }

    deinit {
        for channel in 0..<channels { unsafe table[channel].deallocate() }
        unsafe table.deallocate()
    }

    var pointers: UnsafePointer<UnsafeMutablePointer<Float>> { unsafe UnsafePointer(table) }

    subscript(channel: Int, frame: Int) -> Float {
        get { unsafe table[channel][frame] }
        nonmutating set { unsafe table[channel][frame] = newValue }
    }

    /// The planes as interleaved floats.
    var interleaved: [Float] {
        (0..<frames * channels).map { self[$0 % channels, $0 / channels] }
    }
}
