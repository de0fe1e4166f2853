import AupRealtime
import AupSound

/// What an analysis knows, as a reading.
///
/// - Thread: as the analysis.
extension SoundAnalysis {
    /// Adds this sound to an album's.
    func add(to album: inout ProgrammeLoudness) {
        if let past { album.add(past.programme.loudness) }
        meters?.sound.add(to: &album)
    }

    /// The levels since this was asked before; `nil` before a format.
    func takeInterval() -> LevelReading? {
        guard let meters else { return nil }
        defer { meters.sound.beginInterval() }
        return meters.sound.interval
    }

    /// What is known now; `nil` before a format. Begins the next interval.
    func read() -> MeterReading? { read(over: takeInterval()) }

    /// What is known now; `nil` before a format.
    ///
    /// - Parameter levels: of the time that counts as now; without any, it is silent.
    func read(over levels: LevelReading?) -> MeterReading? {
        guard let meters, let format else { return nil }
        var reading = MeterReading(format)
        reading.source = source
        let total = meters.sound.total
        let now = levels.flatMap { $0.channelCount == format.channels ? $0 : nil }
        reading.channels = names.enumerated().map { index, name in
            MeterReading.Channel(
                name: name, now: now.map { Self.levels($0[index]) } ?? MeterReading.Levels(),
                total: whole(total[index], name))
        }
        if let now { reading.now = Self.together(reading.channels.map(\.now), power: now.all.meanSquare) }
        let gone = (past?.powers.keys.filter { !names.contains($0) } ?? []).map { whole(nil, $0) }
        reading.total = Self.together(reading.channels.map(\.total) + gone, power: meanSquare(total))
        if format.channels > 1 { reading.correlation = now?.correlation ?? 0 }
        let rate = Double(format.rate)
        reading.frames = meters.sound.frames + (past?.frames ?? 0)
        reading.seconds = Double(meters.sound.frames) / rate + (past?.seconds ?? 0)
        let silence = meters.sound.silence
        reading.silentSeconds = Double(silence.currentFrames) / rate
        reading.longestSilenceSeconds = max(Double(silence.longestFrames) / rate, past?.longestSilence ?? 0)
        let odd = meters.sound.oddNumbers
        reading.notNumbers = odd.notNumbers + (past?.notNumbers ?? 0)
        reading.infinities = odd.infinities + (past?.infinities ?? 0)
        reading.denormals = odd.denormals + (past?.denormals ?? 0)
        (reading.gaps, reading.lostFrames, reading.formatChanges) = (gaps, lostFrames, formatChanges)
        reading.xruns = xruns
        let loudness = meters.sound.loudness
        reading.momentary = Self.finite(loudness.momentary)
        reading.shortTerm = Self.finite(loudness.shortTerm)
        if past == nil {
            reading.takeProgramme(loudness)
        } else {
            both.loudness.reset()
            add(to: &both.loudness)
            reading.takeProgramme(both.loudness.reading)
        }
        reading.spectrum = bands.map { Self.spectrum($0.meter) }
        reading.hasEnded = hasEnded
        return reading
    }

    /// A channel's levels over all formats it had.
    ///
    /// - Parameter now: of the format that is; `nil` of a channel that it does not have.
    private func whole(_ now: ChannelReading?, _ name: String) -> MeterReading.Levels {
        var levels = Self.larger(now.map(Self.levels) ?? MeterReading.Levels(), past?.levels[name])
        guard let power = past?.powers[name], power.frames + (now?.frames ?? 0) > 0 else { return levels }
        let frames = Double(power.frames + (now?.frames ?? 0))
        let mean = (power.squares + (now?.squares ?? 0)) / frames
        levels.rms = Self.decibels(power: mean)
        levels.offset = (power.sum + (now?.sum ?? 0)) / frames
        levels.crest = levels.samplePeak.flatMap { peak in levels.rms.map { peak - $0 } }
        return levels
    }

    private func meanSquare(_ total: LevelReading) -> Double {
        var (squares, frames) = (total.all.squares, total.all.frames)
        for power in past?.powers.values ?? [:].values {
            squares += power.squares
            frames += power.frames
        }
        return frames > 0 ? squares / Double(frames) : 0
    }

    static func levels(_ reading: ChannelReading) -> MeterReading.Levels {
        var levels = MeterReading.Levels()
        levels.samplePeak = finite(AupSound.decibels(amplitude: Double(reading.samplePeak)))
        levels.truePeak = finite(AupSound.decibels(amplitude: Double(reading.truePeak)))
        levels.rms = decibels(power: reading.meanSquare)
        levels.offset = reading.offset
        levels.crest = finite(AupSound.decibels(amplitude: reading.crest))
        levels.clippedSamples = reading.clippedSamples
        levels.longestClip = reading.longestClip
        return levels
    }

    /// The larger of the peaks and the sum of the counts; the rest as in the first.
    static func larger(_ one: MeterReading.Levels, _ other: MeterReading.Levels?) -> MeterReading.Levels {
        guard let other else { return one }
        var levels = one
        levels.samplePeak = largest([one.samplePeak, other.samplePeak])
        levels.truePeak = largest([one.truePeak, other.truePeak])
        levels.clippedSamples += other.clippedSamples
        levels.longestClip = max(one.longestClip, other.longestClip)
        return levels
    }

    static func together(_ channels: [MeterReading.Levels], power: Double) -> MeterReading.Levels {
        var levels = channels.reduce(MeterReading.Levels()) { larger($0, $1) }
        levels.rms = decibels(power: power)
        levels.offset = channels.map(\.offset).max { abs($0) < abs($1) } ?? 0
        levels.crest = levels.samplePeak.flatMap { peak in levels.rms.map { peak - $0 } }
        return levels
    }

    static func spectrum(_ meter: borrowing SpectrumMeter) -> MeterReading.Spectrum {
        var spectrum = MeterReading.Spectrum()
        spectrum.centreHertz = meter.bands.centreHertz
        for band in 0..<meter.bands.count {
            spectrum.power.append(decibels(power: meter.power(band: band)))
            spectrum.held.append(decibels(power: meter.peak(band: band)))
        }
        return spectrum
    }

    static func largest(_ levels: [Double?]) -> Double? { levels.compactMap { $0 }.max() }
    static func decibels(power: Double) -> Double? { finite(AupSound.decibels(amplitude: power) / 2) }
    static func finite(_ decibels: Double) -> Double? { decibels.isFinite ? decibels : nil }
}

extension MeterReading.Levels {
    /// Of several sounds as one.
    init(together readings: [MeterReading]) {
        self.init()
        var (power, frames) = (0.0, 0.0)
        for reading in readings {
            self = SoundAnalysis.larger(self, reading.total)
            if abs(reading.total.offset) > abs(offset) { offset = reading.total.offset }
            let weight = Double(reading.frames)
            power += (reading.total.rms.map { amplitude(decibels: $0) * amplitude(decibels: $0) } ?? 0) * weight
            frames += weight
        }
        rms = frames > 0 ? SoundAnalysis.decibels(power: power / frames) : nil
        crest = samplePeak.flatMap { peak in rms.map { peak - $0 } }
    }
}

extension MeterReading {
    /// What is said of the whole.
    mutating func takeProgramme(_ loudness: LoudnessReading) {
        integrated = SoundAnalysis.finite(loudness.integrated)
        maxMomentary = SoundAnalysis.finite(loudness.maxMomentary)
        maxShortTerm = SoundAnalysis.finite(loudness.maxShortTerm)
        range = loudness.range
        rangeLow = SoundAnalysis.finite(loudness.rangeLow)
        rangeHigh = SoundAnalysis.finite(loudness.rangeHigh)
        gate = SoundAnalysis.finite(loudness.gate)
    }
}
