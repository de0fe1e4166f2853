public import AupSound

extension MeterReading {
    /// What a program is told of a moment: the object of `--json`, of `/api/levels` and of the page.
    ///
    /// Levels are `null` in silence; names carry their units.
    public var json: JSONText {
        var object = JSONText()
        object.add("seconds", rounded(seconds, 1000))
        object.add("frames", frames)
        object.add("rate", format.rate)
        object.add("channels", objects: channels.map(Self.momentJSON))
        addLoudness(to: &object)
        object.add("true_peak_dbtp", level(total.truePeak))
        object.add("correlation", correlation.map { rounded($0, 1000) })
        object.add("silent_seconds", rounded(silentSeconds, 100))
        if let spectrum {
            var bands = JSONText()
            bands.add("hz", written: Self.list(spectrum.centreHertz.map { $0 }))
            bands.add("dbfs", written: Self.list(spectrum.power))
            bands.add("hold_dbfs", written: Self.list(spectrum.held))
            object.add("spectrum", object: bands)
        }
        object.add("format", format.summary)
        object.add("source", source)
        object.add("gaps", gaps)
        object.add("lost_frames", lostFrames)
        object.add("xruns", xruns)
        object.add("latency_ms", latencyNanoseconds.map { rounded(Double($0) / 1e6, 100) })
        object.add("ended", hasEnded)
        return object
    }

    /// What a program is told of the whole: the object at the end.
    public var summaryJSON: JSONText {
        var object = JSONText()
        addLoudness(to: &object, isWhole: true)
        object.add("true_peak_dbtp", level(total.truePeak))
        object.add("sample_peak_dbfs", level(total.samplePeak))
        object.add("rms_dbfs", level(total.rms))
        object.add("crest_db", level(total.crest))
        object.add("dc", rounded(total.offset, 1_000_000))
        object.add("clips", total.clippedSamples)
        object.add("longest_clip", total.longestClip)
        object.add("longest_silence_seconds", rounded(longestSilenceSeconds, 100))
        object.add("not_numbers", notNumbers)
        object.add("infinities", infinities)
        object.add("denormals", denormals)
        object.add("channels", objects: channels.map { Self.wholeJSON($0) })
        object.add("frames", frames)
        object.add("seconds", rounded(seconds, 1000))
        object.add("format", format.sampleFormat.name)
        object.add("rate", format.rate)
        object.add("format_changes", formatChanges)
        object.add("gaps", gaps)
        object.add("lost_frames", lostFrames)
        return object
    }

    private func addLoudness(to object: inout JSONText, isWhole: Bool = false) {
        if !isWhole {
            object.add("momentary_lufs", level(momentary))
            object.add("short_term_lufs", level(shortTerm))
        }
        object.add("integrated_lufs", level(integrated))
        object.add("max_momentary_lufs", level(maxMomentary))
        object.add("max_short_term_lufs", level(maxShortTerm))
        object.add("lra_lu", rounded(range, 100))
    }

    private static func momentJSON(_ channel: Channel) -> JSONText {
        var object = JSONText()
        object.add("name", channel.name)
        object.add("peak_dbfs", level(channel.now.samplePeak))
        object.add("true_peak_dbtp", level(channel.now.truePeak))
        object.add("rms_dbfs", level(channel.now.rms))
        object.add("max_peak_dbfs", level(channel.total.samplePeak))
        object.add("clips", channel.total.clippedSamples)
        return object
    }

    private static func wholeJSON(_ channel: Channel) -> JSONText {
        var object = JSONText()
        object.add("name", channel.name)
        object.add("true_peak_dbtp", level(channel.total.truePeak))
        object.add("sample_peak_dbfs", level(channel.total.samplePeak))
        object.add("rms_dbfs", level(channel.total.rms))
        object.add("crest_db", level(channel.total.crest))
        object.add("dc", rounded(channel.total.offset, 1_000_000))
        object.add("clips", channel.total.clippedSamples)
        object.add("longest_clip", channel.total.longestClip)
        return object
    }

    /// The names of ``csvRow``.
    public static let csvHead =
        "seconds,momentary_lufs,short_term_lufs,integrated_lufs,lra_lu,true_peak_dbtp,sample_peak_dbfs,rms_dbfs,clips,silent_seconds,correlation,gaps,lost_frames"

    /// A line for a table: an empty cell where there is no value. Levels of the moment are of the loudest channel.
    public var csvRow: String {
        func most(_ path: KeyPath<Levels, Double?>) -> Double? { channels.compactMap { $0.now[keyPath: path] }.max() }
        let cells: [Double?] = [
            rounded(seconds, 1000), level(momentary), level(shortTerm), level(integrated), rounded(range, 100),
            level(most(\.truePeak)), level(most(\.samplePeak)), level(most(\.rms)), Double(total.clippedSamples),
            rounded(silentSeconds, 100), correlation.map { rounded($0, 1000) }, Double(gaps), Double(lostFrames),
        ]
        return cells.map { $0.map(Self.cell) ?? "" }.joined(separator: ",")
    }

    /// The names of ``summaryRow``.
    public static let summaryHead =
        "integrated_lufs,lra_lu,max_momentary_lufs,max_short_term_lufs,true_peak_dbtp,sample_peak_dbfs,rms_dbfs,dc,clips,longest_silence_seconds,seconds,frames,rate,channels,gaps,lost_frames"

    /// A line for a table of sounds that are over.
    public var summaryRow: String {
        let cells: [Double?] = [
            level(integrated), rounded(range, 100), level(maxMomentary), level(maxShortTerm), level(total.truePeak),
            level(total.samplePeak), level(total.rms), rounded(total.offset, 1_000_000), Double(total.clippedSamples),
            rounded(longestSilenceSeconds, 100), rounded(seconds, 1000), Double(frames), Double(format.rate),
            Double(format.channels), Double(gaps), Double(lostFrames),
        ]
        return cells.map { $0.map(Self.cell) ?? "" }.joined(separator: ",")
    }

    /// Whole numbers without a fraction.
    private static func cell(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    /// Prometheus' text format, version 0.0.4. Silence has no level, so its sample is left out.
    public var prometheus: String {
        var text = ""
        func add(_ name: String, _ help: String, _ kind: String, _ samples: [(labels: String, value: Double?)]) {
            text += "# HELP aup_meter_\(name) \(help)\n# TYPE aup_meter_\(name) \(kind)\n"
            for sample in samples {
                guard let value = sample.value, value.isFinite else { continue }
                text += "aup_meter_\(name)\(sample.labels) \(Self.cell(value))\n"
            }
        }
        func each(_ value: (Channel) -> Double?) -> [(labels: String, value: Double?)] {
            channels.map { ("{channel=\"\(Self.label($0.name))\"}", value($0)) }
        }
        add("momentary_lufs", "Loudness of the last 400 ms.", "gauge", [("", level(momentary))])
        add("short_term_lufs", "Loudness of the last 3 s.", "gauge", [("", level(shortTerm))])
        add("integrated_lufs", "Loudness since the beginning, gated.", "gauge", [("", level(integrated))])
        add("loudness_range_lu", "Loudness range since the beginning.", "gauge", [("", rounded(range, 100))])
        add("true_peak_dbtp", "Largest true peak since the beginning.", "gauge", each { level($0.total.truePeak) })
        add("peak_dbfs", "Largest sample of late.", "gauge", each { level($0.now.samplePeak) })
        add("rms_dbfs", "Level of late.", "gauge", each { level($0.now.rms) })
        add("clipped_samples_total", "Samples at full scale.", "counter", each { Double($0.total.clippedSamples) })
        add("frames_total", "Frames measured.", "counter", [("", Double(frames))])
        add("lost_frames_total", "Frames lost before the meter.", "counter", [("", Double(lostFrames))])
        add("gaps_total", "Times that frames were lost.", "counter", [("", Double(gaps))])
        add("silent_seconds", "Time since the last sound.", "gauge", [("", rounded(silentSeconds, 100))])
        return text
    }

    /// Escapes what a label's value must not hold.
    private static func label(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    private static func list(_ values: [Double?]) -> String {
        "[" + values.map { $0.map { "\(rounded($0, 10))" } ?? "null" }.joined(separator: ",") + "]"
    }
}

/// Levels have two decimals everywhere: more than any of the standards' tolerances.
private func level(_ value: Double?) -> Double? { value.map { rounded($0, 100) } }
private func rounded(_ value: Double, _ parts: Double) -> Double { (value * parts).rounded() / parts }
