import AupEngine

/// Runs a session for a subcommand: shows what happens, and ends the process with its exit code.
struct SessionRunner {
    private let configuration: SessionConfiguration
    private let options: ReportOptions

    init(_ configuration: SessionConfiguration, _ options: ReportOptions) {
        self.configuration = configuration
        self.options = options
    }

    func run() -> Never {
        let report = SessionReport(configuration.command, options)
        let session = Session(configuration, statsSeconds: options.stats)
        let outcome = session.run(observer: report) { number in
            ExitCodes.end(128 + number)
        }
        report.conclude(outcome)
        ExitCodes.end(ExitCodes.code(of: outcome.ending))
    }
}
