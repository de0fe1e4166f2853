import ArgumentParser
import AupEngine
import AupSound

/// Which files become which, before anything is begun.
struct EncodedFiles {
    let inputs: [String]
    /// For each input its outputs, in the order of the `-o`.
    private(set) var outputs: [[String]] = []

    /// - Throws: `ValidationError` for what cannot be, with nothing made yet.
    init(_ inputs: [String], _ configuration: SessionConfiguration) throws {
        self.inputs = inputs
        if inputs.contains("-") { throw ValidationError("'-': standard input cannot be one of several files") }
        var patterns: [OutputPattern] = []
        for output in configuration.outputs {
            guard case .file(let path) = output else {
                let name = output == .standardStream ? "standard output" : output.name
                throw ValidationError(
                    "\(inputs.count) files cannot all go to \(name); give -o '{stem}.opus' or a folder")
            }
            let pattern = try Self.pattern(path, configuration)
            guard pattern.namesInput else {
                throw ValidationError(
                    "-o \(path): \(inputs.count) files cannot all have this name; give -o '{stem}.opus' or a folder")
            }
            patterns.append(pattern)
        }
        outputs = inputs.map { input in patterns.map { $0.path(for: input) } }
        let all = outputs.flatMap { $0 }
        let sources = inputs.flatMap { input in patterns.map { _ in input } }
        if let objection = OutputPattern.objection(inputs: sources, outputs: all) { throw ValidationError(objection) }
        for pattern in patterns { try Self.makeFolder(pattern) }
    }

    /// The words of an output in braces, or a folder's name, made to the name of a file.
    static func expand(_ configuration: inout SessionConfiguration) throws {
        guard case .file(let input) = configuration.input else { return }
        for index in configuration.outputs.indices {
            guard case .file(let path) = configuration.outputs[index] else { continue }
            // One file may be called anything else.
            guard let pattern = OutputPattern(path, ending: configuration.endingInFolder), pattern.hasWords else {
                continue
            }
            try makeFolder(pattern)
            configuration.outputs[index] = .file(pattern.path(for: input))
        }
    }

    private static func makeFolder(_ pattern: OutputPattern) throws {
        guard !Arrangement.isDry, let why = pattern.makeFolder() else { return }
        throw ValidationError(why)
    }

    private static func pattern(_ path: String, _ configuration: SessionConfiguration) throws -> OutputPattern {
        guard let pattern = OutputPattern(path, ending: configuration.endingInFolder) else {
            throw ValidationError("-o \(path): {stem}, {name}, {ext} and {dir} are known in braces, and no others")
        }
        return pattern
    }
}

/// Runs a batch and ends the process with its exit code.
enum BatchRunner {
    static func run(_ files: EncodedFiles, atOnce: Int?, _ options: ReportOptions) -> Never {
        let batch = FileBatch(
            inputs: files.inputs, atOnce: atOnce ?? FileBatch.usualAtOnce, words: ArgumentWords.ofProcess())
        let report = BatchReport(files, options)
        // A mistake is told at once.
        guard report.leaveNumbers(FileBatch.Progress()) else { ExitCodes.end(ExitCodes.failed) }
        let patience = Int32(min(0.5, options.stats ?? 0.5) * 1000)
        let outcome = batch.run(everyMilliseconds: patience, tick: report.tick, ended: report.ended) { number in
            ExitCodes.end(128 + number)
        }
        report.conclude(outcome, batch.progress)
        ExitCodes.end(outcome.failed > 0 ? ExitCodes.failed : 0)
    }
}
