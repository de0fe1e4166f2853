import ArgumentParser

@main
struct Aup: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "aup", version: "0.1.0")
}
