/// The script that teaches bash the commands.
///
/// bash cuts words at `=` and `:` (COMP_WORDBREAKS) and replaces what is behind; so the script reads the line itself, and gives
/// back of each word only what bash replaces. Names of files are left to bash, which knows every byte of them. Nothing that the
/// program says is expanded.
enum BashScript {
    static func text(_ program: DefinedCommand) -> String {
        let cases = program.subcommands.map { command in
            """
                \(command.name))
                    options=(\(names(command.options)))
                    valued=(\(command.valuedNames.joined(separator: " ")))
                    ;;
            """
        }
        let kinds = program.subcommands.flatMap { command in
            command.options.compactMap { option in
                words(of: option.kind, command, option.name).map { kind in
                    "    " + option.names.map { "\(command.name):\($0)" }.joined(separator: "|") + ") \(kind) ;;"
                }
            }
                + [
                    command.operands.flatMap { words(of: $0.kind, command, command.valuedNames.joined(separator: ",")) }
                        .map { "    \(command.name):) \($0) ;;" }
                ]
                .compactMap(\.self)
        }
        return """
            # What bash completes behind aup. `aup completions bash` wrote it from the definitions of the commands.

            __aup_define() {
                case $1 in
            \(cases.joined(separator: "\n"))
                *)
                    options=(\(names(program.options)))
                    valued=()
                    ;;
                esac
            }

            __aup_commands=(\(program.subcommands.map(\.name).joined(separator: " ")))

            # The value of an option, or a word without one.
            __aup_value() {
                case $1:$2 in
            \(kinds.joined(separator: "\n"))
                esac
            }

            \(rest)
            """
    }

    private static func names(_ options: [DefinedOption]) -> String {
        options.flatMap(\.names).joined(separator: " ")
    }

    /// The command that offers them.
    private static func words(of kind: ValueKind, _ command: DefinedCommand, _ option: String) -> String? {
        switch kind {
        case .nothing: nil
        case .words(let words): "__aup_offer \(words.map(ShellText.quoted).joined(separator: " "))"
        case .files: "__aup_files"
        case .folders: "compopt -o dirnames"
        case .programs: "__aup_programs"
        case .commands: "__aup_offer \"${__aup_commands[@]}\""
        case .live(let values): "__aup_live \(values.rawValue) \(command.name) '\(option)'"
        }
    }

    private static let rest = #"""
        # Takes the line apart as bash does, but for = and :, which are parts of words here. `words` are those before the current
        # one without their quotes, `word` is the current one up to the cursor, `quote` the one it stands in, `kept` what bash
        # leaves of it; `redirected` says that a file of a redirection stands there.
        __aup_read() {
            local line=${COMP_LINE:0:COMP_POINT} c has='' i
            for ((i = 0; i < ${#line}; i++)); do
                c=${line:i:1}
                if [[ $quote == \' ]]; then
                    if [[ $c == \' ]]; then quote=''; else word+=$c; fi
                elif [[ $c == \\ && ( -z $quote || ${line:i+1:1} == [\"\\\$\`] ) ]]; then
                    ((i++))
                    word+=${line:i:1} has=1
                elif [[ $quote ]]; then
                    if [[ $c == \" ]]; then quote=''; else word+=$c; fi
                else
                    case $c in
                    \' | \") quote=$c kept=$word has=1 ;;
                    ' ' | $'\t' | $'\n' | '<' | '>')
                        [[ $has && -z $redirected ]] && words+=("$word")
                        [[ $has ]] && redirected=''
                        [[ $c == [\<\>] ]] && redirected=1
                        word='' kept='' has=''
                        ;;
                    *)
                        word+=$c has=1
                        [[ $c == [=:] && $COMP_WORDBREAKS == *"$c"* ]] && kept=$word
                        ;;
                    esac
                fi
            done
        }

        # Offers those of the words that begin with what stands there.
        __aup_offer() {
            local offer
            for offer; do
                [[ $offer == "$value"* ]] || continue
                offer=$before$offer
                [[ $offer == *[=:/] ]] && compopt -o nospace
                offer=${offer#"$kept"}
                [[ -z $quote && $offer == *[!a-zA-Z0-9_./:=@%+,-]* ]] && printf -v offer %q "$offer"
                COMPREPLY+=("$offer")
            done
        }

        __aup_files() {
            local file
            # By itself where nothing else is offered; it takes the word from the last = on, if that is where bash cuts it.
            if [[ ${#COMPREPLY[@]} == 0 && ( -z $before || $quote || $kept == "$before"* ) ]]; then
                compopt -o default
                return
            fi
            for file in "$value"*; do
                [[ -e $file ]] || continue
                if [[ -d $file ]]; then __aup_offer "$file/"; else __aup_offer "$file"; fi
            done
        }

        __aup_programs() {
            local program
            while read -r program; do __aup_offer "$program"; done < <(compgen -c -- "$value")
        }

        # Asks the program, which answers with a word a line and a note behind a tab; a single / means files.
        __aup_live() {
            local program=${words[0]} offer files=''
            [[ $program == '~/'* ]] && program=$HOME/${program:2}
            while IFS=$'\t' read -r offer _; do
                if [[ $offer == / ]]; then files=1; else __aup_offer "$offer"; fi
            done < <("$program" ---complete "$1" "$2" "$3" "$value" "${words[@]:2}" 2>/dev/null)
            [[ $files ]] && __aup_files
        }

        _aup() {
            local words=() options=() valued=() word='' quote='' kept='' redirected='' before='' value option='' closed='' passed
            COMPREPLY=()
            __aup_read
            if [[ $redirected ]]; then
                compopt -o default
                return
            fi
            # These stand before a command and its words.
            if [[ ${words[1]} == --show-config ]]; then
                words=("${words[0]}" "${words[@]:2}")
                [[ ${words[1]} == --json ]] && words=("${words[0]}" "${words[@]:2}")
            fi
            value=$word
            __aup_define "${words[1]}"
            if [[ ${#words[@]} -lt 2 ]]; then
                if [[ $word == -* ]]; then __aup_offer "${options[@]}"; else __aup_offer "${__aup_commands[@]}"; fi
                return
            fi
            for passed in "${words[@]:2}"; do
                if [[ $option ]]; then
                    option=''
                elif [[ $passed == -- ]]; then
                    closed=1
                elif [[ -z $closed && " ${valued[*]} " == *" $passed "* ]]; then
                    option=$passed
                fi
            done
            if [[ -z $option$closed && $word == -* ]]; then
                if [[ $word != --*=* ]]; then
                    __aup_offer "${options[@]}"
                    return
                fi
                option=${word%%=*} before=$option= value=${word#*=}
            fi
            __aup_value "${words[1]}" "$option"
        }

        complete -F _aup aup

        """#
}
