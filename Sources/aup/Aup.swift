import ArgumentParser
import AupConfiguration
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
        subcommands: [
            Capture.self, Play.self, Process.self, Encode.self, Stream.self, Meter.self, Devices.self,
            Completions.self,
        ])

    @Flag(
        help: ArgumentHelp(
            "Tell what configuration files, environment and the program itself say for every option, or for a command and its words."
        )
    )
    var showConfig = false

    static func main() {
        Session.prepareProcess()
        answer()
        ExitCodes.end(0)
    }

    private static func answer() {
        let words = ArgumentWords.normalized(ArgumentWords.ofProcess())
        // Answered before the parser has built its picture of every subcommand.
        if words == ["--version"] { return Printer.line(versionText, to: .standardOutput) }
        if let page = HelpPage.asked(by: words) {
            return Printer.line(HelpPage.wrapped(page, columns: Printer.outputColumns), to: .standardOutput)
        }
        if words == [HelpPage.word] { return Printer.raw(HelpPage.written, to: .standardOutput) }
        // A shell waits, and asks at every TAB.
        if words.first == LiveCompletion.word { return LiveCompletion.answer(Array(words.dropFirst())) }
        do {
            if let asked = words.prefix(while: { $0 != "--" }).firstIndex(of: "--show-config") {
                return try ConfigurationReport.show(Array(words[..<asked] + words[(asked + 1)...]))
            }
            if let arrangement = try Arrangement.of(words) { return try arrangement.run() }
            var command = try parsedWithoutOpposites(words)
            try command.run()
        } catch {
            ExitCodes.end(parserError: error)
        }
    }

    /// The command that words are, or the parser's error.
    static func parsed(_ words: [String]) throws -> any ParsableCommand {
        try parsedDirectly(words) ?? parseAsRoot(words)
    }

    /// The same where nothing is configured; what switches off a default that might be (`--no-json`) means nothing then, and
    /// is found out only where the parser does not take it.
    private static func parsedWithoutOpposites(_ words: [String]) throws -> any ParsableCommand {
        do {
            return try parsed(words)
        } catch {
            guard words.contains(where: { $0.hasPrefix("--") }), exitCode(for: error) != .success,
                let command = OptionTable(lines: optionLines)[words.first ?? ""]
            else { throw error }
            let fewer = WordReader(Array(words.dropFirst()), of: command).wordsForParser
            guard fewer.count < words.count - 1 else { throw error }
            return try parsed([command.name] + fewer)
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

let versionText = ProgramFacts.version
