import ArgumentParser
import AupConfiguration
import AupEngine
import Glibc

/// The one place where aup's exit codes are decided and the process is ended.
enum ExitCodes {
    static let failed: Int32 = 1
    static let deviceFailed: Int32 = 2
    static let upstreamFailed: Int32 = 3
    static let thresholdExceeded: Int32 = 4
    static let usage: Int32 = 64

    static func code(of ending: SessionEnding) -> Int32 {
        switch ending {
        case .done: 0
        case .failed: failed
        case .deviceFailed: deviceFailed
        case .upstreamFailed: upstreamFailed
        case .usage: usage
        case .thresholdExceeded: thresholdExceeded
        }
    }

    static func end(_ code: Int32) -> Never {
        guard let failure = Printer.outputFailure else { exit(code) }
        Printer.line("aup: standard output: \(failure); not all that was told there has arrived", to: .standardError)
        exit(code == 0 ? failed : code)
    }

    /// Ends the process after a parse: help and version go to stdout with 0, mistakes to stderr with 64.
    static func end(parserError error: any Error) -> Never {
        if let code = error as? ExitCode { end(code.rawValue) }
        if let mistake = error as? ConfigurationMistake {
            Printer.line("aup: \(Printer.printable(mistake.line))", to: .standardError)
            end(usage)
        }
        let isMistake = Aup.exitCode(for: error) != .success
        let text = Aup.fullMessage(for: error)
        Printer.line(
            isMistake ? text : HelpPage.withOptionalValues(text), to: isMistake ? .standardError : .standardOutput)
        end(isMistake ? usage : 0)
    }
}
