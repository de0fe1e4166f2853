import ArgumentParser

/// A shell that can be taught.
enum Shell: String, ExpressibleByArgument, CaseIterable {
    case bash, zsh, fish

    var script: String {
        let program = DefinedCommand.program()
        return switch self {
        case .bash: BashScript.text(program)
        case .zsh: ZshScript.text(program)
        case .fish: FishScript.text(program)
        }
    }
}

struct Completions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        _superCommandName: "aup",
        abstract: "Write what teaches a shell to complete the words of aup.",
        discussion: """
            It is installed with aup; without that:

              source <(aup completions bash)                 # in ~/.bashrc
              aup completions zsh > ~/.zfunc/_aup            # a folder of $fpath, before compinit
              aup completions fish > ~/.config/fish/completions/aup.fish
            """)

    @Argument(help: ArgumentHelp("bash, zsh or fish.", valueName: "shell"))
    var shell: Shell

    func run() {
        Printer.raw(shell.script, to: .standardOutput)
    }
}
