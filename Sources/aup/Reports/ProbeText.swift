import AupEngine
import AupSound

/// What `aup devices --probe` says.
enum ProbeText {
    static func lines(_ answers: DeviceAnswers<DeviceAbilities>) -> [String] {
        answers.sides.flatMap { side -> [String] in
            // Without any answer the problem is the error, told once.
            if let problem = side.problem, answers.isAnswered {
                return ["\(answers.name) \(side.direction.word): \(problem.message)"]
            }
            return side.answer.map(lines) ?? []
        }
    }

    private static func lines(_ abilities: DeviceAbilities) -> [String] {
        let rate = abilities.usual?.format.rate
        var lines = [head(abilities)]
        func add(_ name: String, _ text: String?) {
            guard let text, !text.isEmpty else { return }
            lines.append("  \(name)\(String(repeating: " ", count: 10 - name.count))\(text)")
        }
        let others = abilities.otherFormats
        add(
            "formats",
            abilities.formats.map(\.name).joined(separator: " ")
                + (others.isEmpty ? "" : " (and \(others.joined(separator: " ")), which aup does not speak)"))
        add("rates", rates(abilities))
        add("channels", abilities.channels.map(text).joined(separator: ", "))
        for map in abilities.channelMaps {
            add("map", map.list + " (\(map.freedom.rawValue))")
        }
        add("access", abilities.accesses.map(\.rawValue).joined(separator: " "))
        add("period", abilities.periodFrames.map { frames($0, rate) })
        add("buffer", abilities.bufferFrames.map { frames($0, rate) })
        add("periods", abilities.periods.map(text))
        add("driver", traits(abilities.traits))
        add("default", abilities.usual.map(usual) ?? abilities.usualProblem.map { "none: \($0)" })
        return lines
    }

    private static func head(_ abilities: DeviceAbilities) -> String {
        let words = abilities.description.map { "\($0), " } ?? ""
        return "\(abilities.name) \(abilities.direction.word): \(words)\(abilities.kind.rawValue) (\(abilities.type))"
    }

    /// A few single rates speak for themselves; of a run the usual ones in it are of interest.
    private static func rates(_ abilities: DeviceAbilities) -> String {
        let all = abilities.rates.map(text).joined(separator: ", ") + " Hz"
        guard abilities.rates.contains(where: { $0.count > 1 }) else { return all }
        return all + ": " + abilities.offeredUsualRates.map(String.init).joined(separator: " ")
    }

    private static func text(_ range: ClosedRange<Int>) -> String {
        range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    }

    private static func frames(_ range: ClosedRange<Int>, _ rate: Int?) -> String {
        guard let rate else { return text(range) + " frames" }
        let times = [range.lowerBound, range.upperBound].map { milliseconds($0, rate) }
        return text(range) + " frames (\(times[0]) to \(times[1]) ms)"
    }

    static func milliseconds(_ frames: Int, _ rate: Int) -> String {
        DeviceTestText.rounded(Double(frames) * 1000 / Double(rate), 2)
    }

    private static func traits(_ traits: DeviceAbilities.Traits) -> String {
        func word(_ value: Bool?, _ yes: String, _ no: String? = nil) -> String? { value.flatMap { $0 ? yes : no } }
        let words = [
            word(traits.canPause, "pauses", "no pause"), word(traits.canResume, "resumes after sleep"),
            word(traits.canStartInSync, "starts in sync with others of its card"),
            word(traits.isBatch, "moves in blocks"), word(traits.isHalfDuplex, "one direction at a time"),
            word(traits.isJointDuplex, "both directions have one format"),
            word(traits.canDoWithoutPeriodWakeups, "runs without period interrupts"),
            traits.significantBits.map { "\($0) significant bits" },
        ]
        return words.compactMap(\.self).joined(separator: ", ")
    }

    private static func usual(_ usual: DeviceConfiguration) -> String {
        let map = usual.format.layout.map { " \($0.list)" } ?? ""
        let access = usual.isMemoryMapped ? "mmap" : "rw"
        return
            "\(usual.format.summary)\(map), period \(usual.periodFrames), buffer \(usual.bufferFrames) frames, \(access)"
    }

    // MARK: - JSON

    static func object(_ answers: DeviceAnswers<DeviceAbilities>) -> String {
        var object = JSONText()
        object.add("event", "probe")
        object.add("device", answers.name)
        for direction in [DeviceDirection.capture, .playback] {
            let side = answers.sides.first { $0.direction == direction }
            object.add(
                direction.word,
                written: side.flatMap { $0.answer.map(members) ?? $0.problem?.object }?.line ?? "null")
        }
        return object.line
    }

    private static func members(_ abilities: DeviceAbilities) -> JSONText {
        var object = JSONText()
        object.add("kind", abilities.kind.rawValue)
        object.add("type", abilities.type)
        object.add("description", abilities.description)
        object.add("formats", abilities.formats.map(\.name))
        object.add("other_formats", abilities.otherFormats)
        object.add("rates", written: list(abilities.rates.map(pair)))
        object.add("usual_rates", abilities.offeredUsualRates)
        object.add("channels", written: list(abilities.channels.map(pair)))
        object.add(
            "channel_maps",
            objects: abilities.channelMaps.map { map in
                var entry = JSONText()
                entry.add("map", map.list)
                entry.add("freedom", map.freedom.rawValue)
                return entry
            })
        object.add("access", abilities.accesses.map(\.rawValue))
        object.add("period_frames", written: abilities.periodFrames.map(pair) ?? "null")
        object.add("buffer_frames", written: abilities.bufferFrames.map(pair) ?? "null")
        object.add("periods", written: abilities.periods.map(pair) ?? "null")
        let traits = abilities.traits
        let facts = [
            ("can_pause", traits.canPause), ("can_resume", traits.canResume), ("sync_start", traits.canStartInSync),
            ("batch", traits.isBatch), ("half_duplex", traits.isHalfDuplex), ("joint_duplex", traits.isJointDuplex),
            ("no_period_wakeup", traits.canDoWithoutPeriodWakeups),
        ]
        for (key, value) in facts { object.add(key, written: value.map { "\($0)" } ?? "null") }
        object.add("significant_bits", traits.significantBits)
        object.add("default", written: abilities.usual.map { usualObject($0).line } ?? "null")
        object.add("default_problem", abilities.usualProblem)
        return object
    }

    private static func usualObject(_ usual: DeviceConfiguration) -> JSONText {
        var object = JSONText()
        object.add("format", usual.format.sampleFormat.name)
        object.add("rate", usual.format.rate)
        object.add("channels", usual.format.channels)
        object.add("channel_map", usual.format.layout?.list)
        object.add("period_frames", usual.periodFrames)
        object.add("buffer_frames", usual.bufferFrames)
        object.add("mmap", usual.isMemoryMapped)
        return object
    }

    /// The least and the most, both included.
    private static func pair(_ range: ClosedRange<Int>) -> String { "[\(range.lowerBound),\(range.upperBound)]" }
    private static func list(_ words: [String]) -> String { "[" + words.joined(separator: ",") + "]" }
}
