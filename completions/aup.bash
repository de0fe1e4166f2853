# What bash completes behind aup. `aup completions bash` wrote it from the definitions of the commands.

__aup_define() {
    case $1 in
    capture)
        options=(-D --device -i --input -d --duration -o --output --as --overwrite --split --align --utc --keep --min-free --on-file --hook-timeout --sidecar --no-sidecar --container --fsync --tag --no-tags --page --bext --description -b --bitrate --repair --no-backup -f --format -r --rate -c --channels --channel-map --latency --period --buffer --realtime --no-realtime --at --until --lock --check --trigger --pre-roll --hang --hysteresis --wait-device --reconnect --gaps --exit-on --silence-alarm --stuck-alarm -q --quiet -v --verbose --json --color --stats --prometheus --version -h --help)
        valued=(-D --device -i --input -d --duration -o --output --as --split --keep --min-free --on-file --hook-timeout --container --fsync --tag --page --description -b --bitrate -f --format -r --rate -c --channels --channel-map --latency --period --buffer --at --until --lock --trigger --pre-roll --hang --hysteresis --gaps --exit-on --silence-alarm --stuck-alarm --color --prometheus)
        ;;
    play)
        options=(-D --device -i --input -o --output --raw --start -d --duration --loop --no-controls --volume --lead-in -f --format -r --rate -c --channels --channel-map --latency --period --buffer --realtime --no-realtime --no-drift --quality --mix -q --quiet -v --verbose --json --color --stats --prometheus --version -h --help)
        valued=(-D --device -i --input -o --output --start -d --duration --loop --volume --lead-in -f --format -r --rate -c --channels --channel-map --latency --period --buffer --quality --mix --color --prometheus)
        ;;
    process)
        options=(--list --info --tail --automate --watch --build --source --build-timeout --control --connect --get --check --isolate --on-crash --max-time --bypass --exact-denormals --levels -i --input --raw -d --duration -o --output --as --overwrite --container --fsync --tag --no-tags --page --bext --description -b --bitrate -f --format -r --rate -c --channels --channel-map --latency --period --buffer --realtime --no-realtime -q --quiet -v --verbose --json --color --stats --prometheus --version -h --help)
        valued=(--info --tail --automate --build --source --build-timeout --control --connect --get --check --on-crash --max-time -i --input -d --duration -o --output --as --container --fsync --tag --page --description -b --bitrate -f --format -r --rate -c --channels --channel-map --latency --period --buffer --color --prometheus)
        ;;
    encode)
        options=(--codec --jobs -i --input --raw -d --duration -b --bitrate --vbr --cvbr --cbr --application --frame --complexity --bandwidth --fec --loss --dtx --signal --output-gain -o --output --as --overwrite --container --fsync --tag --no-tags --page --bext --description -f --format -r --rate -c --channels --channel-map --latency --period --buffer --realtime --no-realtime -q --quiet -v --verbose --json --color --stats --prometheus --version -h --help)
        valued=(--codec --jobs -i --input -d --duration -b --bitrate --application --frame --complexity --bandwidth --loss --signal --output-gain -o --output --as --container --fsync --tag --page --description -f --format -r --rate -c --channels --channel-map --latency --period --buffer --color --prometheus)
        ;;
    stream)
        options=(--listen --connect --receive --send --mix -i --input --raw -d --duration --retry --secret-file --mode --group --allow-uid --clients --queue --keep --want --payload --ptime --mtu --ttl --interface --sdp --delay --max-delay --liveness --codec --ice-name --ice-description --ice-genre --ice-url --ice-public --spool --ca -o --output --as --overwrite --container --fsync --tag --no-tags --page --bext --description -f --format -r --rate -c --channels --channel-map --latency --period --buffer --realtime --no-realtime -q --quiet -v --verbose --json --color --stats --prometheus --version -h --help)
        valued=(--listen --connect --receive --send -i --input -d --duration --secret-file --mode --group --allow-uid --clients --queue --want --payload --ptime --mtu --ttl --interface --sdp --delay --max-delay --liveness --codec --ice-name --ice-description --ice-genre --ice-url --spool --ca -o --output --as --container --fsync --tag --page --description -f --format -r --rate -c --channels --channel-map --latency --period --buffer --color --prometheus)
        ;;
    meter)
        options=(--jobs --interval --csv --spectrum --bands --dual-mono --silence-level --fail-if --alarm --on-alarm --alarm-timeout --normalize --peak --tag --plot --dark --web --web-token -i --input --raw -d --duration -o --output --as --overwrite -f --format -r --rate -c --channels --channel-map --latency --period --buffer --realtime --no-realtime -q --quiet -v --verbose --json --color --stats --prometheus --version -h --help)
        valued=(--jobs --interval --bands --silence-level --fail-if --alarm --on-alarm --alarm-timeout --normalize --peak --tag --plot --web --web-token -i --input -d --duration -o --output --as -f --format -r --rate -c --channels --channel-map --latency --period --buffer --color --prometheus)
        ;;
    devices)
        options=(--all --supports --probe --test --capture --playback -d --duration --watch --latency -D --device --to --period --buffer --level -f --format -r --rate -c --channels --channel-map --realtime -q --quiet -v --verbose --json --color --version -h --help)
        valued=(--supports --probe --test -d --duration -D --device --to --period --buffer --level -f --format -r --rate -c --channels --channel-map --color)
        ;;
    completions)
        options=(--version -h --help)
        valued=()
        ;;
    help)
        options=(--version)
        valued=()
        ;;
    *)
        options=(--show-config --version -h --help)
        valued=()
        ;;
    esac
}

__aup_commands=(capture play process encode stream meter devices completions help)

# The value of an option, or a word without one.
__aup_value() {
    case $1:$2 in
    capture:-D|capture:--device) __aup_live device capture '--device' ;;
    capture:-i|capture:--input) __aup_live endpoint capture '--input' ;;
    capture:-o|capture:--output) __aup_live endpoint capture '--output' ;;
    capture:--as) __aup_offer wav au raw ;;
    capture:--on-file) __aup_programs ;;
    capture:--container) __aup_offer wav w64 caf aiff flac ogg opus mp3 ;;
    capture:--fsync) __aup_offer never finish ;;
    capture:-f|capture:--format) __aup_offer u8 s16 s24 s24_3 s32 f32 f64 alaw mulaw cd dat ;;
    capture:-r|capture:--rate) __aup_offer 8000 16000 22050 32000 44.1k 48k 88.2k 96k 192k ;;
    capture:-c|capture:--channels) __aup_offer 1 2 4 6 8 ;;
    capture:--lock) __aup_files ;;
    capture:--gaps) __aup_offer fill mark ;;
    capture:--exit-on) __aup_offer no-frames frozen silence stuck ;;
    capture:--color) __aup_offer auto always never ;;
    capture:--prometheus) __aup_files ;;
    capture:) __aup_files ;;
    play:-D|play:--device) __aup_live device play '--device' ;;
    play:-i|play:--input) __aup_live endpoint play '--input' ;;
    play:-o|play:--output) __aup_live endpoint play '--output' ;;
    play:-f|play:--format) __aup_offer u8 s16 s24 s24_3 s32 f32 f64 alaw mulaw cd dat ;;
    play:-r|play:--rate) __aup_offer 8000 16000 22050 32000 44.1k 48k 88.2k 96k 192k ;;
    play:-c|play:--channels) __aup_offer 1 2 4 6 8 ;;
    play:--quality) __aup_offer quick low medium high very-high ;;
    play:--mix) __aup_offer auto itu mono copy ;;
    play:--color) __aup_offer auto always never ;;
    play:--prometheus) __aup_files ;;
    play:) __aup_files ;;
    process:--info) __aup_live plugin process '--info' ;;
    process:--automate) __aup_files ;;
    process:--build) __aup_programs ;;
    process:--source) compopt -o dirnames ;;
    process:--control) __aup_live control process '--control' ;;
    process:--connect) __aup_live control process '--connect' ;;
    process:--get) __aup_live parameter process '--get' ;;
    process:--check) __aup_live plugin process '--check' ;;
    process:--on-crash) __aup_offer fail bypass restart ;;
    process:-i|process:--input) __aup_live endpoint process '--input' ;;
    process:-o|process:--output) __aup_live endpoint process '--output' ;;
    process:--as) __aup_offer wav au raw ;;
    process:--container) __aup_offer wav w64 caf aiff flac ogg opus mp3 ;;
    process:--fsync) __aup_offer never finish ;;
    process:-f|process:--format) __aup_offer u8 s16 s24 s24_3 s32 f32 f64 alaw mulaw cd dat ;;
    process:-r|process:--rate) __aup_offer 8000 16000 22050 32000 44.1k 48k 88.2k 96k 192k ;;
    process:-c|process:--channels) __aup_offer 1 2 4 6 8 ;;
    process:--color) __aup_offer auto always never ;;
    process:--prometheus) __aup_files ;;
    process:) __aup_live chain process '--info,--tail,--automate,--build,--source,--build-timeout,--control,--connect,--get,--check,--on-crash,--max-time,-i,--input,-d,--duration,-o,--output,--as,--container,--fsync,--tag,--page,--description,-b,--bitrate,-f,--format,-r,--rate,-c,--channels,--channel-map,--latency,--period,--buffer,--color,--prometheus' ;;
    encode:--codec) __aup_offer opus pcm flac ;;
    encode:-i|encode:--input) __aup_live endpoint encode '--input' ;;
    encode:--application) __aup_offer voip audio lowdelay ;;
    encode:--frame) __aup_offer 2.5ms 5ms 10ms 20ms 40ms 60ms ;;
    encode:--bandwidth) __aup_offer 4k 6k 8k 12k 20k ;;
    encode:--signal) __aup_offer auto voice music ;;
    encode:-o|encode:--output) __aup_live endpoint encode '--output' ;;
    encode:--as) __aup_offer wav au raw ;;
    encode:--container) __aup_offer wav w64 caf aiff flac ogg opus mp3 ;;
    encode:--fsync) __aup_offer never finish ;;
    encode:-f|encode:--format) __aup_offer u8 s16 s24 s24_3 s32 f32 f64 alaw mulaw cd dat ;;
    encode:-r|encode:--rate) __aup_offer 8000 16000 22050 32000 44.1k 48k 88.2k 96k 192k ;;
    encode:-c|encode:--channels) __aup_offer 1 2 4 6 8 ;;
    encode:--color) __aup_offer auto always never ;;
    encode:--prometheus) __aup_files ;;
    encode:) __aup_files ;;
    stream:--listen) __aup_live endpoint stream '--listen' ;;
    stream:--connect) __aup_live endpoint stream '--connect' ;;
    stream:--receive) __aup_live endpoint stream '--receive' ;;
    stream:--send) __aup_live endpoint stream '--send' ;;
    stream:-i|stream:--input) __aup_live endpoint stream '--input' ;;
    stream:--secret-file) __aup_files ;;
    stream:--want) __aup_offer any pcm opus ;;
    stream:--payload) __aup_offer opus l16 l24 ;;
    stream:--sdp) __aup_files ;;
    stream:--codec) __aup_offer opus flac ;;
    stream:--ca) __aup_files ;;
    stream:-o|stream:--output) __aup_live endpoint stream '--output' ;;
    stream:--as) __aup_offer wav au raw ;;
    stream:--container) __aup_offer wav w64 caf aiff flac ogg opus mp3 ;;
    stream:--fsync) __aup_offer never finish ;;
    stream:-f|stream:--format) __aup_offer u8 s16 s24 s24_3 s32 f32 f64 alaw mulaw cd dat ;;
    stream:-r|stream:--rate) __aup_offer 8000 16000 22050 32000 44.1k 48k 88.2k 96k 192k ;;
    stream:-c|stream:--channels) __aup_offer 1 2 4 6 8 ;;
    stream:--color) __aup_offer auto always never ;;
    stream:--prometheus) __aup_files ;;
    meter:--on-alarm) __aup_programs ;;
    meter:--tag) __aup_offer r128 ;;
    meter:--plot) __aup_files ;;
    meter:-i|meter:--input) __aup_live endpoint meter '--input' ;;
    meter:-o|meter:--output) __aup_live endpoint meter '--output' ;;
    meter:--as) __aup_offer wav au raw ;;
    meter:-f|meter:--format) __aup_offer u8 s16 s24 s24_3 s32 f32 f64 alaw mulaw cd dat ;;
    meter:-r|meter:--rate) __aup_offer 8000 16000 22050 32000 44.1k 48k 88.2k 96k 192k ;;
    meter:-c|meter:--channels) __aup_offer 1 2 4 6 8 ;;
    meter:--color) __aup_offer auto always never ;;
    meter:--prometheus) __aup_files ;;
    meter:) __aup_files ;;
    devices:--supports) __aup_offer cd dat s16/44100/2 s24/48000/2 s32/96000/2 f32/48000/2 ;;
    devices:--probe) __aup_live device devices '--probe' ;;
    devices:--test) __aup_live device devices '--test' ;;
    devices:-D|devices:--device) __aup_live device devices '--device' ;;
    devices:--to) __aup_live device devices '--to' ;;
    devices:-f|devices:--format) __aup_offer u8 s16 s24 s24_3 s32 f32 f64 alaw mulaw cd dat ;;
    devices:-r|devices:--rate) __aup_offer 8000 16000 22050 32000 44.1k 48k 88.2k 96k 192k ;;
    devices:-c|devices:--channels) __aup_offer 1 2 4 6 8 ;;
    devices:--color) __aup_offer auto always never ;;
    completions:) __aup_offer bash zsh fish ;;
    help:) __aup_offer "${__aup_commands[@]}" ;;
    esac
}

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
