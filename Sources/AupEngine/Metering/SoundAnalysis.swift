import AupRealtime
import AupSound
import AupSystem
import AupWire

/// Measures the packets of a stream: everything `meter` knows of it.
///
/// Silence is measured as what it is; lost frames are counted and take no part. Where another format comes in midstream,
/// the windows of 400 ms and 3 s begin anew, and what is said of the whole goes on over both: its loudness is that of all
/// blocks together, as for an album.
///
/// - Thread: transport, or the one that reads a file.
final class SoundAnalysis {
    struct Wishes: Sendable {
        var isDualMono = false
        var hasSpectrum = false
        /// Parts of an octave.
        var spectrumFraction = 3
        var silenceDecibels = -60.0
        /// Whether a picture will be drawn; then nothing reads but at the end.
        var hasPlot = false
        /// Who may have enough of it in the midst of a packet.
        var stop: StopRequest?

        init(_ configuration: MeteringConfiguration) {
            isDualMono = configuration.isDualMono
            hasSpectrum = configuration.spectrumFraction != nil || configuration.web != nil
            // A page has room for more than a list.
            spectrumFraction = configuration.spectrumFraction ?? (configuration.web != nil ? 12 : 3)
            silenceDecibels = configuration.silenceDecibels
        }
    }

    /// The meters of one format: in a class because they are values that cannot be copied.
    final class Meters {
        var sound: SoundMeter
        init(_ configuration: MeterConfiguration) { sound = SoundMeter(configuration) }
    }

    final class Bands {
        var meter: SpectrumMeter
        init(_ format: PCMFormat, fraction: Int) {
            meter = SpectrumMeter(
                format.sampleFormat, rate: format.rate, channels: format.channels, fraction: fraction)
        }
    }

    final class Programme {
        var loudness = ProgrammeLoudness()
    }

    private static let silentBlock = 4096

    private let wishes: Wishes
    private(set) var meters: Meters?
    private(set) var bands: Bands?
    private(set) var plot: PlotRecorder?
    private(set) var format: PCMFormat?
    private(set) var names: [String] = []
    private(set) var source = ""
    private(set) var past: Past?
    private(set) var gaps: Int64 = 0
    private(set) var lostFrames: Int64 = 0
    private(set) var xruns: Int64 = 0
    private(set) var formatChanges: Int64 = 0
    private(set) var hasEnded = false
    private var isInPieces = false
    private var zeros = ScratchBytes()
    /// Where the formats before and the one that is are put together for a reading.
    private(set) lazy var both = Programme()

    /// What was measured of formats that are over.
    struct Past {
        let programme = Programme()
        var levels: [String: MeterReading.Levels] = [:]
        var powers: [String: (sum: Double, squares: Double, frames: Int64)] = [:]
        var frames: Int64 = 0
        var seconds = 0.0
        var longestSilence = 0.0
        var notNumbers: Int64 = 0
        var infinities: Int64 = 0
        var denormals: Int64 = 0
    }

    init(_ wishes: Wishes) {
        self.wishes = wishes
    }

    // MARK: - Sound

    /// Begins, or goes on with another format.
    ///
    /// - Throws: `usage` for a rate that loudness is not defined for.
    func begin(_ format: PCMFormat, source: String) throws(SessionFailure) {
        self.source = source
        guard format != self.format else { return }
        guard MeterConfiguration.rates.contains(format.rate) else {
            throw .before(
                .failed(
                    "\(format.rate) Hz: loudness is defined from \(MeterConfiguration.rates.lowerBound) Hz on; bring it to such a rate (aup encode --codec pcm -r 48000)"
                ))
        }
        if meters != nil { formatChanges += 1 }
        keep()
        self.format = format
        guard let layout = format.usualLayout else {
            preconditionFailure("a format has 1 to \(Limits.channels) channels")
        }
        names = Self.names(layout)
        var configuration = MeterConfiguration(format: format.sampleFormat, rate: format.rate, layout: layout)
        configuration.isDualMono = wishes.isDualMono
        configuration.silenceDecibels = wishes.silenceDecibels
        meters = Meters(configuration)
        // A picture has one format: what comes behind another is not in it.
        if wishes.hasPlot, formatChanges == 0 { plot = PlotRecorder(format) }
        bands = wishes.hasSpectrum ? Bands(format, fraction: wishes.spectrumFraction) : nil
    }

    /// Positions where they are known and each once, else numbers.
    private static func names(_ layout: ChannelLayout) -> [String] {
        let names = layout.positions.map(\.name)
        return Set(names).count == names.count ? names : (1...names.count).map(String.init)
    }

    /// - Parameter bytes: interleaved frames of the format.
    func measure(_ bytes: UnsafeRawPointer, frames: Int) {
        guard let meters, let format else { return }
        guard let plot, formatChanges == 0 else { return unsafe measureSound(meters, bytes, frames: frames) }
        var done = 0
        while done < frames {
            let count = min(frames - done, plot.ahead)
            let part = unsafe bytes + done * format.frameBytes
            unsafe measureSound(meters, part, frames: count)
            if unsafe plot.add(part, frames: count) {
                let (momentary, shortTerm) = meters.sound.momentaryAndShortTerm
                plot.addPoint(momentary, shortTerm, truePeak: meters.sound.interval.all.truePeak)
                meters.sound.beginInterval()
            }
            done += count
        }
    }

    private func measureSound(_ meters: Meters, _ bytes: UnsafeRawPointer, frames: Int) {
        unsafe meters.sound.measure(bytes, frames: frames)
        if let bands { _ = unsafe bands.meter.measure(bytes, frames: frames) }
    }

    /// Measures frames that are zero; of a long silence most are only counted.
    func measureSilence(frames: Int64) {
        guard let meters, let format else { return }
        guard plot != nil, formatChanges == 0 else {
            meters.sound.measureSilence(frames: frames)
            bands?.meter.measureSilence(frames: frames)
            return
        }
        // A picture shows every frame.
        let block = Int(min(frames, Int64(Self.silentBlock)))
        let space = unsafe zeros.space(max(block, 1) * format.frameBytes)
        unsafe space.initializeMemory(as: UInt8.self, repeating: format.sampleFormat.silenceByte)
        var rest = frames
        while rest > 0, !(wishes.stop?.isRequested ?? false) {
            let count = min(rest, Int64(block))
            unsafe measure(space.baseAddress!, frames: Int(count))
            rest -= count
        }
    }

    func note(_ gap: GapPacket) {
        if formatChanges == 0 { plot?.note(lostFrames: gap.frames) }
        gaps += 1
        lostFrames += gap.frames
        if gap.cause == .xrun { xruns += 1 }
    }

    /// Adds what another thread measured of the sound that follows, to its end if it is the last. Nothing may follow but
    /// its like, and readings.
    func append(_ piece: borrowing SoundMeter) {
        isInPieces = true
        meters?.sound.append(piece)
    }

    /// Measures what is left. Nothing may follow but readings.
    func finish() {
        hasEnded = true
        // The last piece has finished for itself.
        if !isInPieces { meters?.sound.finish() }
    }

    func reset() {
        meters?.sound.reset()
        bands?.meter.reset()
        past = nil
        (gaps, lostFrames, xruns, formatChanges) = (0, 0, 0, 0)
    }

    /// Puts what was measured so far to the rest of what was.
    private func keep() {
        guard let meters, let format else { return }
        meters.sound.finish()
        var past = past ?? Past()
        meters.sound.add(to: &past.programme.loudness)
        let total = meters.sound.total
        for (index, name) in names.enumerated() {
            let one = total[index]
            past.levels[name] = Self.larger(Self.levels(one), past.levels[name])
            let power = past.powers[name] ?? (0, 0, 0)
            past.powers[name] = (power.sum + one.sum, power.squares + one.squares, power.frames + one.frames)
        }
        past.frames += meters.sound.frames
        past.seconds += Double(meters.sound.frames) / Double(format.rate)
        past.longestSilence = max(
            past.longestSilence, Double(meters.sound.silence.longestFrames) / Double(format.rate))
        past.notNumbers += meters.sound.oddNumbers.notNumbers
        past.infinities += meters.sound.oddNumbers.infinities
        past.denormals += meters.sound.oddNumbers.denormals
        self.past = past
    }
}
