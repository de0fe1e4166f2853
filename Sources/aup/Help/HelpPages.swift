/// What `--help` says of each command, `""` the whole program; `nil` for what is no command.
///
/// Written by `make options` from the commands' own definitions, because asking those takes longer than a page may take; a
/// test compares the two.
func helpPage(_ command: String) -> String? {
    switch command {
    case "": programPage
    case "capture": capturePage
    case "play": playPage
    case "process": processPage
    case "encode": encodePage
    case "stream": streamPage
    case "meter": meterPage
    case "devices": devicesPage
    case "completions": completionsPage
    default: nil
    }
}
