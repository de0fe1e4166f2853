public import AupSound
internal import CRealtime
internal import Glibc

/// The power of a sound in bands, a few times a second: Hann's window over half overlapping pieces, a Fourier
/// transform of two channels at a time, and the sum of the bins of each band.
///
/// A sine reads its mean square (full scale: -3.01 dB) in the band it lies in, and bands of noise add up to the mean
/// square of all. A bin that an edge cuts counts on both sides by its share. Bands narrower than two bins, at the low
/// end, cannot be told apart from their neighbours: a bin is the rate over ``size``, 2.9 Hz for 16384 at 48 kHz.
///
/// The transform is our own, because the usual library (FFTW) plans under a lock and chooses its code by timing: it
/// would be neither safe here nor the same on each run. Radix 2 is enough for a few transforms a second.
///
/// - Thread: audio, one at a time; made on a control thread, after which it neither allocates nor waits. The call that
///   completes a piece does all the work: less than a millisecond for two channels and 16384 frames.
@safe
public struct SpectrumMeter: ~Copyable {
    public let bands: SpectrumBands
    public let channels: Int
    /// Frames of a piece.
    public let size: Int
    /// How many times the bands were made: a reader can see that there is something new.
    public private(set) var pieces = 0
    /// How long a peak stands still, and how fast it falls then.
    public let holdSeconds: Double
    public let fallDecibelsPerSecond: Double

    private let formatCode: Int32
    private let sampleBytes: Int
    private let rate: Int
    private var filled = 0
    /// Frames of silence since the last sound, as far as they matter.
    private var emptyFrames = 0
    // Owned alone by this value, freed in its deinit.
    private let sound: UnsafeMutablePointer<Float>
    private let window: UnsafeMutablePointer<Float>
    private let twiddles: UnsafeMutablePointer<Float>
    private let work: UnsafeMutablePointer<Float>
    private let bins: UnsafeMutablePointer<Double>
    private let edges: UnsafeMutablePointer<Double>
    private let powers: UnsafeMutablePointer<Double>
    private let peaks: UnsafeMutablePointer<Double>
    private let ages: UnsafeMutablePointer<Double>
    private let scale: Double
    private let fall: Double

    /// - Parameter size: a power of two from 256 to 65536; what makes bins of 3 Hz, when left out.
    /// - Thread: control.
    public init(
        _ format: SampleFormat, rate: Int, channels: Int, fraction: Int = 3, size: Int? = nil,
        holdSeconds: Double = 1, fallDecibelsPerSecond: Double = 12
    ) {
        precondition((1...mostChannels).contains(channels) && rate > 0)
        var length = 256
        while length < min(rate / 3, 65_536) { length *= 2 }
        let size = size ?? length
        precondition(size >= 256 && size <= 65_536 && size & (size - 1) == 0)
        self.size = size
        self.rate = rate
        self.channels = channels
        self.holdSeconds = holdSeconds
        self.fallDecibelsPerSecond = fallDecibelsPerSecond
        formatCode = Int32(format.rawValue)
        sampleBytes = format.bytesPerSample
        bands = SpectrumBands(fraction: fraction, rate: rate)
        let count = max(bands.count, 1)
        unsafe sound = .allocate(capacity: size * channels)
        unsafe sound.initialize(repeating: 0, count: size * channels)
        unsafe window = .allocate(capacity: size)
        unsafe twiddles = .allocate(capacity: size)
        unsafe work = .allocate(capacity: 4 * size)
        unsafe work.initialize(repeating: 0, count: 4 * size)
        unsafe bins = .allocate(capacity: size / 2 + 1)
        unsafe bins.initialize(repeating: 0, count: size / 2 + 1)
        unsafe edges = .allocate(capacity: 2 * count)
        unsafe powers = .allocate(capacity: 3 * count)
        unsafe powers.initialize(repeating: 0, count: 3 * count)
        unsafe peaks = powers + count
        unsafe ages = powers + 2 * count
        var energy = 0.0
        for index in 0..<size {
            let angle = 2 * Double.pi * Double(index) / Double(size)
            let value = 0.5 - 0.5 * cos(angle)
            unsafe (window + index).initialize(to: Float(value))
            energy += value * value
            if index < size / 2 {
                unsafe (twiddles + index).initialize(to: Float(cos(angle)))
                unsafe (twiddles + size / 2 + index).initialize(to: Float(sin(angle)))
            }
        }
        // One-sided: twice the power of each bin, over the power of the window (Heinzel, Rüdiger, Schilling, 2002).
        scale = 2 / (energy * Double(size))
        for band in 0..<bands.count {
            unsafe (edges + 2 * band).initialize(to: bands.lowerHertz[band] * Double(size) / Double(rate) + 0.5)
            unsafe (edges + 2 * band + 1).initialize(to: bands.upperHertz[band] * Double(size) / Double(rate) + 0.5)
        }
        fall = pow(10, -fallDecibelsPerSecond / 10 * Double(size / 2) / Double(rate))
    }

    deinit {
        unsafe sound.deallocate()
        unsafe window.deallocate()
        unsafe twiddles.deallocate()
        unsafe work.deallocate()
        unsafe bins.deallocate()
        unsafe edges.deallocate()
        unsafe powers.deallocate()
    }

    // MARK: - Audio thread

    /// The mean square in a band, in the mean of all channels.
    @_noLocks
    public func power(band: Int) -> Double {
        precondition(band >= 0 && band < bandCount)
        return unsafe powers[band]
    }

    /// The largest of late, which falls when it has stood for a while.
    @_noLocks
    public func peak(band: Int) -> Double {
        precondition(band >= 0 && band < bandCount)
        return unsafe peaks[band]
    }

    /// Takes interleaved frames at any alignment; returns whether the bands are new.
    @_noLocks
    public mutating func measure(_ source: UnsafeRawPointer, frames count: Int) -> Bool {
        precondition(count >= 0)
        if count > 0 { emptyFrames = 0 }
        var done = 0
        let before = pieces
        while done < count {
            let block = min(count - done, size - filled)
            unsafe aup_measure_load(
                source + done * channels * sampleBytes, formatCode, sound + filled * channels, block * channels, nil)
            filled += block
            done += block
            completePiece()
        }
        return pieces != before
    }

    /// Takes frames that are zero in all channels. When nothing else is in a piece any more they are only counted, so a
    /// silence of years takes no longer than one of some seconds.
    @_noLocks
    public mutating func measureSilence(frames count: Int64) {
        precondition(count >= 0)
        var rest = count
        while rest > 0 {
            if emptyFrames >= 2 * size { return countPieces(frames: rest) }
            let block = Int(min(rest, Int64(size - filled)))
            for sample in filled * channels..<(filled + block) * channels { unsafe sound[sample] = 0 }
            filled += block
            emptyFrames += block
            rest -= Int64(block)
            completePiece()
        }
    }

    /// Passes pieces in which there is nothing: peaks go on falling.
    @_noLocks
    private mutating func countPieces(frames: Int64) {
        let half = Int64(size / 2)
        let place = Int64(filled) - half + frames
        filled = Int(half + place % half)
        let seconds = Double(half) / Double(rate)
        let count = Double(place / half)
        for band in 0..<bandCount {
            unsafe ages[band] += count * seconds
            let over = unsafe min(count, max(0, (ages[band] - holdSeconds) / seconds))
            // Rounded up: a peak that has begun to fall has fallen once.
            let whole = Double(Int(over))
            let falls = whole < over ? whole + 1 : whole
            unsafe peaks[band] *= aup_power_of_decibels(-fallDecibelsPerSecond * seconds * falls)
        }
        if count > 0 { pieces += 1 }
    }

    @_noLocks
    private mutating func completePiece() {
        guard filled == size else { return }
        transform()
        // The later half begins the next piece.
        let half = size / 2 * channels
        for sample in 0..<half { unsafe sound[sample] = sound[half + sample] }
        filled = size / 2
    }

    /// Forgets the sound, the bands and the peaks.
    @_noLocks
    public mutating func reset() {
        for index in 0..<3 * bandCount { unsafe powers[index] = 0 }
        filled = 0
        emptyFrames = 0
        pieces = 0
    }

    private var bandCount: Int { @_noLocks get { unsafe (ages - peaks) } }

    @_noLocks
    private mutating func transform() {
        for bin in 0...size / 2 { unsafe bins[bin] = 0 }
        var channel = 0
        while channel < channels {
            unsafe aup_window(sound, channels, channel, window, work, size)
            if channel + 1 < channels {
                unsafe aup_window(sound, channels, channel + 1, window, work + size, size)
            } else {
                for frame in 0..<size { unsafe work[size + frame] = 0 }
            }
            unsafe aup_power_spectrum(work, size, twiddles, bins, scale / Double(channels))
            channel += 2
        }
        let seconds = Double(size / 2) / Double(rate)
        for band in 0..<bandCount {
            let power = unsafe sum(from: edges[2 * band], to: edges[2 * band + 1])
            unsafe powers[band] = power
            if unsafe power >= peaks[band] {
                unsafe peaks[band] = power
                unsafe ages[band] = 0
            } else {
                unsafe ages[band] += seconds
                if unsafe ages[band] > holdSeconds { unsafe peaks[band] = max(power, peaks[band] * fall) }
            }
        }
        pieces += 1
    }

    /// The power between two places on the axis of bins, where bin k reaches from k to k + 1.
    @_noLocks
    private func sum(from start: Double, to end: Double) -> Double {
        let last = min(end, Double(size / 2 + 1))
        var bin = Int(start)
        var sum = 0.0
        while Double(bin) < last {
            let share = min(last, Double(bin + 1)) - max(start, Double(bin))
            unsafe sum += bins[bin] * share
            bin += 1
        }
        return sum
    }
}
