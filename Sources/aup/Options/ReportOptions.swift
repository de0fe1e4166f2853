import ArgumentParser
import AupEngine

enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
}

/// How much is said, and how.
struct AnswerOptions: ParsableArguments {
    @Flag(name: [.short, .long], help: "Say nothing but errors.")
    var quiet = false

    @Flag(name: [.short, .long], help: "Say more: what the device agreed to, how it ended.")
    var verbose = false

    @Flag(help: "Reports as JSON, one object a line.")
    var json = false

    @Option(help: ArgumentHelp("Colour: auto, always or never. NO_COLOR is honoured.", valueName: "when"))
    var color: ColorChoice = .auto
}

/// The same of sound that passes, and its numbers meanwhile.
struct ReportOptions: ParsableArguments {
    @OptionGroup(title: "Reports") var answer: AnswerOptions

    var quiet: Bool { answer.quiet }
    var verbose: Bool { answer.verbose }
    var json: Bool { answer.json }
    var color: ColorChoice { answer.color }

    @Option(
        help: ArgumentHelp(
            "A status line every so many seconds; --stats alone means 10. SIGUSR2 asks for one.",
            valueName: "seconds"))
    var stats: Double?

    @Option(
        help: ArgumentHelp(
            "Leave the numbers in FILE.prom for Prometheus, as often as --stats says, and at the end.",
            valueName: "file"))
    var prometheus: String?

    func validate() throws {
        if let stats, !(0.05...86_400).contains(stats) {
            throw ValidationError("--stats=\(stats): between 0.05 and 86400 seconds")
        }
        if let prometheus, !prometheus.hasSuffix(MetricsFile.nameEnd) || prometheus.hasSuffix("/.prom") {
            throw ValidationError(
                "--prometheus \(prometheus): the file is replaced again and again; its name must end in .prom")
        }
    }
}
