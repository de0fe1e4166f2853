import AupSound
import Glibc

/// A sine that begins and ends softly, made beforehand in the device's own format, so that playing it is copying.
///
///     fade in ─▶ body ─▶ body ─▶ … ─▶ fade out ─▶ over        each as long as the body, which is whole cycles
///
/// - Thread: control makes it; audio while it plays.
@safe struct TestTone: ~Copyable {
    /// What loudspeakers and ears agree on.
    static let hertz = 1000
    /// Clicks are heard below that.
    static let leastFadeSeconds = 0.01

    // Owned by this value alone, which frees it.
    private let memory: UnsafeMutableRawPointer
    private let partFrames: Int
    private let frameBytes: Int
    private var part = 0
    private var offset = 0
    private var isEnding = false

    init(_ format: PCMFormat, levelDecibels: Double) {
        // Four samples a cycle are the fewest that look like a sine at every phase.
        let hertz = min(Self.hertz, format.rate / 4)
        let cycles = Self.commonDivisor(format.rate, hertz)
        let loop = format.rate / cycles
        partFrames = loop * max(1, Int((Double(format.rate) * Self.leastFadeSeconds / Double(loop)).rounded(.up)))
        frameBytes = format.frameBytes
        let samples = 3 * partFrames * format.channels
        var floats = [Float](repeating: 0, count: samples)
        let peak = amplitude(decibels: levelDecibels)
        for frame in 0..<3 * partFrames {
            let turns = Double(frame % loop * (hertz / cycles)) / Double(loop)
            let place = Double(frame % partFrames) / Double(partFrames)
            let fade = frame < partFrames ? place : frame < 2 * partFrames ? 1 : 1 - place
            let value = Float(peak * fade * sin(2 * .pi * turns))
            for channel in 0..<format.channels { floats[frame * format.channels + channel] = value }
        }
        unsafe memory = .allocate(byteCount: samples * format.sampleFormat.bytesPerSample, alignment: 64)
        let target = unsafe UnsafeMutableRawBufferPointer(
            start: memory, count: samples * format.sampleFormat.bytesPerSample)
        var converter = SampleConverterSlot()
        converter.plan(from: .f32, to: format.sampleFormat)
        unsafe floats.withUnsafeBytes { unsafe converter.convert($0, into: target, samples: samples) }
    }

    /// No tone at all: it is over.
    init() {
        unsafe memory = .allocate(byteCount: 1, alignment: 1)
        (partFrames, frameBytes, part) = (0, 0, 3)
    }

    deinit { unsafe memory.deallocate() }

    /// Euclid's.
    private static func commonDivisor(_ left: Int, _ right: Int) -> Int {
        var (left, right) = (left, right)
        while right != 0 { (left, right) = (right, left % right) }
        return left
    }

    // MARK: - Audio thread

    var isOver: Bool {
        @_noLocks get { part > 2 }
    }

    /// No more bodies: the tone fades out.
    @_noLocks
    mutating func end() { isEnding = true }

    /// Gives the device up to `frames` frames; returns how many it took.
    @_noLocks
    mutating func play(into port: DevicePort, frames: Int) -> Int {
        var total = 0
        while total < frames, part <= 2 {
            let count = min(frames - total, partFrames - offset)
            let source = unsafe memory + (part * partFrames + offset) * frameBytes
            guard case .ready(let moved) = unsafe port.write(from: source, frames: count), moved > 0 else { break }
            total += moved
            offset += moved
            if offset == partFrames {
                offset = 0
                if part != 1 || isEnding { part += 1 }
            }
        }
        return total
    }
}
