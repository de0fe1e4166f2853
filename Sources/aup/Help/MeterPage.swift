/// What `aup meter --help` says, every entry in a line of its own. Written by `make options`.
let meterPage = """
    OVERVIEW: Measure peak, true peak and loudness, and pass the sound on.

    Sample peak, true peak, RMS, and momentary, short-term and integrated loudness with its range, by ITU-R BS.1770-5 \
    and EBU Tech 3341 and 3342. A stream passes through untouched; files are measured as fast as the machine goes, one \
    on each processor, and told one by one and as a whole.

      aup capture | aup meter | aup encode -o talk.opus
      aup meter *.flac
      aup meter --fail-if 'true_peak>-1' --fail-if 'integrated>-22' mix.wav
      aup capture | aup meter --alarm 'silence>10s' --on-alarm 'mail-me silence' > /dev/null
      aup capture | aup meter --json --interval 100ms > /dev/null

    A condition compares one of momentary, short_term, integrated, max_momentary, max_short_term (LUFS), lra (LU), \
    true_peak (dBTP), sample_peak, rms (dBFS), crest (dB), dc, clips, longest_clip, silence, longest_silence, seconds \
    (s), correlation, gaps and lost_frames with a number, by < <= > or >=; of an alarm, "for 3s" may follow.

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
      --fail-if <condition>   Exit 4 if this is true of the whole, as in 'true_peak>-1'; may be given more than once.
      --alarm <condition>     Tell when this begins and ends, as in 'silence>10s' or 'momentary>-9 for 3s'; may be \
    given more than once.
      --on-alarm <command>    Run a command for each alarm, without a shell; AUP_ALARM, AUP_STATE and AUP_VALUE say \
    which.
      --alarm-timeout <time>  How long such a command may take (default: 60s); then it is ended.
      --normalize <LUFS>      The gain that brings a file to this loudness, LUFS; with -o it is applied: -o \
    '{stem}-16.wav'.
      --peak <dBTP>           With --normalize: the true peak that it must not exceed, dBTP.
      --tag <kind>            Write into each file how loud it is, and all of them: r128 (R128_TRACK_GAIN into Ogg \
    Opus, REPLAYGAIN_* into FLAC). (values: r128)
      --plot <file>           A picture of a file, FILE.svg or FILE.png: waveform, spectrogram, loudness; of several \
    '{stem}.svg'.
      --dark                  The picture on a dark ground.
      --web <address>         Serve a page with live levels, /api/levels and /metrics: a port, or ADDRESS:PORT.
      --web-token <token>     What browsers must know, 16 letters and digits or more; @FILE reads it there.

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
      --jobs <number>         Measure so many files at once (default: one for each processor).
      --version               Show the version.
      -h, --help              Show help information.

    """
