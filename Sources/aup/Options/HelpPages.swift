/// What `--help` says of each command, `""` the whole program, with every entry in a line of its own; `nil` for what is
/// no command.
///
/// Written by `make options` from the commands' own definitions, because asking those takes longer than a page may take; a
/// test compares the two.
func helpPages(_ command: String) -> String? {
    switch command {
    case "":
        """
        OVERVIEW: Capture, process, play: filters over a self-describing stream of sound.

        A format is stated once, at the source, and travels with the sound:

          aup capture | aup process gain gain=-6 | aup play
          aup capture -D sim:sine -d 10s -o sine.wav

        USAGE: aup [--show-config] <subcommand>

        OPTIONS:
          --show-config           Tell what configuration files, environment and the program itself say for every \
        option, or for a command and its words.
          --version               Show the version.
          -h, --help              Show help information.

        SUBCOMMANDS:
          capture                 Take sound from a device: as a stream, or into files.
          play                    Give sound to a device: files, folders, playlists, or a stream.
          process                 Send a stream through plugins.
          encode                  Make Opus of sound, or put it into another codec or container.
          stream                  Give a stream to any number of others, or take one.
          meter                   Measure peak, true peak and loudness, and pass the sound on.
          devices                 List the devices that sound can come from and go to, or ask and measure one.
          completions             Write what teaches a shell to complete the words of aup.

          See 'aup help <subcommand>' for detailed help.
        """
    case "capture":
        """
        OVERVIEW: Take sound from a device: as a stream, or into files.

        Without -f -r -c the device's own format is used. The file plays at every instant: it is written as NAME.part \
        and gets its name when it is whole.

          aup capture -D hw:0 | aup play
          aup capture -D sim:sine -d 10s -o sine.wav
          aup capture -o take.flac
          aup capture --repair cut-off.wav
          aup capture --as wav | sox -t wav - out.flac
          aup capture -o 'rec/%F/%H%M.wav' --split 1h --align --keep 30d

        USAGE: aup capture [<options>] [<file> ...]

        OUTPUT:
          -o, --output <endpoint> - (standard output), FILE (.wav .flac .opus …, .aup), alsa:NAME, sim:null, \
        unix:PATH, tcp:HOST:PORT, rtp:HOST:PORT or icecast://HOST/MOUNT; may be given more than once.
          --as <format>           Write wav, au or raw instead of an aup stream. (values: wav, au, raw)
          --overwrite             Replace an existing file.

        RECORDING:
          --split <time|size>     A new file every so often, without a frame lost between: 1h, 48000f, 500M (a bare \
        number is seconds). SIGUSR1 starts one too.
          --align                 Split on the wall's clock: files of 1h begin on the hour.
          --utc                   Names and --align in UTC instead of local time.
          --keep <time|size>      Keep this recording's files for so long (30d) or up to so much (100G); may be given \
        once for each.
          --min-free <size>       Keep so much of the disk free; the recording's oldest files go.
          --on-file <command>     Run a command after each finished file, without a shell; AUP_FILE, AUP_FRAMES, … are \
        in its environment.
          --hook-timeout <time>   How long such a command may take (default 60s); then it is ended.
          --sidecar/--no-sidecar  Write FILE.json with times, counts, gaps and digest (default: for many files, or \
        where frames are lost).

        FILES:
          --container <name>      What the file is, whatever its name: wav w64 caf aiff flac ogg opus mp3.
          --fsync <when>          When the disk must have it: never, finish (default), or every so many seconds.
          --tag <KEY=VALUE>       Say this about the sound, as often as there is something to say: TITLE=Dawn. KEY= \
        alone leaves out what the input says.
          --no-tags               Copy nothing of what the input says about its sound: title, artist, cover.
          --page <time>           Sound in one page of Ogg Opus, which a kill may cost: 20ms to 1s (default: 500ms).
          --bext                  Write into a WAV file who made it and when it begins, to the sample, in UTC.
          --description <text>    Text that goes with it; means --bext.
          -b, --bitrate <bits>    Bits per second of Opus files, all channels together: 96k (default: 64k for one \
        channel, 96k for a pair).

        REPAIR:
          --repair                Record nothing; mend WAV and RF64 files whose length is wrong, and recordings that \
        were cut off.
          --no-backup             Do not keep the file as it was as FILE.orig.
          <file>                  Files to mend, with --repair.

        FORMAT:
          -f, --format <format>   Sample format: u8 s16 s24 s24_3 s32 f32 f64 alaw mulaw, ALSA's names, cd or dat. \
        (values: u8, s16, s24, s24_3, s32, f32, f64, alaw, mulaw, cd, dat)
          -r, --rate <hz>         Frames per second: 48000, 48k, 44.1k.
          -c, --channels <n>      Number of channels, 1 to 64.
          --channel-map <list>    What each channel is: FL,FR,LFE.

        DEVICE:
          --latency <time>        What you want end to end at the device (default 40ms; into files 2s, from files \
        200ms); period and buffer follow from it.
          --period <time>         The device's period, instead of a quarter of the latency.
          --buffer <time>         The device's buffer.
          --realtime <prio>       Priority of the audio thread, 1 to 99 (default 40); --realtime alone is the default.
          --no-realtime           Leave the audio thread an ordinary one.

        SCHEDULE:
          --at <time>             Begin then: HH:MM[:SS], 2026-03-29T02:30, +10m, now; a Z behind it means UTC. The \
        next such time.
          --until <time>          End then; +10m counts from the start. A window that has begun is joined and ends on \
        time.
          --lock <file>           Hold this file while recording; exit 1, and say who, when another recorder holds it.
          --check                 Print what would happen and open nothing for writing.
          --trigger <level>       Record what is at least this loud (-40dB), and put silence in place of the rest.
          --pre-roll <time>       Sound kept before the trigger (default 2s).
          --hang <time>           How long it must be quiet before a recording ends (default 5s).
          --hysteresis <decibels> How far below the trigger counts as quiet (default 6dB).

        LIVENESS:
          --wait-device <time>    Wait for a device that is not there yet: so long, or for ever when no time is given.
          --reconnect <time>      Wait for a device that is lost, so long (default 60s, or 'forever'); the time \
        without it is a gap. Then exit 2.
          --gaps <how>            Lost frames in files: fill with silence, so that file time is wall time (default), \
        or mark and leave out. (values: fill, mark; default: fill)
          --exit-on <list>        End when the device fails in one of these ways: no-frames, frozen (exit 2), silence, \
        stuck (exit 4).
          --silence-alarm <time>  Tell when the device has delivered nothing but zeros for so long (default 30s at a \
        sound card).
          --stuck-alarm <time>    Tell when one value or one block has come over and over for so long (default 30s at \
        a sound card).

        REPORTS:
          -q, --quiet             Say nothing but errors.
          -v, --verbose           Say more: what the device agreed to, how it ended.
          --json                  Reports as JSON, one object a line.
          --color <when>          Colour: auto, always or never. NO_COLOR is honoured. (values: auto, always, never; \
        default: auto)
          --stats <seconds>       A status line every so many seconds; --stats alone means 10. SIGUSR2 asks for one.
          --prometheus <file>     Leave the numbers in FILE.prom for Prometheus, as often as --stats says, and at the \
        end.

        OPTIONS:
          -D, --device <name>     ALSA PCM (default: default), or sim:sine, sim:noise, sim:FILE.wav, ….
          -i, --input <endpoint>  The device as an endpoint: alsa:NAME or sim:NAME.
          -d, --duration <time>   How long: 10, 1h30m, 00:10:00, 48000f.
          --version               Show the version.
          -h, --help              Show help information.

        """
    case "play":
        """
        OVERVIEW: Give sound to a device: files, folders, playlists, or a stream.

        Files are played one after the other without a gap: WAV, AU, FLAC, Ogg, Opus, MP3, AIFF, CAF, W64 and aup \
        streams. A folder means the files of sound in it, a playlist (.m3u, .m3u8) what it lists. What cannot be \
        played is told and skipped, and the exit code is then 1. Standard input tells itself what it is. A live stream \
        is followed at a steady distance, anything else keeps the device's buffer full and is heard to its last sample.

          aup capture | aup play
          aup play -D hw:0 album/ extra.flac
          aup play --start 1m30s --duration 20s song.flac

        Keys, at a terminal: space pauses and goes on; left and right go 5 s, down and up 60 s back and on; n (or >, \
        Enter) the next file, p (or <) the one before; q quits.

        USAGE: aup play [<options>] [<file> ...]

        ARGUMENTS:
          <file>                  Files, folders, playlists, and - for standard input, which is played without any.

        FORMAT:
          -f, --format <format>   Sample format: u8 s16 s24 s24_3 s32 f32 f64 alaw mulaw, ALSA's names, cd or dat. \
        (values: u8, s16, s24, s24_3, s32, f32, f64, alaw, mulaw, cd, dat)
          -r, --rate <hz>         Frames per second: 48000, 48k, 44.1k.
          -c, --channels <n>      Number of channels, 1 to 64.
          --channel-map <list>    What each channel is: FL,FR,LFE.

        DEVICE:
          --latency <time>        What you want end to end at the device (default 40ms; into files 2s, from files \
        200ms); period and buffer follow from it.
          --period <time>         The device's period, instead of a quarter of the latency.
          --buffer <time>         The device's buffer.
          --realtime <prio>       Priority of the audio thread, 1 to 99 (default 40); --realtime alone is the default.
          --no-realtime           Leave the audio thread an ordinary one.

        OTHER CLOCKS, RATES AND CHANNELS:
          --no-drift              Do not follow the clock of a live source; what piles up is left out, what is missing \
        is silence.
          --quality <name>        Where the device cannot do the sound's rate: quick, low, medium, high or very-high \
        (default high). (values: quick, low, medium, high, very-high)
          --mix <name>            How channels become the device's: auto (by their layout, the default), itu, mono or \
        copy. (values: auto, itu, mono, copy)

        REPORTS:
          -q, --quiet             Say nothing but errors.
          -v, --verbose           Say more: what the device agreed to, how it ended.
          --json                  Reports as JSON, one object a line.
          --color <when>          Colour: auto, always or never. NO_COLOR is honoured. (values: auto, always, never; \
        default: auto)
          --stats <seconds>       A status line every so many seconds; --stats alone means 10. SIGUSR2 asks for one.
          --prometheus <file>     Leave the numbers in FILE.prom for Prometheus, as often as --stats says, and at the \
        end.

        OPTIONS:
          -D, --device <name>     ALSA PCM (default: default), or sim:null.
          -i, --input <endpoint>  - (standard input), FILE, alsa:NAME, sim:NAME, unix:PATH, tcp:HOST:PORT, \
        rtp:HOST:PORT or rtp:FILE.sdp.
          -o, --output <endpoint> The device as an endpoint: alsa:NAME or sim:null.
          --raw                   The input has no header: -f, -r and -c say what it is.
          --start <time>          Begin here, counted from the beginning of the first file over the borders of files.
          -d, --duration <time>   Play no more than this in all, files and loops together.
          --loop <n|forever>      Play everything so many times, or forever; each time from --start on.
          --no-controls           Leave the keys of the terminal alone.
          --volume <db>           Louder or softer by so many decibels: -6dB.
          --lead-in <time>        Silence first, for devices that swallow the beginning (Bluetooth, HDMI).
          --version               Show the version.
          -h, --help              Show help information.

        """
    case "process":
        """
        OVERVIEW: Send a stream through plugins.

        A plugin is a path to a shared object or a name on the search path (AUP_PLUGIN_PATH, the installed folder); \
        ladspa:LABEL, ladspa:FILE:LABEL, FILE.so:LABEL or a label that only one file has (LADSPA_PATH, the system's); \
        lv2:URI or a bare URI (LV2_PATH, the system's; with lilv); clap:ID (CLAP_PATH, the system's). The words with = \
        after it set its parameters, in the parameter's unit. Without plugins the stream passes through untouched. \
        What leaves is f32 (f64 where more came in), or -f; files keep their input's format.

        Words of the host: channels=LIST sends only those through the plugin (1, 3-4), side=LIST are its side chain, \
        out=N is how many come out. A plugin with such a parameter keeps it; then write aup.channels=, and so on.

          aup capture | aup process gain gain=-6dB | aup play
          aup process -i in.wav -o out.wav gain gain=3 invert
          aup process -i alsa:hw:0 -o alsa:hw:0 gain gain=-6dB     # a host
          aup process -i in.wav -o out.wav ladspa:sc4 threshold_level=-20dB
          aup process -i voice+music.wav -o ducked.wav compressor side=3
          aup process -i stereo.wav -o mono.wav mix out=1 1to1=50% 2to1=50%
          aup process @voice                             # a chain that aup-config(5) names
          aup process --info gain
          aup process --check ./mine.so                   # is it a good guest?

        USAGE: aup process [options] <plugin> [key=value ...] [<plugin> [key=value ...]] ...

        ARGUMENTS:
          <plugin>                Plugins and their settings.

        INPUT:
          -i, --input <endpoint>  - (standard input), FILE, alsa:NAME, sim:NAME, unix:PATH, tcp:HOST:PORT, \
        rtp:HOST:PORT or rtp:FILE.sdp.
          --raw                   The input has no header: -f, -r and -c say what it is.
          -d, --duration <time>   Take no more than this.

        OUTPUT:
          -o, --output <endpoint> - (standard output), FILE (.wav .flac .opus …, .aup), alsa:NAME, sim:null, \
        unix:PATH, tcp:HOST:PORT, rtp:HOST:PORT or icecast://HOST/MOUNT; may be given more than once.
          --as <format>           Write wav, au or raw instead of an aup stream. (values: wav, au, raw)
          --overwrite             Replace an existing file.

        FILES:
          --container <name>      What the file is, whatever its name: wav w64 caf aiff flac ogg opus mp3.
          --fsync <when>          When the disk must have it: never, finish (default), or every so many seconds.
          --tag <KEY=VALUE>       Say this about the sound, as often as there is something to say: TITLE=Dawn. KEY= \
        alone leaves out what the input says.
          --no-tags               Copy nothing of what the input says about its sound: title, artist, cover.
          --page <time>           Sound in one page of Ogg Opus, which a kill may cost: 20ms to 1s (default: 500ms).
          --bext                  Write into a WAV file who made it and when it begins, to the sample, in UTC.
          --description <text>    Text that goes with it; means --bext.
          -b, --bitrate <bits>    Bits per second of Opus files, all channels together: 96k (default: 64k for one \
        channel, 96k for a pair).

        FORMAT:
          -f, --format <format>   Sample format: u8 s16 s24 s24_3 s32 f32 f64 alaw mulaw, ALSA's names, cd or dat. \
        (values: u8, s16, s24, s24_3, s32, f32, f64, alaw, mulaw, cd, dat)
          -r, --rate <hz>         Frames per second: 48000, 48k, 44.1k.
          -c, --channels <n>      Number of channels, 1 to 64.
          --channel-map <list>    What each channel is: FL,FR,LFE.

        DEVICE:
          --latency <time>        What you want end to end at the device (default 40ms; into files 2s, from files \
        200ms); period and buffer follow from it.
          --period <time>         The device's period, instead of a quarter of the latency.
          --buffer <time>         The device's buffer.
          --realtime <prio>       Priority of the audio thread, 1 to 99 (default 40); --realtime alone is the default.
          --no-realtime           Leave the audio thread an ordinary one.

        REPORTS:
          -q, --quiet             Say nothing but errors.
          -v, --verbose           Say more: what the device agreed to, how it ended.
          --json                  Reports as JSON, one object a line.
          --color <when>          Colour: auto, always or never. NO_COLOR is honoured. (values: auto, always, never; \
        default: auto)
          --stats <seconds>       A status line every so many seconds; --stats alone means 10. SIGUSR2 asks for one.
          --prometheus <file>     Leave the numbers in FILE.prom for Prometheus, as often as --stats says, and at the \
        end.

        OPTIONS:
          --list                  List the plugins that can be found.
          --info <plugin>         Show a plugin's parameters.
          --tail <time>           How long the chain sounds on after the input: off, or a time (default: as long as \
        its plugins do).
          --automate <file>       Changes at exact times: lines of time, plugin, key, value and, if wanted, ramp.
          --watch                 Load plugins anew, without a click, when their files are rebuilt, and on SIGHUP.
          --build <command>       With --watch: run a command when sources change, without a shell; if it fails, its \
        error is shown and the old plugins go on.
          --source <folder>       A folder of sources, instead of those the plugins' files lie in; may be given more \
        than once. Every file in it counts but hidden ones and what builds leave (.so, .o, .a, .d, .tmp …).
          --build-timeout <time>  How long such a command may take (default 2m); then it is ended.
          --control <unix:path>   Listen at a socket for changes while it runs.
          --connect <unix:path>   Talk to a running process: set key=value, or any of its commands (try help); without \
        words lines are read.
          --get <key>             With --connect: show the value of a parameter.
          --check <plugin>        Examine a plugin in processes of its own: what it breaks, a line each, and a verdict \
        (exit 0 or 1).
          --isolate               Run each plugin in a process of its own, so that one that crashes takes nothing with \
        it.
          --on-crash <policy>     When a plugin crashes in its own process: fail (default), bypass it, or restart it; \
        implies --isolate. (values: fail, bypass, restart)
          --max-time <time>       How long a plugin may take for one block before it is taken for hung, 10ms to 600s \
        (default: 10s).
          --bypass                Load the chain, but let the sound go by it.
          --exact-denormals       Leave numbers below 1.2e-38 as they are, for results that match another host's to \
        the bit.
          --levels                Report the peak level before and after.
          --version               Show the version.
          -h, --help              Show help information.

        """
    case "encode":
        """
        OVERVIEW: Make Opus of sound, or put it into another codec or container.

        The name of an output says what it becomes: .opus (Ogg Opus, which every player opens), .flac, .wav, .ogg, \
        .mp3 and so on. A stream (standard output, .aup) gets packets of Opus, which every other command takes; \
        --codec pcm makes samples of them again, as many as there were. Sound of any rate is brought to 48 kHz; -r \
        encodes less than that.

          aup capture | aup encode -o talk.opus
          aup encode -b 128k album.flac -o album.opus
          aup capture | aup encode --application lowdelay --frame 5ms | ssh host aup play
          aup encode -i talk.opus -o talk.wav
          aup encode *.wav -o '{stem}.opus'

        In the name of an output, {stem} is the input's name without its ending, {name} with it, {ext} the ending and \
        {dir} the folder; -o FOLDER/ is -o 'FOLDER/{stem}.opus'.

        USAGE: aup encode [options] [<file> ...]

        ARGUMENTS:
          <file>                  The file to encode, - for standard input, which it is without one; of several files \
        each becomes its own.

        INPUT:
          -i, --input <endpoint>  - (standard input), FILE, alsa:NAME, sim:NAME, unix:PATH, tcp:HOST:PORT, \
        rtp:HOST:PORT or rtp:FILE.sdp.
          --raw                   The input has no header: -f, -r and -c say what it is.
          -d, --duration <time>   Take no more than this.

        OPUS:
          -b, --bitrate <bits>    Bits per second of all channels together: 96k, 510000 (default: 64k for one channel, \
        96k for a pair).
          --vbr/--cvbr/--cbr      How the bits follow the sound: as it needs them (--vbr, default), as a line of that \
        rate can take them, or always as many.
          --application <use>     What it is tuned for: audio (default), voip or lowdelay. (values: voip, audio, \
        lowdelay)
          --frame <time>          How long a packet is: 2.5ms 5ms 10ms 20ms (default) 40ms 60ms. (values: 2.5ms, 5ms, \
        10ms, 20ms, 40ms, 60ms)
          --complexity <n>        Work for the processor: 0 to 10 (default, the best).
          --bandwidth <hz>        Keep no more than so much: 4k 6k 8k 12k 20k (hertz). (values: 4k, 6k, 8k, 12k, 20k)
          --fec                   Let each packet hold a coarse copy of the one before it, for lines that lose some; \
        wants --loss.
          --loss <percent>        Packets that are expected to be lost, 0% to 100%.
          --dtx                   Hardly any bits for silence.
          --signal <kind>         What the sound is, if the encoder should not guess: voice or music. (values: auto, \
        voice, music)
          --output-gain <decibels>
                                  Have players change the level of an Ogg file by so much: -6dB. The packets stay as \
        they are.

        OUTPUT:
          -o, --output <endpoint> - (standard output), FILE (.wav .flac .opus …, .aup), alsa:NAME, sim:null, \
        unix:PATH, tcp:HOST:PORT, rtp:HOST:PORT or icecast://HOST/MOUNT; may be given more than once.
          --as <format>           Write wav, au or raw instead of an aup stream. (values: wav, au, raw)
          --overwrite             Replace an existing file.

        FILES:
          --container <name>      What the file is, whatever its name: wav w64 caf aiff flac ogg opus mp3.
          --fsync <when>          When the disk must have it: never, finish (default), or every so many seconds.
          --tag <KEY=VALUE>       Say this about the sound, as often as there is something to say: TITLE=Dawn. KEY= \
        alone leaves out what the input says.
          --no-tags               Copy nothing of what the input says about its sound: title, artist, cover.
          --page <time>           Sound in one page of Ogg Opus, which a kill may cost: 20ms to 1s (default: 500ms).
          --bext                  Write into a WAV file who made it and when it begins, to the sample, in UTC.
          --description <text>    Text that goes with it; means --bext.

        FORMAT:
          -f, --format <format>   Sample format: u8 s16 s24 s24_3 s32 f32 f64 alaw mulaw, ALSA's names, cd or dat. \
        (values: u8, s16, s24, s24_3, s32, f32, f64, alaw, mulaw, cd, dat)
          -r, --rate <hz>         Frames per second: 48000, 48k, 44.1k.
          -c, --channels <n>      Number of channels, 1 to 64.
          --channel-map <list>    What each channel is: FL,FR,LFE.

        DEVICE:
          --latency <time>        What you want end to end at the device (default 40ms; into files 2s, from files \
        200ms); period and buffer follow from it.
          --period <time>         The device's period, instead of a quarter of the latency.
          --buffer <time>         The device's buffer.
          --realtime <prio>       Priority of the audio thread, 1 to 99 (default 40); --realtime alone is the default.
          --no-realtime           Leave the audio thread an ordinary one.

        REPORTS:
          -q, --quiet             Say nothing but errors.
          -v, --verbose           Say more: what the device agreed to, how it ended.
          --json                  Reports as JSON, one object a line.
          --color <when>          Colour: auto, always or never. NO_COLOR is honoured. (values: auto, always, never; \
        default: auto)
          --stats <seconds>       A status line every so many seconds; --stats alone means 10. SIGUSR2 asks for one.
          --prometheus <file>     Leave the numbers in FILE.prom for Prometheus, as often as --stats says, and at the \
        end.

        OPTIONS:
          --codec <name>          opus, pcm or flac, where the name of the output does not say it. (values: opus, pcm, \
        flac)
          --jobs <number>         Encode one file with so many threads, or so many files at once (of several files, \
        one for each processor).
          --version               Show the version.
          -h, --help              Show help information.

        """
    case "stream":
        """
        OVERVIEW: Give a stream to any number of others, or take one.

        --listen publishes standard input at a socket: whoever connects is given the stream from its next packet on. A \
        subscriber that is too slow loses frames of its own, which are counted and stand as gaps in its stream; it \
        delays nobody else. --connect is given such a stream and writes it on; any command does the same with -i.

          aup capture | aup stream --listen unix:/run/studio.sock
          aup stream --connect unix:/run/studio.sock --retry | aup play
          aup play -i unix:/run/studio.sock
          aup capture | aup encode | aup stream --listen tcp:localhost:7000

        --receive listens too, for a sender: one at a time, or with --mix several, whose sum it gives. --send is one. \
        With --keep one sender may come after the other, and whoever hears them stays connected.

          aup stream --receive unix:/run/in.sock --listen unix:/run/studio.sock --keep
          aup capture | aup stream --send unix:/run/in.sock --retry

        rtp:HOST:PORT sends packets of RTP there, which other programs take too: Opus, or samples of 16 or 24 bits. As \
        an input it receives at that place, or from a multicast; rtp:FILE.sdp does as a description says.

          aup capture | aup stream -o rtp:192.0.2.7:5004 --payload opus --sdp talk.sdp
          aup play -i rtp:talk.sdp
          aup capture | aup stream -o rtp:239.1.2.3:5004 --payload l24

        icecast://HOST:8000/MOUNT gives it to an Icecast server, for listeners anywhere, in Ogg Opus or Ogg FLAC. When \
        the server goes away the sound waits for it.

          aup capture | aup stream -o icecast://radio.example.org/talk.opus --secret-file password --ice-name Talk

        USAGE: aup stream (--listen | --connect | --receive | --send <address>) [options]

        INPUT:
          -i, --input <endpoint>  - (standard input), FILE, alsa:NAME, sim:NAME, unix:PATH, tcp:HOST:PORT, \
        rtp:HOST:PORT or rtp:FILE.sdp.
          --raw                   The input has no header: -f, -r and -c say what it is.
          -d, --duration <time>   Take no more than this.

        NETWORK:
          --retry <time>          Try a connection again that is lost or not there yet: for so long, or --retry alone \
        for ever.
          --secret-file <file>    A file with a secret that both ends must know, readable by its owner only.
          --mode <mode>           Who can reach a socket in the file system, as chmod has it (default 600).
          --group <name>          The group that the socket belongs to; means --mode 660.
          --allow-uid <user>      A user who may connect beside you and root, or any; may be given more than once.
          --clients <n>           Subscribers at one time, 1 to 4096 (default 1024).
          --queue <time>          How far a subscriber may be behind before it loses frames (default 2s; with \
        --latency as far as they need).
          --keep                  Go on when a source has ended, for the next one; nobody who listens notices but that \
        it is still.
          --want <codec>          Take the stream only if it is pcm, or opus. (values: any, pcm, opus)

        RTP:
          --payload <payload>     opus, l16 or l24: what is sent; l16/44100/1: what is received where nobody describes \
        it.
          --ptime <time>          Sound in one packet (default 20ms).
          --mtu <bytes>           Bytes of sound in one packet at most (default 1200); more samples go in several.
          --ttl <n>               How far a multicast reaches, 0 to 255 (default 1: this network).
          --interface <name>      The network interface of a multicast.
          --sdp <file>            Write a description of what is sent, for those who receive it.
          --delay <time>          What received packets wait at least (default 20ms).
          --max-delay <time>      What they wait at most, however they come (default 500ms).
          --liveness <time>       Another end that says nothing for so long is gone (default 10s).

        ICECAST:
          --codec <name>          opus or flac; if not given, a mount .flac or .oga is FLAC and any other Opus. \
        (values: opus, flac)
          --ice-name <text>       What the station is called.
          --ice-description <text>
                                  What is heard there.
          --ice-genre <text>      Of which kind it is.
          --ice-url <url>         Its page on the web.
          --ice-public            The server may list it in public directories.
          --spool <time>          How much sound waits while the server is away, 100ms to 1h (default 60s), 64 MiB at \
        most; past it sound is lost.
          --ca <file>             Certificates that a server may show over TLS (icecast:https:), as PEM, and no \
        others; the system's if not given.

        OUTPUT:
          -o, --output <endpoint> - (standard output), FILE (.wav .flac .opus …, .aup), alsa:NAME, sim:null, \
        unix:PATH, tcp:HOST:PORT, rtp:HOST:PORT or icecast://HOST/MOUNT; may be given more than once.
          --as <format>           Write wav, au or raw instead of an aup stream. (values: wav, au, raw)
          --overwrite             Replace an existing file.

        FILES:
          --container <name>      What the file is, whatever its name: wav w64 caf aiff flac ogg opus mp3.
          --fsync <when>          When the disk must have it: never, finish (default), or every so many seconds.
          --tag <KEY=VALUE>       Say this about the sound, as often as there is something to say: TITLE=Dawn. KEY= \
        alone leaves out what the input says.
          --no-tags               Copy nothing of what the input says about its sound: title, artist, cover.
          --page <time>           Sound in one page of Ogg Opus, which a kill may cost: 20ms to 1s (default: 500ms).
          --bext                  Write into a WAV file who made it and when it begins, to the sample, in UTC.
          --description <text>    Text that goes with it; means --bext.

        FORMAT:
          -f, --format <format>   Sample format: u8 s16 s24 s24_3 s32 f32 f64 alaw mulaw, ALSA's names, cd or dat. \
        (values: u8, s16, s24, s24_3, s32, f32, f64, alaw, mulaw, cd, dat)
          -r, --rate <hz>         Frames per second: 48000, 48k, 44.1k.
          -c, --channels <n>      Number of channels, 1 to 64.
          --channel-map <list>    What each channel is: FL,FR,LFE.

        DEVICE:
          --latency <time>        What you want end to end at the device (default 40ms; into files 2s, from files \
        200ms); period and buffer follow from it.
          --period <time>         The device's period, instead of a quarter of the latency.
          --buffer <time>         The device's buffer.
          --realtime <prio>       Priority of the audio thread, 1 to 99 (default 40); --realtime alone is the default.
          --no-realtime           Leave the audio thread an ordinary one.

        REPORTS:
          -q, --quiet             Say nothing but errors.
          -v, --verbose           Say more: what the device agreed to, how it ended.
          --json                  Reports as JSON, one object a line.
          --color <when>          Colour: auto, always or never. NO_COLOR is honoured. (values: auto, always, never; \
        default: auto)
          --stats <seconds>       A status line every so many seconds; --stats alone means 10. SIGUSR2 asks for one.
          --prometheus <file>     Leave the numbers in FILE.prom for Prometheus, as often as --stats says, and at the \
        end.

        OPTIONS:
          --listen <address>      Publish at unix:PATH or tcp:HOST:PORT.
          --connect <address>     Take the stream that is published there.
          --receive <address>     Listen there for a sender, and take its stream.
          --send <address>        Send to whoever receives there.
          --mix                   With --receive: several senders at once, as their sum.
          --version               Show the version.
          -h, --help              Show help information.

        """
    case "meter":
        """
        OVERVIEW: Measure peak, true peak and loudness, and pass the sound on.

        Sample peak, true peak, RMS, and momentary, short-term and integrated loudness with its range, by ITU-R \
        BS.1770-5 and EBU Tech 3341 and 3342. A stream passes through untouched; files are measured as fast as the \
        machine goes, one on each processor, and told one by one and as a whole.

          aup capture | aup meter | aup encode -o talk.opus
          aup meter *.flac
          aup meter --fail-if 'true_peak>-1' --fail-if 'integrated>-22' mix.wav
          aup capture | aup meter --alarm 'silence>10s' --on-alarm 'mail-me silence' > /dev/null
          aup capture | aup meter --json --interval 100ms > /dev/null

        A condition compares one of momentary, short_term, integrated, max_momentary, max_short_term (LUFS), lra (LU), \
        true_peak (dBTP), sample_peak, rms (dBFS), crest (dB), dc, clips, longest_clip, silence, longest_silence, \
        seconds (s), correlation, gaps and lost_frames with a number, by < <= > or >=; of an alarm, "for 3s" may follow.

        USAGE: aup meter [options] [<file> ...]

        ARGUMENTS:
          <file>                  Files to measure; without one, the input.

        MEASURES:
          --interval <time>       Between two lines of --json or --csv, in time of the sound, 10ms to 1h, or frames: \
        48000f (default: 1s).
          --csv                   A line of numbers each --interval, for a spreadsheet.
          --spectrum              The spectrum too, in thirds of an octave or as --bands says, with --json.
          --bands <number>        Bands in an octave of the spectrum: 1, 3, 6, 12 or 24 (default: 3, and 12 on a page).
          --dual-mono             One channel will be played by two loudspeakers: 3 LU more (BS.1770).
          --silence-level <dB>    What no sample of silence exceeds, dBFS (default: -60).
          --fail-if <condition>   Exit 4 if this is true of the whole, as in 'true_peak>-1'; may be given more than \
        once.
          --alarm <condition>     Tell when this begins and ends, as in 'silence>10s' or 'momentary>-9 for 3s'; may be \
        given more than once.
          --on-alarm <command>    Run a command for each alarm, without a shell; AUP_ALARM, AUP_STATE and AUP_VALUE \
        say which.
          --alarm-timeout <time>  How long such a command may take (default: 60s); then it is ended.
          --normalize <LUFS>      The gain that brings a file to this loudness, LUFS; with -o it is applied: -o \
        '{stem}-16.wav'.
          --peak <dBTP>           With --normalize: the true peak that it must not exceed, dBTP.
          --tag <kind>            Write into each file how loud it is, and all of them: r128 (R128_TRACK_GAIN into Ogg \
        Opus, REPLAYGAIN_* into FLAC). (values: r128)
          --plot <file>           A picture of a file, FILE.svg or FILE.png: waveform, spectrogram, loudness; of \
        several '{stem}.svg'.
          --dark                  The picture on a dark ground.
          --web <address>         Serve a page with live levels, /api/levels and /metrics: a port, or ADDRESS:PORT.
          --web-token <token>     What browsers must know, 16 letters and digits or more; @FILE reads it there.

        INPUT:
          -i, --input <endpoint>  - (standard input), FILE, alsa:NAME, sim:NAME, unix:PATH, tcp:HOST:PORT, \
        rtp:HOST:PORT or rtp:FILE.sdp.
          --raw                   The input has no header: -f, -r and -c say what it is.
          -d, --duration <time>   Take no more than this.

        OUTPUT:
          -o, --output <endpoint> - (standard output), FILE (.wav .flac .opus …, .aup), alsa:NAME, sim:null, \
        unix:PATH, tcp:HOST:PORT, rtp:HOST:PORT or icecast://HOST/MOUNT; may be given more than once.
          --as <format>           Write wav, au or raw instead of an aup stream. (values: wav, au, raw)
          --overwrite             Replace an existing file.

        FORMAT:
          -f, --format <format>   Sample format: u8 s16 s24 s24_3 s32 f32 f64 alaw mulaw, ALSA's names, cd or dat. \
        (values: u8, s16, s24, s24_3, s32, f32, f64, alaw, mulaw, cd, dat)
          -r, --rate <hz>         Frames per second: 48000, 48k, 44.1k.
          -c, --channels <n>      Number of channels, 1 to 64.
          --channel-map <list>    What each channel is: FL,FR,LFE.

        DEVICE:
          --latency <time>        What you want end to end at the device (default 40ms; into files 2s, from files \
        200ms); period and buffer follow from it.
          --period <time>         The device's period, instead of a quarter of the latency.
          --buffer <time>         The device's buffer.
          --realtime <prio>       Priority of the audio thread, 1 to 99 (default 40); --realtime alone is the default.
          --no-realtime           Leave the audio thread an ordinary one.

        REPORTS:
          -q, --quiet             Say nothing but errors.
          -v, --verbose           Say more: what the device agreed to, how it ended.
          --json                  Reports as JSON, one object a line.
          --color <when>          Colour: auto, always or never. NO_COLOR is honoured. (values: auto, always, never; \
        default: auto)
          --stats <seconds>       A status line every so many seconds; --stats alone means 10. SIGUSR2 asks for one.
          --prometheus <file>     Leave the numbers in FILE.prom for Prometheus, as often as --stats says, and at the \
        end.

        OPTIONS:
          --jobs <number>         Measure so many files at once (default: one for each processor).
          --version               Show the version.
          -h, --help              Show help information.

        """
    case "devices":
        """
        OVERVIEW: List the devices that sound can come from and go to, or ask and measure one.

          aup devices
          aup devices --json | jq .id
          aup devices --supports f32/48000/2 -D hw:0
          aup devices --probe hw:0
          aup devices --test sim:sine
          aup devices --latency -D hw:0
          aup devices --realtime
          aup devices --watch

        The list has for each card's device an identifier, which -D takes in every command, and which stays when cards \
        are plugged in elsewhere:

          usb:VENDOR:PRODUCT:SERIAL    by its serial number, in any socket
          usb:VENDOR:PRODUCT@PORT      without one, in this socket
          usb:VENDOR:PRODUCT           the only one of its make
          pci:ADDRESS, platform:NAME   on another bus
          card:ID                      by its short name

        /1 behind it is the card's device 1, /0/2 subdevice 2 of device 0; plughw: before it lets alsa-lib convert.

        USAGE: aup devices <options>

        LIST:
          --all                   Also what ALSA has on every machine, and further ways to cards: null, plughw:, \
        dmix:, surround51: and such.

        QUESTIONS:
          --supports <format>     Whether the device (-D) takes a format: FORMAT/RATE/CHANNELS, any part of which may \
        be left open (f32/48000/2, 48000, s16//2). Exit status 0 is yes, 1 no.
          --probe <name>          Tell all that a device can do, without running it.
          --test <name>           Run a device, playing a tone and capturing at once, and tell its real rate, jitter, \
        wake-ups and xruns.
          --capture               Ask for capture only.
          --playback              Ask for playback only.
          -d, --duration <time>   How long --test runs (default 5s, from 500ms to 24h), or --watch watches.

        WATCHING:
          --watch                 Tell what is there, then each device that is added, removed or changed, and where \
        the default leads, within half a second, until a signal comes.

        LATENCY:
          --latency               Send clicks out of a device and back in, through a cable or a loopback, and tell how \
        long they take.
          -D, --device <name>     The device.
          --to <name>             The device that plays, where it is another one.
          --period <time>         The device's period (default 10ms).
          --buffer <time>         The device's buffer.
          --level <level>         How loud the clicks of --latency or the tone of --test are (default -20dB).

        FORMAT:
          -f, --format <format>   Sample format: u8 s16 s24 s24_3 s32 f32 f64 alaw mulaw, ALSA's names, cd or dat. \
        (values: u8, s16, s24, s24_3, s32, f32, f64, alaw, mulaw, cd, dat)
          -r, --rate <hz>         Frames per second: 48000, 48k, 44.1k.
          -c, --channels <n>      Number of channels, 1 to 64.
          --channel-map <list>    What each channel is: FL,FR,LFE.

        REAL TIME:
          --realtime <prio>       Tell what the audio thread gets here for this priority (default 40), why, and what \
        to change for more.

        REPORTS:
          -q, --quiet             Say nothing but errors.
          -v, --verbose           Say more: what the device agreed to, how it ended.
          --json                  Reports as JSON, one object a line.
          --color <when>          Colour: auto, always or never. NO_COLOR is honoured. (values: auto, always, never; \
        default: auto)
          --stats <seconds>       A status line every so many seconds; --stats alone means 10. SIGUSR2 asks for one.
          --prometheus <file>     Leave the numbers in FILE.prom for Prometheus, as often as --stats says, and at the \
        end.

        OPTIONS:
          --version               Show the version.
          -h, --help              Show help information.

        """
    case "completions":
        """
        OVERVIEW: Write what teaches a shell to complete the words of aup.

        It is installed with aup; without that:

          source <(aup completions bash)                 # in ~/.bashrc
          aup completions zsh > ~/.zfunc/_aup            # a folder of $fpath, before compinit
          aup completions fish > ~/.config/fish/completions/aup.fish

        USAGE: aup completions <shell>

        ARGUMENTS:
          <shell>                 bash, zsh or fish. (values: bash, zsh, fish)

        OPTIONS:
          --version               Show the version.
          -h, --help              Show help information.

        """
    default: nil
    }
}
