import AupEngine
import AupSound

/// What `aup devices --supports` says.
enum SupportText {
    static func isRefusal(_ answer: FormatAnswer?) -> Bool {
        if case .no? = answer { true } else { false }
    }

    static func lines(_ answers: DeviceAnswers<FormatAnswer>) -> [String] {
        var lines: [String] = []
        for side in answers.sides {
            let start = "\(answers.name) \(side.direction.word): "
            switch side.answer {
            case .yes(let format, let isConverted)?:
                lines.append(start + "yes, \(format.summary)\(isConverted ? ", by a name that converts" : "")")
            case .no(let reason)?: lines.append(start + "no, it \(reason)")
            // Told as an error.
            case nil: break
            }
        }
        return lines
    }

    static func object(_ answers: DeviceAnswers<FormatAnswer>) -> String {
        let isRefused = answers.sides.contains { isRefusal($0.answer) }
        var object = JSONText()
        object.add("event", "supports")
        object.add("device", answers.name)
        if isRefused || answers.problems.isEmpty {
            object.add("supported", !isRefused)
        } else {
            object.add("supported", nil as String?)
        }
        for direction in [DeviceDirection.capture, .playback] {
            let side = answers.sides.first { $0.direction == direction }
            object.add(direction.word, written: side.map(written) ?? "null")
        }
        return object.line
    }

    private static func written(_ side: DeviceAnswers<FormatAnswer>.Side) -> String {
        var object = JSONText()
        switch side.answer {
        case .yes(let format, let isConverted)?:
            object.add("supported", true)
            object.add("format", format.sampleFormat.name)
            object.add("rate", format.rate)
            object.add("channels", format.channels)
            object.add("converts", isConverted)
        case .no(let reason)?:
            object.add("supported", false)
            object.add("reason", "it \(reason)")
        case nil:
            object.add("supported", nil as String?)
            if let problem = side.problem { object.add(problem.object) }
        }
        return object.line
    }
}

extension DeviceDirection {
    /// As options and reports call it.
    var word: String { self == .capture ? "capture" : "playback" }
}

extension DeviceProblem {
    /// Members for the object of a direction that could not be asked.
    var object: JSONText {
        var object = JSONText()
        object.add("problem", message)
        object.add("busy", isBusy)
        if let holder { object.add("holder", object: DeviceJSON.stream(holder)) }
        return object
    }
}
