import AupPlot
import AupRealtime
import AupSound

/// Collects what a picture of a sound shows, in bounded memory however long it is.
///
/// - Thread: the one that reads the file.
final class PlotRecorder {
    /// Between two points of loudness: the step of the blocks that the integrated loudness is made of.
    private static let pointsPerSecond = 10

    private final class Bands {
        var meter: SpectrumMeter
        init(_ format: PCMFormat) {
            // A twelfth of a second: fine enough for a note, short enough for a beat. Bands as fine as a picture's rows.
            var size = 256
            while size < format.rate / 12, size < 65_536 { size *= 2 }
            meter = SpectrumMeter(
                format.sampleFormat, rate: format.rate, channels: format.channels, fraction: 24, size: size)
        }
    }

    private let format: PCMFormat
    private var converter = SampleConverterSlot()
    private var samples = ScratchBytes()
    private let bands: Bands
    private var waveform: WaveformOverview
    private var spectrogram: SpectrogramOverview
    private var loudness = LoudnessOverview(secondsPerPoint: 1 / Double(pointsPerSecond))
    private var powers: [Float]
    private var gaps: [Plot.Gap] = []
    private var frames: Int64 = 0
    private var points: Int64 = 0

    init(_ format: PCMFormat) {
        self.format = format
        converter.plan(from: format.sampleFormat, to: .f32)
        bands = Bands(format)
        waveform = WaveformOverview(channels: format.channels)
        let shown = bands.meter.bands
        spectrogram = SpectrogramOverview(
            lowerHertz: shown.lowerHertz, upperHertz: shown.upperHertz,
            secondsPerColumn: Double(bands.meter.size / 2) / Double(format.rate))
        powers = Array(repeating: 0, count: shown.count)
    }

    /// Frames until the next point of loudness is wanted.
    var ahead: Int { Int(end(ofPoint: points) - frames) }

    private func end(ofPoint point: Int64) -> Int64 { (point + 1) * Int64(format.rate) / Int64(Self.pointsPerSecond) }

    /// - Returns: whether a point of loudness is due behind these frames.
    func add(_ bytes: UnsafeRawPointer, frames count: Int) -> Bool {
        let source = unsafe UnsafeRawBufferPointer(start: bytes, count: count * format.frameBytes)
        let space = unsafe samples.space(count * format.channels * 4)
        unsafe converter.convert(source, into: space, samples: count * format.channels)
        let values = unsafe space.assumingMemoryBound(to: Float.self)
        waveform.add(unsafe Span(_unsafeElements: UnsafeBufferPointer(values)))
        unsafe addBands(bytes, count)
        frames += Int64(count)
        guard frames >= end(ofPoint: points) else { return false }
        points += 1
        return true
    }

    private func addBands(_ bytes: UnsafeRawPointer, _ count: Int) {
        var done = 0
        // No more than half a piece at once, so that no column is passed over.
        while done < count {
            let part = min(count - done, bands.meter.size / 2)
            if unsafe bands.meter.measure(bytes + done * format.frameBytes, frames: part) {
                // The overview knows a sine of full scale as 1, its mean square is half of that.
                for band in powers.indices { powers[band] = Float(2 * bands.meter.power(band: band)) }
                spectrogram.add(powers.span)
            }
            done += part
        }
    }

    func addPoint(_ momentary: Double, _ shortTerm: Double, truePeak: Float) {
        let peak = AupSound.decibels(amplitude: Double(truePeak))
        loudness.add(momentary: momentary, shortTerm: shortTerm, truePeak: peak)
    }

    func note(lostFrames: Int64) {
        guard gaps.count < Plot.mostGaps else { return }
        let rate = Double(format.rate)
        gaps.append(Plot.Gap(seconds: Double(frames) / rate, lengthSeconds: Double(lostFrames) / rate))
    }

    /// The picture of all that was added.
    func plot(_ reading: MeterReading, title: String, target: Double?, peakLimit: Double?) -> Plot {
        var plot = Plot()
        plot.title = title
        plot.facts = [
            "\(reading.format.summary), \(levelText(reading.seconds)) s",
            "integrated \(levelText(reading.integrated ?? -.infinity)) LUFS, range \(levelText(reading.range)) LU, "
                + "true peak \(levelText(reading.total.truePeak ?? -.infinity)) dBTP",
        ]
        plot.seconds = Double(frames) / Double(format.rate)
        plot.channelNames = reading.channels.map(\.name)
        plot.waveform = waveform
        if !powers.isEmpty { plot.spectrogram = spectrogram }
        plot.loudnessOverTime = loudness
        plot.loudness.integrated = reading.integrated
        plot.loudness.relativeGate = reading.gate
        plot.loudness.range = reading.range
        plot.loudness.rangeLow = reading.rangeLow
        plot.loudness.rangeHigh = reading.rangeHigh
        plot.loudness.maximumMomentary = reading.maxMomentary
        plot.loudness.maximumShortTerm = reading.maxShortTerm
        plot.loudness.truePeak = reading.total.truePeak
        plot.loudness.target = target
        plot.loudness.truePeakLimit = peakLimit ?? plot.loudness.truePeakLimit
        plot.gaps = gaps
        return plot
    }
}
