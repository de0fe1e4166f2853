import ArgumentParser
import AupEngine
import AupSound

/// Where the sound goes.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "\(EndpointArgument.outputs); may be given more than once.", valueName: "endpoint"))
    var output: [EndpointArgument] = []

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp("Write wav, au or raw instead of an aup stream.", valueName: "format"))
    var container: StreamContainer?

    @Flag(help: "Replace an existing file.")
    var overwrite = false

    func apply(to configuration: inout SessionConfiguration) throws {
        if !output.isEmpty { configuration.outputs = try output.map { try $0.endpoint() } }
        configuration.outputContainer = container
        configuration.overwrite = overwrite
    }
}
