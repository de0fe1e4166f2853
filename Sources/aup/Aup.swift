import ArgumentParser
import AupEngine
import AupSound

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
        subcommands: [Capture.self, Play.self, Process.self, Encode.self, Stream.self, Devices.self])

    static func main() {
        Session.prepareProcess()
        let words = ArgumentWords.normalized(ArgumentWords.ofProcess())
        // Answered before the parser has built its picture of every subcommand.
        if words == ["--version"] { return Printer.line(versionText, to: .standardOutput) }
        do {
            var command = try parsedDirectly(words) ?? parseAsRoot(words)
            try command.run()
        } catch {
            ExitCodes.end(parserError: error)
        }
    }

    /// The subcommand that the first word names, parsed by itself; `nil` where the root is needed: for help, and to say what
    /// is wrong with the words.
    ///
    /// From the root a start took 6.0 ms where it takes 4.8 now: the parser makes a picture of the subcommand's options
    /// once more to look at a single property, and two of its own in search of a request for completions, which
    /// `_superCommandName` spares.
    private static func parsedDirectly(_ words: [String]) -> (any ParsableCommand)? {
        guard let name = words.first,
            let subcommand = configuration.subcommands.first(where: { $0.configuration.commandName == name }),
            let command = try? subcommand.parseAsRoot(Array(words.dropFirst())), type(of: command) == subcommand
        else { return nil }
        return command
    }
}

let versionText = ProgramName.withVersion
