import AupPlot
import Glibc

/// Plots of sound that never was, for tests and for eyes.
enum Programmes {
    /// Something like speech and music: phrases, harmonics, a noise floor.
    static func varied(seconds: Double, channels: Int, rate: Int = 48000) -> Plot {
        var plot = Plot()
        plot.title = "Programme of \(seconds) s"
        plot.seconds = seconds
        plot.facts = [
            "/recordings/2026/programme.wav", "f32, \(rate) Hz, \(channels) channels", "length \(seconds) s",
            "integrated -23.1 LUFS", "range 6.4 LU", "true peak 0.3 dBTP",
        ]
        var random = Random()
        let columns = max(1, min(Int(seconds * 100), 6000))
        let framesPerColumn = max(1, min(100, Int(seconds * Double(rate)) / columns))
        var waveform = WaveformOverview(channels: channels, framesPerColumn: framesPerColumn)
        for column in 0..<columns {
            let level = phrase(Double(column) / Double(columns))
            let high = (0..<channels).map { _ in Float(min(1, level * random.next(0.5, 1))) }
            let low = high.map { -$0 * Float(random.next(0.7, 1)) }
            // Both ends once, and between them what gives it a body.
            for frame in 0..<framesPerColumn {
                waveform.add(
                    (frame == 0 ? high : frame == 1 ? low : high.map { $0 * (frame % 2 == 0 ? 0.35 : -0.35) }).span)
            }
        }
        plot.waveform = waveform

        let bins = 257
        let spectra = max(1, min(Int(seconds * 40), 3000))
        var spectrogram = SpectrogramOverview(bins: bins, rate: rate, secondsPerColumn: seconds / Double(spectra))
        for column in 0..<spectra {
            let place = Double(column) / Double(spectra)
            let level = phrase(place)
            let tone = 110 * pow(2, 2 * (0.5 + 0.5 * sin(place * 40)))
            let powers = (0..<bins).map { bin -> Float in
                let hertz = Double(bin) * Double(rate) / 2 / Double(bins - 1)
                let harmonic = abs(hertz / tone - (hertz / tone).rounded()) * tone < 25 && hertz > 60
                let slope = -30 - 50 * log10(1 + hertz / 800) + (harmonic ? 24 : 0)
                return Float(
                    level * level * pow(10, slope / 10) * random.next(0.3, 1.7) + 1e-11 * random.next(0.3, 1.7))
            }
            spectrogram.add(powers.span)
        }
        plot.spectrogram = spectrogram

        let points = min(Int(seconds * 10), 20_000)
        var loudness = LoudnessOverview(secondsPerPoint: points > 0 ? seconds / Double(points) : 0.1)
        var short = -30.0
        for point in 0..<points {
            let level = 20 * log10(phrase(Double(point) / Double(points))) - 16 + random.next(-2, 2)
            short += (level - short) * 0.04
            let peak = level + 14 + random.next(-2, 3)
            loudness.add(momentary: point < 4 ? nil : level, shortTerm: point < 30 ? nil : short, truePeak: peak)
        }
        plot.loudnessOverTime = loudness
        var numbers = Plot.Loudness()
        numbers.integrated = -23.1
        numbers.relativeGate = -33.4
        numbers.range = 6.4
        numbers.rangeLow = -27.2
        numbers.rangeHigh = -20.8
        numbers.maximumMomentary = -14.2
        numbers.maximumShortTerm = -18.4
        numbers.truePeak = 0.3
        numbers.target = -23
        plot.loudness = numbers
        return plot
    }

    /// Samples, and nothing that was measured of them over time.
    static func samples(_ samples: [Float], channels: Int = 1, rate: Int = 48000) -> Plot {
        var plot = Plot()
        plot.title = "samples"
        plot.seconds = Double(samples.count / channels) / Double(rate)
        var waveform = WaveformOverview(channels: channels)
        waveform.add(samples.span)
        plot.waveform = waveform
        plot.spectrogram = SpectrogramOverview(bins: 513, rate: rate, secondsPerColumn: 0.01)
        plot.loudnessOverTime = LoudnessOverview()
        return plot
    }

    private static func phrase(_ place: Double) -> Double {
        0.02 + 0.95 * pow(sin(place * 3.1), 2) * pow(0.5 + 0.5 * sin(place * 47 + sin(place * 5)), 2)
    }

    private struct Random {
        private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

        mutating func next(_ low: Double, _ high: Double) -> Double {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return low + (high - low) * Double(state >> 11) / 9_007_199_254_740_992
        }
    }
}

extension SpectrogramOverview {
    /// For the bins of a Fourier transform: bin k lies at k · rate / (2 · (bins − 1)), from 0 Hz to half the rate.
    init(bins: Int, rate: Int, secondsPerColumn: Double, capacity: Int = 2048) {
        let hertzPerBin = Double(rate) / 2 / Double(bins - 1)
        self.init(
            lowerHertz: (0..<bins).map { max(0, (Double($0) - 0.5) * hertzPerBin) },
            upperHertz: (0..<bins).map { min(Double(rate) / 2, (Double($0) + 0.5) * hertzPerBin) },
            secondsPerColumn: secondsPerColumn, capacity: capacity)
    }
}
