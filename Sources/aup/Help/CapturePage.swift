/// What `aup capture --help` says, every entry in a line of its own. Written by `make options`.
let capturePage = """
    OVERVIEW: Take sound from a device: as a stream, or into files.

    Without -f -r -c the device's own format is used. The file plays at every instant: it is written as NAME.part and \
    gets its name when it is whole.

      aup capture -D hw:0 | aup play
      aup capture -D sim:sine -d 10s -o sine.wav
      aup capture -o take.flac
      aup capture --repair cut-off.wav
      aup capture --as wav | sox -t wav - out.flac
      aup capture -o 'rec/%F/%H%M.wav' --split 1h --align --keep 30d

    USAGE: aup capture [<options>] [<file> ...]

    OUTPUT:
      -o, --output <endpoint> - (standard output), FILE (.wav .flac .opus …, .aup), alsa:NAME, sim:null, unix:PATH, \
    tcp:HOST:PORT, rtp:HOST:PORT or icecast://HOST/MOUNT; may be given more than once.
      --as <format>           Write wav, au or raw instead of an aup stream. (values: wav, au, raw)
      --overwrite             Replace an existing file.

    RECORDING:
      --split <time|size>     A new file every so often, without a frame lost between: 1h, 48000f, 500M (a bare number \
    is seconds). SIGUSR1 starts one too.
      --align                 Split on the wall's clock: files of 1h begin on the hour.
      --utc                   Names and --align in UTC instead of local time.
      --keep <time|size>      Keep this recording's files for so long (30d) or up to so much (100G); may be given once \
    for each.
      --min-free <size>       Keep so much of the disk free; the recording's oldest files go.
      --on-file <command>     Run a command after each finished file, without a shell; AUP_FILE, AUP_FRAMES, … are in \
    its environment.
      --hook-timeout <time>   How long such a command may take (default 60s); then it is ended.
      --sidecar/--no-sidecar  Write FILE.json with times, counts, gaps and digest (default: for many files, or where \
    frames are lost).

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

    REPAIR:
      --repair                Record nothing; mend WAV and RF64 files whose length is wrong, and recordings that were \
    cut off.
      --no-backup             Do not keep the file as it was as FILE.orig.
      <file>                  Files to mend, with --repair.

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

    SCHEDULE:
      --at <time>             Begin then: HH:MM[:SS], 2026-03-29T02:30, +10m, now; a Z behind it means UTC. The next \
    such time.
      --until <time>          End then; +10m counts from the start. A window that has begun is joined and ends on time.
      --lock <file>           Hold this file while recording; exit 1, and say who, when another recorder holds it.
      --check                 Print what would happen and open nothing for writing.
      --trigger <level>       Record what is at least this loud (-40dB), and put silence in place of the rest.
      --pre-roll <time>       Sound kept before the trigger (default 2s).
      --hang <time>           How long it must be quiet before a recording ends (default 5s).
      --hysteresis <decibels> How far below the trigger counts as quiet (default 6dB).

    LIVENESS:
      --wait-device[=<time>]  Wait for a device that is not there yet: so long, or for ever when no time is given.
      --reconnect[=<time>]    Wait for a device that is lost, so long (default 60s, or 'forever'); the time without it \
    is a gap. Then exit 2.
      --gaps <how>            Lost frames in files: fill with silence, so that file time is wall time (default), or \
    mark and leave out. (values: fill, mark; default: fill)
      --exit-on <list>        End when the device fails in one of these ways: no-frames, frozen (exit 2), silence, \
    stuck (exit 4).
      --silence-alarm <time>  Tell when the device has delivered nothing but zeros for so long (default 30s at a sound \
    card).
      --stuck-alarm <time>    Tell when one value or one block has come over and over for so long (default 30s at a \
    sound card).

    REPORTS:
      -q, --quiet             Say nothing but errors.
      -v, --verbose           Say more: what the device agreed to, how it ended.
      --json                  Reports as JSON, one object a line.
      --color <when>          Colour: auto, always or never. NO_COLOR is honoured. (values: auto, always, never; \
    default: auto)
      --stats[=<seconds>]     A status line every so many seconds; --stats alone means 10. SIGUSR2 asks for one.
      --prometheus <file>     Leave the numbers in FILE.prom for Prometheus, as often as --stats says, and at the end.

    OPTIONS:
      -D, --device <name>     ALSA PCM (default: default), or sim:sine, sim:noise, sim:FILE.wav, ….
      -i, --input <endpoint>  The device as an endpoint: alsa:NAME or sim:NAME.
      -d, --duration <time>   How long: 10, 1h30m, 00:10:00, 48000f.
      --version               Show the version.
      -h, --help              Show help information.

    """
