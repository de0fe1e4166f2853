import ArgumentParser
import AupEngine
import AupSound

/// Where a filter's sound comes from, and how much of it is taken.
struct InputOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("\(EndpointArgument.inputs).", valueName: "endpoint"))
    var input: EndpointArgument?

    @Flag(help: "The input has no header: -f, -r and -c say what it is.")
    var raw = false

    @Option(name: [.short, .long], help: ArgumentHelp("Take no more than this.", valueName: "time"))
    var duration: TimeSpan?

    /// What is read when nothing else names it.
    func endpoint() throws -> Endpoint { try input?.endpoint() ?? .standardStream }

    func apply(to configuration: inout SessionConfiguration) {
        configuration.isInputRaw = raw
        configuration.duration = duration
    }
}
