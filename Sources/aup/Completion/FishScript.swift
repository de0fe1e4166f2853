/// The script that teaches fish the commands.
enum FishScript {
    static func text(_ program: DefinedCommand) -> String {
        let own = program.options.map { "complete -c aup -n __aup_begins \(option($0, program))" }
        let commands = program.subcommands.map { command in
            "complete -c aup -n __aup_begins -f -a \(command.name) -d "
                + ShellText.fishQuoted(DefinedText.note(command.abstract))
        }
        let list = program.subcommands.flatMap { command in
            [command.name, ShellText.fishQuoted(DefinedText.note(command.abstract))]
        }.joined(separator: " ")
        let rest = program.subcommands.flatMap { command in
            let condition = "complete -c aup -n '__aup_is \(command.name)' "
            let options = command.options.map { condition + option($0, command) }
            return options + [command.operands.map { condition + operands($0.kind, command) }].compactMap(\.self)
        }
        return """
            # What fish completes behind aup. `aup completions fish` wrote it from the definitions of the commands.

            \(functions)

            function __aup_commands
                printf '%s\\t%s\\n' \(list)
            end

            complete -c aup -f
            \((own + commands + rest).joined(separator: "\n"))

            """
    }

    private static func option(_ option: DefinedOption, _ command: DefinedCommand) -> String {
        let names = option.names.map { $0.hasPrefix("--") ? "-l \($0.dropFirst(2))" : "-s \($0.dropFirst(1))" }
        let value =
            switch option.value {
            case .none, .optional: ""
            case .required: " " + offer(option.kind, command, option.name)
            }
        return names.joined(separator: " ") + value + " -d " + ShellText.fishQuoted(option.note)
    }

    private static func offer(_ kind: ValueKind, _ command: DefinedCommand, _ option: String) -> String {
        switch kind {
        case .nothing: "-x"
        case .files: "-r -F"
        default: "-x -a \(ShellText.fishQuoted(words(kind, command, option)))"
        }
    }

    private static func operands(_ kind: ValueKind, _ command: DefinedCommand) -> String {
        switch kind {
        case .nothing: "-f"
        case .files: "-F"
        default: "-f -a \(ShellText.fishQuoted(words(kind, command, command.valuedNames.joined(separator: ","))))"
        }
    }

    private static func words(_ kind: ValueKind, _ command: DefinedCommand, _ option: String) -> String {
        switch kind {
        case .nothing, .files: ""
        case .words(let words):
            words.map { ShellText.escaped($0, [" ", "'", "\"", "$", "\\", "("]) }.joined(separator: " ")
        case .folders: "(__fish_complete_directories (__aup_typed))"
        case .programs: "(__fish_complete_command)"
        case .commands: "(__aup_commands)"
        case .live(let values): "(__aup_live \(values.rawValue) \(command.name) '\(option)')"
        }
    }

    private static let functions = #"""
        # The words before the current one, without what stands before a command.
        function __aup_words
            set -l words (commandline -opc)
            if test "$words[2]" = --show-config
                set -e words[2]
                test "$words[2]" = --json; and set -e words[2]
            end
            printf '%s\n' $words
        end

        function __aup_begins
            test (count (__aup_words)) -lt 2
        end

        function __aup_is
            set -l words (__aup_words)
            test (count $words) -ge 2; and test $words[2] = $argv[1]
        end

        # The value as far as it is typed, without its quotes and the option before it.
        function __aup_typed
            string unescape -- (commandline -ct | string replace -r -- '^--[^=]*=' '')
        end

        # Asks the program, which answers with a word a line and a note behind a tab; a single / means files.
        function __aup_live
            set -l words (__aup_words)
            set -l program (string replace -r -- '^~(?=/)' "$HOME" $words[1])
            set -l typed (__aup_typed)
            for line in ($program ---complete $argv "$typed" $words[3..] 2>/dev/null)
                if test "$line" = /
                    __fish_complete_path "$typed"
                else
                    printf '%s\n' $line
                end
            end
        end
        """#
}
