import AupSound
import Glibc

@testable import AupRealtime

/// A meter that is fed with tones, as the EBU's documents describe them.
@safe
struct MeterRig: ~Copyable {
    var meter: SoundMeter
    let rate: Int
    let channels: Int

    init(
        rate: Int = 48_000, layout: [ChannelPosition] = [.frontLeft, .frontRight], isDualMono: Bool = false,
        format: SampleFormat = .f32
    ) {
        var configuration = MeterConfiguration(
            format: format, rate: rate, layout: ChannelLayout(layout)!)
        configuration.isDualMono = isDualMono
        meter = SoundMeter(configuration)
        self.rate = rate
        channels = layout.count
    }

    /// A sine of 1 kHz with a peak level for each channel; whole hundredths of a second, which are whole periods.
    mutating func tone(_ decibels: [Double], seconds: Double) {
        let frames = rate / 100
        var block = [Float](repeating: 0, count: frames * channels)
        for frame in 0..<frames {
            let wave = sin(2 * .pi * 1000 * Double(frame) / Double(rate))
            for channel in 0..<channels {
                block[frame * channels + channel] = Float(amplitude(decibels: decibels[channel]) * wave)
            }
        }
        for _ in 0..<Int((seconds * 100).rounded()) { feed(block) }
    }

    /// The same in all channels.
    mutating func tone(_ decibels: Double, seconds: Double) {
        tone(Array(repeating: decibels, count: channels), seconds: seconds)
    }

    mutating func silence(seconds: Double) { tone(-.infinity, seconds: seconds) }

    /// Interleaved floats, cut into blocks of so many frames.
    mutating func feed(_ samples: [Float], blocks: [Int] = []) {
        let frames = samples.count / channels
        unsafe samples.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            var done = 0
            var cut = 0
            while done < frames {
                let block = min(blocks.isEmpty ? frames : blocks[cut % blocks.count], frames - done)
                unsafe meter.measure(base + done * channels * 4, frames: block)
                done += block
                cut += 1
            }
        }
    }

    var loudness: LoudnessReading { meter.loudness }
}

/// Readings that must be the same to the bit.
struct MeterState: Equatable {
    var loudness: LoudnessReading
    var levels: [ChannelReading]
    var correlation: Double
    var silence: SilenceReading
    var odd: OddNumbers
    var frames: Int64

    init(_ meter: borrowing SoundMeter) {
        loudness = meter.loudness
        let total = meter.total
        levels = (0..<meter.channels).map { total[$0] }
        correlation = total.correlation
        silence = meter.silence
        odd = meter.oddNumbers
        frames = meter.frames
    }
}

/// Pink-ish noise with speech-like pauses: something that gates and ranges have work with.
func variedSound(frames: Int, channels: Int, rate: Int, seed: UInt64) -> [Float] {
    var wheel = Wheel(seed: seed)
    var slow = [Double](repeating: 0, count: channels)
    var level = 0.1
    var samples: [Float] = []
    samples.reserveCapacity(frames * channels)
    for frame in 0..<frames {
        if frame % (rate / 3) == 0 {
            // -70 to 0 dB, now and then nothing.
            let dice = (wheel.unit() + 1) / 2
            level = dice < 0.1 ? 0 : amplitude(decibels: -46 * (1 - dice))
        }
        for channel in 0..<channels {
            let white = wheel.unit()
            slow[channel] += (white - slow[channel]) * 0.1
            samples.append(Float(level * (slow[channel] * 2 + white * 0.3)))
        }
    }
    return samples
}
