/// The script that teaches zsh the commands: `_arguments` knows the options, the program is asked for what is there.
enum ZshScript {
    static func text(_ program: DefinedCommand) -> String {
        let commands = program.subcommands.map { command in
            "        \(ShellText.singleQuoted("\(command.name):\(DefinedText.note(command.abstract))"))"
        }
        let functions = program.subcommands.map { command in
            let operands = command.operands.map {
                [
                    "        \(ShellText.singleQuoted("*:\(message($0.valueName)):\(action($0.kind, command, command.valuedNames.joined(separator: ",")))"))"
                ]
            }
            let specifications = command.options.map { "        \(specification($0, command))" } + (operands ?? [])
            return """
                _aup_\(command.name)() {
                    _arguments -s -S : \\
                \(specifications.joined(separator: " \\\n"))
                }
                """
        }
        let own = program.options.map { "        \(specification($0, program))" }
        return """
            #compdef aup
            # What zsh completes behind aup. `aup completions zsh` wrote it from the definitions of the commands.

            _aup_commands() {
                local -a commands=(
            \(commands.joined(separator: "\n"))
                )
                _describe -t commands command commands
            }

            \(functions.joined(separator: "\n\n"))

            \(live)

            _aup() {
                local curcontext=$curcontext state line program=${(Q)words[1]}
                typeset -A opt_args
                integer ret=1
                # These stand before a command and its words.
                if [[ $words[2] == --show-config ]] && (( CURRENT > 2 )); then
                    words[2]=() CURRENT=$(( CURRENT - 1 ))
                    if [[ $words[2] == --json ]] && (( CURRENT > 2 )); then
                        words[2]=() CURRENT=$(( CURRENT - 1 ))
                    fi
                fi
                _arguments -C -S : \\
            \(own.joined(separator: " \\\n")) \\
                    '(-): : _aup_commands' \\
                    '(-)*:: :->words' && ret=0
                if [[ $state == words ]] && (( $+functions[_aup_$words[1]] )); then
                    curcontext=${curcontext%:*:*}:aup-$words[1]:
                    _aup_$words[1] && ret=0
                fi
                return ret
            }

            if [[ $funcstack[1] == _aup ]]; then
                _aup "$@"
            else
                compdef _aup aup
            fi

            """
    }

    private static func specification(_ option: DefinedOption, _ command: DefinedCommand) -> String {
        let others = option.isRepeating ? "*" : option.names.count > 1 ? "(\(option.names.joined(separator: " ")))" : ""
        let names = option.names.map { name in
            switch option.value {
            case .none: name
            // Behind the = or in the next word; or only behind the =.
            case .required: name.hasPrefix("--") ? "\(name)=" : name
            case .optional: "\(name)=-"
            }
        }
        var text = "[\(ShellText.escaped(option.note, ["[", "]", ":", "\\"]))]"
        if option.value != .none {
            text += option.value == .optional ? "::" : ":"
            text += "\(message(option.valueName)):\(action(option.kind, command, option.name))"
        }
        let braces = names.count > 1 ? "{\(names.joined(separator: ","))}" : ShellText.quoted(names[0])
        return (others.isEmpty ? "" : ShellText.singleQuoted(others)) + braces + ShellText.singleQuoted(text)
    }

    private static func message(_ valueName: String) -> String { ShellText.escaped(valueName, [":", "\\"]) }

    private static func action(_ kind: ValueKind, _ command: DefinedCommand, _ option: String) -> String {
        switch kind {
        case .nothing: " "
        case .words(let words):
            "(\(words.map { ShellText.escaped($0, [" ", "(", ")", "\\", ":"]) }.joined(separator: " ")))"
        case .files: "_files"
        case .folders: "_files -/"
        case .programs: "_command_names -e"
        case .commands: " _aup_commands"
        case .live(let values): " _aup_live \(values.rawValue) \(command.name) \"\(option)\""
        }
    }

    private static let live = #"""
        # Asks the program, which answers with a word a line and a note behind a tab; a single / means files.
        _aup_live() {
            local value entry
            local -a open ended
            integer files=0 ret=1
            [[ $program == '~/'* ]] && program=$HOME/${program#'~/'}
            for entry in "${(@f)$(_call_program values ${(q)program} ---complete "${(@q)@}" ${(q)${(Q)PREFIX}} \
                "${(@q)${(@Q)words[2,CURRENT-1]}}" 2>/dev/null)}"; do
                value=${entry%%$'\t'*}
                case $value in
                '') continue ;;
                /) files=1; continue ;;
                esac
                entry=${${entry#"$value"}#$'\t'}
                entry=${value//(#m)[\\:]/\\$MATCH}${entry:+:$entry}
                if [[ $value == *[=:/] ]]; then open+=("$entry"); else ended+=("$entry"); fi
            done
            if (( $#open + $#ended )); then
                _describe -t values value open -S '' -- ended && ret=0
            fi
            (( files )) && _files && ret=0
            return ret
        }
        """#
}
