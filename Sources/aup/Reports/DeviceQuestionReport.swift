import AupEngine
import AupSound

/// `aup devices --supports`, `--probe` and `--test`: puts the question, tells the answer, ends the process.
struct DeviceQuestionReport {
    private let questions: DeviceQuestionOptions
    private let latency: LatencyOptions
    private let format: FormatOptions
    private let reports: AnswerOptions

    init(
        _ questions: DeviceQuestionOptions, latency: LatencyOptions, format: FormatOptions, reports: AnswerOptions
    ) {
        self.questions = questions
        self.latency = latency
        self.format = format
        self.reports = reports
    }

    func runIfAsked() {
        if let wish = questions.supports {
            answer(wish, by: latency.device ?? "default")
        }
        if let name = questions.probe { probe(name) }
        if let name = questions.test { test(name) }
    }

    /// Yes is 0, no is 1; a device that could not be asked is none of both.
    private func answer(_ wish: FormatWish, by name: String) -> Never {
        let answers = DeviceProbe.support(of: wish, by: name, questions.direction)
        if reports.json {
            Printer.line(SupportText.object(answers), to: .standardOutput)
        } else if !reports.quiet {
            for line in SupportText.lines(answers) { say(line) }
        }
        if answers.sides.contains(where: { SupportText.isRefusal($0.answer) }) { ExitCodes.end(ExitCodes.failed) }
        fail(answers.problems)
        ExitCodes.end(0)
    }

    private func probe(_ name: String) -> Never {
        let answers = DeviceProbe.abilities(name, questions.direction)
        if reports.json {
            Printer.line(ProbeText.object(answers), to: .standardOutput)
        } else {
            for line in ProbeText.lines(answers) { say(line) }
        }
        if !answers.isAnswered { fail(answers.problems) }
        ExitCodes.end(0)
    }

    private func test(_ name: String) -> Never {
        var plan = DeviceTestPlan(name: name)
        plan.direction = questions.direction
        plan.sampleFormat = format.format?.sampleFormat
        plan.rate = format.rate?.hertz ?? format.format?.rate
        plan.channels =
            format.channels?.count ?? format.format?.channels ?? format.channelMap?.positions.count
        plan.layout = format.channelMap
        plan.period = latency.period
        plan.buffer = latency.buffer
        plan.levelDecibels = latency.level?.decibels ?? plan.levelDecibels
        plan.duration = questions.duration ?? plan.duration
        switch DeviceTest(plan).run(forced: { ExitCodes.end(128 + $0) }) {
        case .failure(let failure):
            Printer.line("aup devices: \(Printer.printable(failure.message))", to: .standardError)
            ExitCodes.end(ExitCodes.deviceFailed)
        case .success(let report):
            if reports.json {
                Printer.line(DeviceTestText.object(report), to: .standardOutput)
            } else {
                for line in DeviceTestText.lines(report) { say(line) }
                if let warning = report.warning, !reports.quiet {
                    Printer.line("aup devices: \(Printer.printable(warning))", to: .standardError)
                }
            }
            ExitCodes.end(0)
        }
    }

    private func say(_ line: String) { Printer.line(Printer.printable(line), to: .standardOutput) }

    private func fail(_ problems: [DeviceProblem]) {
        guard let problem = problems.first else { return }
        Printer.line("aup devices: \(Printer.printable(problem.message))", to: .standardError)
        ExitCodes.end(ExitCodes.deviceFailed)
    }
}
