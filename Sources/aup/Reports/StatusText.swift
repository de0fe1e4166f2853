import AupEngine
import AupSound

/// The numbers of a session in words and in JSON.
enum StatusText {
    static func hasLoss(_ status: SessionStatus) -> Bool {
        status.lostFrames + status.xruns + status.underrunFrames + status.skippedFrames + status.clippedSamples
            + status.invalidSamples + status.failedHooks + (status.icecast?.lostFrames ?? 0)
            + (status.sending?.lostFrames ?? 0) > 0
    }

    static func line(_ status: SessionStatus) -> String {
        var parts = ["\(status.frames) frames"]
        if let format = status.format { parts[0] += " (\(clock(status.frames, rate: format.rate)), \(format.summary))" }
        parts.append("\(status.lostFrames) lost in \(status.gaps) gaps")
        parts.append("\(status.xruns) xruns")
        if status.underrunFrames > 0 { parts.append("\(status.underrunFrames) frames of silence for want of sound") }
        if status.skippedFrames > 0 { parts.append("\(status.skippedFrames) skipped to catch up") }
        if status.clippedSamples > 0 { parts.append("\(status.clippedSamples) samples clipped") }
        if status.invalidSamples > 0 { parts.append("\(status.invalidSamples) samples were no numbers") }
        if status.files > 0 { parts.append("\(status.files) files") }
        if status.removedFiles > 0 { parts.append("\(status.removedFiles) old ones removed") }
        if status.failedHooks > 0 { parts.append("\(status.failedHooks) of \(status.hooks) hooks failed") }
        if let peak = status.inputPeakDecibels { parts.append("peak in \(levelText(peak)) dBFS") }
        if let peak = status.outputPeakDecibels { parts.append("out \(levelText(peak)) dBFS") }
        if let latency = status.latencyNanoseconds { parts.append("latency \(milliseconds(latency)) ms") }
        if status.pluginLatencyNanoseconds > 0 {
            parts.append("plugins \(milliseconds(status.pluginLatencyNanoseconds)) ms")
        }
        if let receiving = status.receiving {
            parts.append("\(receiving.senders) senders")
            if receiving.starvedFrames > 0 { parts.append("silent for \(receiving.starvedFrames) frames") }
        }
        if let passage = PassageText.words(status.passage) { parts.append(passage) }
        if let age = PassageText.age(status) { parts.append(age) }
        if let peers = status.publishing { parts.append(PassageText.words(peers)) }
        if let sending = status.sending { parts.append(PassageText.words(sending)) }
        if let rtp = status.rtp { parts.append(RTPText.words(rtp)) }
        if let icecast = status.icecast { parts.append(IcecastText.words(icecast)) }
        if let encoding = status.encoding { parts.append(words(encoding)) }
        if status.pluginCrashes > 0 { parts.append("plugins crashed \(status.pluginCrashes) times") }
        if status.reloads > 0 { parts.append("plugins made anew \(status.reloads) times") }
        for plugin in status.plugins {
            if plugin.isBypassed { parts.append("\(plugin.id) bypassed") }
            parts += plugin.readings.map { "\(plugin.id) \($0.key) \($0.text)" }
        }
        if status.queuedFrames > 0 { parts.append("\(status.queuedFrames) frames waiting") }
        if let ppm = status.deviceClockPPM { parts.append("clock \(levelText(ppm)) ppm") }
        if let ppm = status.drift?.partsPerMillion { parts.append("source \(ppm < 0 ? "" : "+")\(levelText(ppm)) ppm") }
        if status.reconnects > 0 { parts.append("lost and found again \(status.reconnects) times") }
        parts.append("cpu \(percent(status))")
        if let scheduling = status.scheduling { parts.append(scheduling) }
        return parts.joined(separator: ", ")
    }

    static func json(
        _ event: String, _ command: String, _ status: SessionStatus, ending: SessionEnding? = nil
    ) -> String {
        var object = JSONText()
        object.add("event", event)
        object.add("command", command)
        object.add("frames", status.frames)
        object.add("format", status.format?.sampleFormat.name)
        object.add("rate", status.format?.rate)
        object.add("channels", status.format?.channels)
        object.add("lost_frames", status.lostFrames)
        object.add("gaps", status.gaps)
        object.add("xruns", status.xruns)
        object.add("underrun_frames", status.underrunFrames)
        object.add("skipped_frames", status.skippedFrames)
        object.add("played_frames", status.playedFrames)
        object.add("clipped_samples", status.clippedSamples)
        object.add("invalid_samples", status.invalidSamples)
        object.add("files", status.files)
        object.add("removed_files", status.removedFiles)
        object.add("hooks", status.hooks)
        object.add("failed_hooks", status.failedHooks)
        object.add("input_peak_dbfs", status.inputPeakDecibels)
        object.add("output_peak_dbfs", status.outputPeakDecibels)
        object.add("latency_ms", status.latencyNanoseconds.map { Double($0) / 1e6 })
        object.add("queued_frames", status.queuedFrames)
        object.add("clock_ppm", status.deviceClockPPM)
        object.add("drift_ppm", status.drift?.partsPerMillion)
        object.add("drift", status.drift.map { $0.isLocked ? "locked" : "settling" })
        object.add("drift_error_frames", status.drift?.errorFrames)
        object.add("reconnects", status.reconnects)
        if let now = status.now {
            object.add("file", FileName.readable(now.file))
            object.add("title", now.title)
            object.add("number", Int64(now.number))
            object.add("count", Int64(now.count))
            object.add("position_seconds", now.seconds)
            object.add("total_seconds", now.totalSeconds)
            object.add("state", now.isPaused ? "paused" : "playing")
        }
        object.add("expected_frames", status.expectedFrames)
        if let receiving = status.receiving {
            object.add("senders", receiving.senders)
            object.add("most_senders", receiving.mostSenders)
            object.add("refused_senders", receiving.refused)
            object.add("starved_frames", receiving.starvedFrames)
            object.add("left_out_frames", receiving.skippedFrames)
        }
        PassageText.add(status.passage, to: &object)
        if let peers = status.publishing { PassageText.add(peers, to: &object) }
        if let sending = status.sending { PassageText.add(sending, to: &object) }
        if let rtp = status.rtp { RTPText.add(rtp, to: &object) }
        if let icecast = status.icecast { IcecastText.add(icecast, to: &object) }
        if let encoding = status.encoding {
            object.add("codec", encoding.codec)
            object.add("packets", encoding.packets)
            object.add("packet_bytes", encoding.bytes)
            object.add("encoded_frames", encoding.frames)
            object.add("bitrate_bps", encoding.bitsPerSecond)
            object.add("codec_delay_ms", Double(encoding.delayNanoseconds) / 1e6)
            object.add("speed", speed(status))
        }
        if !status.plugins.isEmpty {
            object.add("plugin_latency_ms", Double(status.pluginLatencyNanoseconds) / 1e6)
            object.add("reloads", status.reloads)
            object.add("plugin_crashes", status.pluginCrashes)
            object.add("plugins", objects: status.plugins.map(json))
        }
        object.add("seconds", status.seconds)
        object.add("cpu_seconds", status.cpuSeconds)
        object.add("scheduling", status.scheduling)
        if let ending {
            object.add("exit", Int64(ExitCodes.code(of: ending)))
            object.add("message", ending.message.map(FileName.readable))
        }
        return object.line
    }

    private static func json(_ plugin: PluginStatus) -> JSONText {
        var object = JSONText()
        object.add("id", plugin.id)
        object.add("in_channels", plugin.inputChannels)
        object.add("out_channels", plugin.outputChannels)
        object.add("copies", plugin.copies)
        object.add("latency_frames", plugin.latencyFrames)
        object.add("non_finite_samples", plugin.nonFiniteSamples)
        object.add("bypassed", plugin.isBypassed)
        var readings = JSONText()
        for reading in plugin.readings { readings.add(reading.key, reading.value) }
        object.add("readings", object: readings)
        return object
    }

    private static func words(_ encoding: EncodingStatus) -> String {
        let rate = encoding.bitsPerSecond.map { ", \(levelText($0 / 1000)) kbit/s" } ?? ""
        let delay = milliseconds(encoding.delayNanoseconds)
        return "\(encoding.packets) packets of \(encoding.codec)\(rate), codec adds \(delay) ms"
    }

    /// Seconds of sound in a second; `nil` before there is any.
    static func speed(_ status: SessionStatus) -> Double? {
        guard let rate = status.format?.rate, status.seconds > 0, status.frames > 0 else { return nil }
        return Double(status.frames) / Double(rate) / status.seconds
    }

    /// `0:01:02.345`.
    static func clock(_ frames: Int64, rate: Int) -> String {
        let thousandths = frames * 1000 / Int64(rate)
        let seconds = thousandths / 1000
        return "\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60)).\(three(thousandths % 1000))"
    }

    static func milliseconds(_ nanoseconds: Int64) -> String { levelText(Double(nanoseconds) / 1e6) }

    private static func percent(_ status: SessionStatus) -> String {
        status.seconds > 0 ? "\(levelText(status.cpuSeconds / status.seconds * 100)) %" : "0 %"
    }

    private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    private static func three(_ value: Int64) -> String { String(String(1000 + value).dropFirst()) }
}
