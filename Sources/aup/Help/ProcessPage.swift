/// What `aup process --help` says, every entry in a line of its own. Written by `make options`.
let processPage = """
    OVERVIEW: Send a stream through plugins.

    A plugin is a path to a shared object or a name on the search path (AUP_PLUGIN_PATH, the installed folder); \
    ladspa:LABEL, ladspa:FILE:LABEL, FILE.so:LABEL or a label that only one file has (LADSPA_PATH, the system's); \
    lv2:URI or a bare URI (LV2_PATH, the system's; with lilv); clap:ID (CLAP_PATH, the system's). The words with = \
    after it set its parameters, in the parameter's unit. Without plugins the stream passes through untouched. What \
    leaves is f32 (f64 where more came in), or -f; files keep their input's format.

    Words of the host: channels=LIST sends only those through the plugin (1, 3-4), side=LIST are its side chain, out=N \
    is how many come out. A plugin with such a parameter keeps it; then write aup.channels=, and so on.

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
      -i, --input <endpoint>  - (standard input), FILE, alsa:NAME, sim:NAME, unix:PATH, tcp:HOST:PORT, rtp:HOST:PORT \
    or rtp:FILE.sdp.
      --raw                   The input has no header: -f, -r and -c say what it is.
      -d, --duration <time>   Take no more than this.

    OUTPUT:
      -o, --output <endpoint> - (standard output), FILE (.wav .flac .opus …, .aup), alsa:NAME, sim:null, unix:PATH, \
    tcp:HOST:PORT, rtp:HOST:PORT or icecast://HOST/MOUNT; may be given more than once.
      --as <format>           Write wav, au or raw instead of an aup stream. (values: wav, au, raw)
      --overwrite             Replace an existing file.

    FILES:
      --container <name>      What the file is, whatever its name: wav w64 caf aiff flac ogg opus mp3.
      --fsync <when>          When the disk must have it: never, finish (default), or every so many seconds.
      --tag <KEY=VALUE>       Say this about the sound, as often as there is something to say: TITLE=Dawn. KEY= alone \
    leaves out what the input says.
      --no-tags               Copy nothing of what the input says about its sound: title, artist, cover.
      --page <time>           Sound in one page of Ogg Opus, which a kill may cost: 20ms to 1s (default: 500ms).
      --bext                  Write into a WAV file who made it and when it begins, to the sample, in UTC.
      --description <text>    Text that goes with it; means --bext.
      -b, --bitrate <bits>    Bits per second of Opus files, all channels together: 96k (default: 64k for one channel, \
    96k for a pair).

    FORMAT:
      -f, --format <format>   Sample format: u8 s16 s24 s24_3 s32 f32 f64 alaw mulaw, ALSA's names, cd or dat. \
    (values: u8, s16, s24, s24_3, s32, f32, f64, alaw, mulaw, cd, dat)
      -r, --rate <hz>         Frames per second: 48000, 48k, 44.1k.
      -c, --channels <n>      Number of channels, 1 to 64.
      --channel-map <list>    What each channel is: FL,FR,LFE.

    DEVICE:
      --latency <time>        What you want end to end at the device (default 40ms; into files 2s, from files 200ms); \
    period and buffer follow from it.
      --period <time>         The device's period, instead of a quarter of the latency.
      --buffer <time>         The device's buffer.
      --realtime[=<prio>]     Priority of the audio thread, 1 to 99 (default 40); --realtime alone is the default.
      --no-realtime           Leave the audio thread an ordinary one.

    REPORTS:
      -q, --quiet             Say nothing but errors.
      -v, --verbose           Say more: what the device agreed to, how it ended.
      --json                  Reports as JSON, one object a line.
      --color <when>          Colour: auto, always or never. NO_COLOR is honoured. (values: auto, always, never; \
    default: auto)
      --stats[=<seconds>]     A status line every so many seconds; --stats alone means 10. SIGUSR2 asks for one.
      --prometheus <file>     Leave the numbers in FILE.prom for Prometheus, as often as --stats says, and at the end.

    OPTIONS:
      --list                  List the plugins that can be found.
      --info <plugin>         Show a plugin's parameters.
      --tail <time>           How long the chain sounds on after the input: off, or a time (default: as long as its \
    plugins do).
      --automate <file>       Changes at exact times: lines of time, plugin, key, value and, if wanted, ramp.
      --watch                 Load plugins anew, without a click, when their files are rebuilt, and on SIGHUP.
      --build <command>       With --watch: run a command when sources change, without a shell; if it fails, its error \
    is shown and the old plugins go on.
      --source <folder>       A folder of sources, instead of those the plugins' files lie in; may be given more than \
    once. Every file in it counts but hidden ones and what builds leave (.so, .o, .a, .d, .tmp …).
      --build-timeout <time>  How long such a command may take (default 2m); then it is ended.
      --control <unix:path>   Listen at a socket for changes while it runs.
      --connect <unix:path>   Talk to a running process: set key=value, or any of its commands (try help); without \
    words lines are read.
      --get <key>             With --connect: show the value of a parameter.
      --check <plugin>        Examine a plugin in processes of its own: what it breaks, a line each, and a verdict \
    (exit 0 or 1).
      --isolate               Run each plugin in a process of its own, so that one that crashes takes nothing with it.
      --on-crash <policy>     When a plugin crashes in its own process: fail (default), bypass it, or restart it; \
    implies --isolate. (values: fail, bypass, restart)
      --max-time <time>       How long a plugin may take for one block before it is taken for hung, 10ms to 600s \
    (default: 10s).
      --bypass                Load the chain, but let the sound go by it.
      --exact-denormals       Leave numbers below 1.2e-38 as they are, for results that match another host's to the bit.
      --levels                Report the peak level before and after.
      --version               Show the version.
      -h, --help              Show help information.

    """
