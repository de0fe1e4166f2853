import AupEngine
import AupSound

/// Mends files and says what became of each, on standard output: here the report is the product.
enum RepairReport {
    /// - Returns: whether every file is in order now.
    static func mend(_ files: [String], keepsBackup: Bool, _ options: ReportOptions) -> Bool {
        let mender = FileMender(keepsBackup: keepsBackup)
        var isWell = true
        for file in files {
            let outcome = mender.mend(file)
            if case .refused(let why) = outcome {
                isWell = false
                Printer.line("aup capture: \(Printer.printable(why))", to: .standardError)
            }
            if options.json {
                Printer.line(json(file, outcome), to: .standardOutput)
            } else if !options.quiet, let text = text(file, outcome) {
                Printer.line(Printer.printable(text), to: .standardOutput)
            }
        }
        return isWell
    }

    private static func text(_ file: String, _ outcome: FileMender.Outcome) -> String? {
        switch outcome {
        case .sound(let frames): "\(file): in order, \(frames) frames"
        case .mended(let path, let findings, let frames, let backup):
            "\(path): mended, \(frames) frames; \(findings.joined(separator: "; "))"
                + (backup.map { "; as it was: \($0)" } ?? "")
        case .refused: nil
        }
    }

    private static func json(_ file: String, _ outcome: FileMender.Outcome) -> String {
        var text = JSONText()
        text.add("event", "repair")
        text.add("file", file)
        switch outcome {
        case .sound(let frames):
            text.add("outcome", "in-order")
            text.add("frames", Int64(clamping: frames))
        case .mended(let path, let findings, let frames, let backup):
            text.add("outcome", "mended")
            text.add("path", path)
            text.add("frames", Int64(clamping: frames))
            text.add("findings", findings)
            text.add("backup", backup)
        case .refused(let why):
            text.add("outcome", "refused")
            text.add("message", why)
        }
        return text.line
    }
}
