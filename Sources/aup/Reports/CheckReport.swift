import AupEngine
import AupSound

/// `aup capture --check`: what would happen, on standard output.
enum CheckReport {
    static func tell(_ plan: PlannedCapture, json: Bool) {
        if json {
            Printer.line(object(plan), to: .standardOutput)
        } else {
            for line in lines(plan) { Printer.line(Printer.printable(line), to: .standardOutput) }
        }
    }

    private static func lines(_ plan: PlannedCapture) -> [String] {
        var lines = ["device    \(plan.device)"]
        if let agreed = plan.agreed {
            lines.append(
                "format    \(agreed.format.summary), period \(agreed.periodFrames), buffer \(agreed.bufferFrames) frames"
            )
        } else {
            lines.append("format    unknown: \(plan.deviceProblem ?? "")")
        }
        lines.append(
            "start     \(plan.start.map { "\($0.local) (\($0.utc))" } ?? "at once")\(plan.isLate ? ", late" : "")")
        if let end = plan.end {
            lines.append("end       \(end.local) (\(end.utc))")
        } else {
            lines.append("end       \(plan.durationSeconds.map { "after \($0) s" } ?? "when it is told to")")
        }
        lines += plan.outputs.flatMap(outputLines)
        if let lock = plan.lockPath {
            lines.append("lock      \(lock): \(plan.lockHolder.map { "held by \($0)" } ?? "free")")
        }
        return lines
    }

    private static func outputLines(_ output: PlannedOutput) -> [String] {
        let kind = output.container.map { " (\($0))" } ?? ""
        let problem = output.problem.map { ": \($0)" } ?? ""
        guard let first = output.firstFile, first != output.name else {
            return ["output    \(output.name)\(kind)\(problem)"]
        }
        return ["output    \(output.name)\(kind)", "first     \(first)\(problem)"]
    }

    private static func object(_ plan: PlannedCapture) -> String {
        var object = JSONText()
        object.add("event", "check")
        object.add("command", "capture")
        object.add("device", plan.device)
        object.add("device_problem", plan.deviceProblem)
        object.add("format", plan.agreed?.format.sampleFormat.name)
        object.add("rate", plan.agreed?.format.rate)
        object.add("channels", plan.agreed?.format.channels)
        object.add("start_local", plan.start?.local)
        object.add("start_utc", plan.start?.utc)
        object.add("end_local", plan.end?.local)
        object.add("end_utc", plan.end?.utc)
        object.add("late", plan.isLate)
        object.add("duration_seconds", plan.durationSeconds)
        object.add(
            "outputs",
            objects: plan.outputs.map { output in
                var entry = JSONText()
                entry.add("name", output.name)
                entry.add("container", output.container)
                entry.add("first_file", output.firstFile)
                entry.add("problem", output.problem)
                return entry
            })
        object.add("lock", plan.lockPath)
        object.add("lock_holder", plan.lockHolder)
        return object.line
    }
}
