public import AupSound
internal import CRealtime

/// Turns samples of one format into samples of another, interleaved or planar.
///
/// Full scale is 2^(bits-1) steps, so the integer -2^(bits-1) is -1.0; +1.0 itself lies one step above the scale and
/// clips. To a wider format every sample is exact. To a narrower one, samples that already lie on the target's grid
/// stay what they are, sample by sample, and only the others are dithered (triangular, two steps peak to peak): so
/// 16 bit sound that travelled as float comes back bit by bit. G.711 has no even grid: samples are brought to 16 bits
/// and companded as the recommendation says. Samples that are not numbers become silence, infinities and what lies
/// beyond full scale of an integer format clips; both are counted. Finite floats beyond ±1 pass to float formats
/// untouched. Between equal integer formats the bytes are copied.
///
/// The dither of a sample depends on its number alone, so the result is the same whatever the blocks.
///
/// - Thread: audio; a plain value, one a stream.
public struct SampleConverter: Sendable {
    public let source: SampleFormat
    public let target: SampleFormat
    /// The codes the kernels know the formats by.
    private let sourceCode: Int32
    private let targetCode: Int32
    /// Where the stream stands in the dither sequence.
    private var ditherPosition: UInt32
    /// Runs the kernels built for the oldest machine: tests compare both.
    var isPlain = false

    /// - Parameter seed: streams with different seeds are dithered differently.
    /// - Thread: any.
    public init(from source: SampleFormat, to target: SampleFormat, seed: UInt32 = 0) {
        self.source = source
        self.target = target
        sourceCode = Int32(source.rawValue)
        targetCode = Int32(target.rawValue)
        // The golden ratio spreads small seeds over the sequence (Knuth, TAOCP 3, 6.4).
        ditherPosition = seed &* 0x9E37_79B9
    }

    // MARK: - Audio thread

    /// Converts interleaved samples of format `source` into interleaved samples of format `target`; any alignment, no
    /// overlap. Returns how many samples were clipped or were not numbers.
    ///
    /// - Parameter samples: frames times channels.
    @_noLocks
    public mutating func convert(
        from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, samples: Int
    ) -> Int {
        precondition(samples >= 0)
        if isPlain { return unsafe aup_convert_plain(source, sourceCode, target, targetCode, samples, &ditherPosition) }
        return unsafe aup_convert(source, sourceCode, target, targetCode, samples, &ditherPosition)
    }

    /// Converts interleaved samples of format `source` into one array of floats a channel, from the beginning of each.
    /// Returns how many samples were not finite numbers.
    ///
    /// - Parameter planes: a table of `channels` pointers to at least `frames` floats each, none overlapping.
    @_noLocks
    public func deinterleave(
        from source: UnsafeRawPointer, to planes: UnsafePointer<UnsafeMutablePointer<Float>>, channels: Int,
        frames: Int
    ) -> Int {
        precondition(frames >= 0 && channels > 0 && channels <= mostChannels)
        return unsafe planes.withMemoryRebound(to: UnsafeMutablePointer<Float>?.self, capacity: channels) { table in
            if isPlain { return unsafe aup_deinterleave_plain(source, sourceCode, table, channels, frames) }
            return unsafe aup_deinterleave(source, sourceCode, table, channels, frames)
        }
    }

    /// Converts one array of floats a channel into interleaved samples of format `target`. Returns how many samples
    /// were clipped or were not numbers.
    ///
    /// - Parameter planes: a table of `channels` pointers to at least `frames` floats each.
    @_noLocks
    public mutating func interleave(
        from planes: UnsafePointer<UnsafeMutablePointer<Float>>, to target: UnsafeMutableRawPointer, channels: Int,
        frames: Int
    ) -> Int {
        precondition(frames >= 0 && channels > 0 && channels <= mostChannels)
        return unsafe planes.withMemoryRebound(to: UnsafeMutablePointer<Float>?.self, capacity: channels) { table in
            if isPlain {
                return unsafe aup_interleave_plain(table, channels, target, targetCode, frames, &ditherPosition)
            }
            return unsafe aup_interleave(table, channels, target, targetCode, frames, &ditherPosition)
        }
    }
}

/// `Limits.channels`, repeated because the value of another module is fetched through a function that promises
/// nothing; a test compares the two.
let mostChannels = 64
