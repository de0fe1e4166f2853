import AupEngine
import AupSound

/// Writes measured files anew, each with the gain that brings it to the loudness that was asked for.
struct NormalizedFiles {
    /// Of each file.
    private let outputs: [[Endpoint]]

    /// - Parameter wishes: the outputs as they were named, patterns for more than one file.
    init(_ files: [String], _ wishes: SessionConfiguration) throws {
        guard files.count == 1 else {
            outputs = try EncodedFiles(files, wishes).outputs.map { paths in paths.map { .file($0) } }
            return
        }
        var wishes = wishes
        wishes.input = .file(files[0])
        try EncodedFiles.expand(&wishes)
        outputs = [wishes.outputs]
    }

    var usesStandardOutput: Bool { outputs.contains { $0.contains(.standardStream) } }

    /// - Parameter configurations: one for each file, with it as the input.
    /// - Returns: the exit code.
    func run(
        _ outcome: FileMetering.Outcome, _ plan: Normalization, _ configurations: [SessionConfiguration],
        _ output: OutputOptions, _ reports: ReportOptions
    ) -> Int32 {
        var worst: Int32 = 0
        for (index, result) in outcome.results.enumerated() {
            guard let reading = result.reading else { continue }
            var configuration = configurations[result.item]
            configuration.outputs = outputs[result.item]
            configuration.overwrite = output.overwrite
            // Silence is what it is at any loudness.
            configuration.volume = plan.gain(for: reading)?.factor ?? 1
            configuration.sampleFormat = configuration.sampleFormat ?? reading.format.sampleFormat
            // A half of a file looks like a whole one.
            configuration.finishesInput = configuration.outputs.allSatisfy(\.isFile)
            let report = SessionReport("meter", reports)
            let ended = Session(configuration, statsSeconds: nil).run(observer: report) { number in
                ExitCodes.end(128 + number)
            }
            report.conclude(ended)
            worst = max(worst, ExitCodes.code(of: ended.ending))
            if ended.isStopped, index < outcome.results.count - 1 {
                let words = "stopped after \(index + 1) of \(outcome.results.count) files"
                Printer.line("aup meter: \(words)", to: .standardError)
                break
            }
        }
        return worst
    }
}
