/// What `aup play --help` says, every entry in a line of its own. Written by `make options`.
let playPage = """
    OVERVIEW: Give sound to a device: files, folders, playlists, or a stream.

    Files are played one after the other without a gap: WAV, AU, FLAC, Ogg, Opus, MP3, AIFF, CAF, W64 and aup streams. \
    A folder means the files of sound in it, a playlist (.m3u, .m3u8) what it lists. What cannot be played is told and \
    skipped, and the exit code is then 1. Standard input tells itself what it is. A live stream is followed at a \
    steady distance, anything else keeps the device's buffer full and is heard to its last sample.

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
      --latency <time>        What you want end to end at the device (default 40ms; into files 2s, from files 200ms); \
    period and buffer follow from it.
      --period <time>         The device's period, instead of a quarter of the latency.
      --buffer <time>         The device's buffer.
      --realtime[=<prio>]     Priority of the audio thread, 1 to 99 (default 40); --realtime alone is the default.
      --no-realtime           Leave the audio thread an ordinary one.

    OTHER CLOCKS, RATES AND CHANNELS:
      --no-drift              Do not follow the clock of a live source; what piles up is left out, what is missing is \
    silence.
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
      --stats[=<seconds>]     A status line every so many seconds; --stats alone means 10. SIGUSR2 asks for one.
      --prometheus <file>     Leave the numbers in FILE.prom for Prometheus, as often as --stats says, and at the end.

    OPTIONS:
      -D, --device <name>     ALSA PCM (default: default), or sim:null.
      -i, --input <endpoint>  - (standard input), FILE, alsa:NAME, sim:NAME, unix:PATH, tcp:HOST:PORT, rtp:HOST:PORT \
    or rtp:FILE.sdp.
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
