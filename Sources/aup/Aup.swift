import ArgumentParser
import AupEngine

/// The tool: words in, a session, an exit code.
@main
struct Aup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aup",
        abstract: "Capture, process, play: filters over a self-describing stream of sound.",
        discussion: """
            A format is stated once, at the source, and travels with the sound:

              aup capture | aup process gain gain=-6 | aup play
              aup capture -D sim:sine -d 10s -o sine.wav
            """,
        version: versionText,
        subcommands: [Capture.self, Play.self, Process.self, Devices.self])

    static func main() {
        Session.prepareProcess()
        let words = ArgumentWords.normalized(ArgumentWords.ofProcess())
        // Answered before the parser has built its picture of every subcommand.
        if words == ["--version"] { return Printer.line(versionText, to: .standardOutput) }
        do {
            var command = try parseAsRoot(words)
            try command.run()
        } catch {
            ExitCodes.end(parserError: error)
        }
    }
}

let versionText = "aup 0.1.0"
