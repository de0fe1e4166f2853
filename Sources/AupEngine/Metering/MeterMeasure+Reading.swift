import AupSound

extension MeterMeasure {
    /// What there is of it in a reading. Levels and loudnesses of silence are below every number; `nil` where there is no such
    /// thing, as the correlation of one channel.
    ///
    /// - Parameter isWhole: levels are of all the sound and not of now, as at its end.
    func value(in reading: MeterReading, isWhole: Bool) -> Double? {
        let levels = isWhole ? reading.total : reading.now
        return switch self {
        case .momentary: reading.momentary ?? -.infinity
        case .shortTerm: reading.shortTerm ?? -.infinity
        case .integrated: reading.integrated ?? -.infinity
        case .maxMomentary: reading.maxMomentary ?? -.infinity
        case .maxShortTerm: reading.maxShortTerm ?? -.infinity
        case .range: reading.range
        case .truePeak: levels.truePeak ?? -.infinity
        case .samplePeak: levels.samplePeak ?? -.infinity
        case .rms: levels.rms ?? -.infinity
        case .crest: levels.crest
        case .offset: abs(levels.offset)
        case .correlation: reading.correlation
        case .clips: Double(reading.total.clippedSamples)
        case .longestClip: Double(reading.total.longestClip)
        case .silence: reading.silentSeconds
        case .longestSilence: reading.longestSilenceSeconds
        case .seconds: reading.seconds
        case .gaps: Double(reading.gaps)
        case .lostFrames: Double(reading.lostFrames)
        }
    }

    /// How far a value must come back before an alarm is over, so that one that stands at its limit does not ring on and on:
    /// nothing for what only grows or is reset.
    var hysteresis: Double {
        switch unit {
        case .loudness, .loudnessUnits, .truePeak, .fullScale, .decibels: 1
        case .number where self == .correlation: 0.1
        case .number, .time: 0
        }
    }
}

extension AlarmExpression {
    /// Whether it is true of a whole sound; never of what was not measured.
    func holds(forWhole reading: MeterReading) -> Bool {
        measure.value(in: reading, isWhole: true).map(isPassed) ?? false
    }

    /// Whether it is true of the moment of a reading.
    func holds(in reading: MeterReading) -> Bool { measure.value(in: reading, isWhole: false).map(isPassed) ?? false }

    /// Whether it is no longer true, with the hysteresis between.
    func isOver(in reading: MeterReading) -> Bool {
        guard let value = measure.value(in: reading, isWhole: false) else { return true }
        let room =
            switch comparison {
            case .above, .notBelow: limit - measure.hysteresis
            case .below, .notAbove: limit + measure.hysteresis
            }
        return !AlarmExpression(measure, comparison, room).isPassed(by: value)
    }

    /// What a reading has of it, for a message.
    func measured(in reading: MeterReading, isWhole: Bool = false) -> String {
        guard let value = measure.value(in: reading, isWhole: isWhole), value.isFinite else { return "silence" }
        let unit = measure.unit.rawValue
        return "\((value * 100).rounded() / 100)" + (unit.isEmpty ? "" : " \(unit)")
    }
}
