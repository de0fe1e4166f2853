import AupEngine

/// Runs a session for a subcommand: shows what happens, and ends the process with its exit code.
struct SessionRunner {
    private var configuration: SessionConfiguration
    private let options: ReportOptions

    init(_ configuration: SessionConfiguration, _ options: ReportOptions) {
        self.configuration = configuration
        self.configuration.network.tellsEachPeer = options.json || options.verbose
        self.options = options
    }

    func run() throws -> Never {
        try Arrangement.settle(configuration)
        let report = SessionReport(configuration.command, options)
        // Before there is sound: a mistake is told at once.
        guard report.leaveNumbers(SessionStatus()) else { ExitCodes.end(ExitCodes.failed) }
        let session = Session(configuration, statsSeconds: options.stats)
        let outcome = session.run(observer: report) { number in
            ExitCodes.end(128 + number)
        }
        report.conclude(outcome)
        ExitCodes.end(ExitCodes.code(of: outcome.ending))
    }
}

/// Tells what a capture would do, and ends the process.
enum CheckRunner {
    static func run(_ configuration: SessionConfiguration, _ options: ReportOptions) -> Never {
        switch PlannedCapture.make(configuration) {
        case .success(let plan):
            CheckReport.tell(plan, json: options.json)
            guard plan.deviceProblem == nil || plan.isDeviceBusy else { ExitCodes.end(ExitCodes.deviceFailed) }
            ExitCodes.end(plan.outputs.allSatisfy { $0.problem == nil } ? 0 : ExitCodes.failed)
        case .failure(let refusal):
            Printer.line("aup capture: \(refusal.ending.message ?? "")", to: .standardError)
            ExitCodes.end(ExitCodes.code(of: refusal.ending))
        }
    }
}
