/// What `aup encode --help` says, every entry in a line of its own. Written by `make options`.
let encodePage = """
    OVERVIEW: Make Opus of sound, or put it into another codec or container.

    The name of an output says what it becomes: .opus (Ogg Opus, which every player opens), .flac, .wav, .ogg, .mp3 \
    and so on. A stream (standard output, .aup) gets packets of Opus, which every other command takes; --codec pcm \
    makes samples of them again, as many as there were. Sound of any rate is brought to 48 kHz; -r encodes less than \
    that.

      aup capture | aup encode -o talk.opus
      aup encode -b 128k album.flac -o album.opus
      aup capture | aup encode --application lowdelay --frame 5ms | ssh host aup play
      aup encode -i talk.opus -o talk.wav
      aup encode *.wav -o '{stem}.opus'

    In the name of an output, {stem} is the input's name without its ending, {name} with it, {ext} the ending and \
    {dir} the folder; -o FOLDER/ is -o 'FOLDER/{stem}.opus'.

    USAGE: aup encode [options] [<file> ...]

    ARGUMENTS:
      <file>                  The file to encode, - for standard input, which it is without one; of several files each \
    becomes its own.

    INPUT:
      -i, --input <endpoint>  - (standard input), FILE, alsa:NAME, sim:NAME, unix:PATH, tcp:HOST:PORT, rtp:HOST:PORT \
    or rtp:FILE.sdp.
      --raw                   The input has no header: -f, -r and -c say what it is.
      -d, --duration <time>   Take no more than this.

    OPUS:
      -b, --bitrate <bits>    Bits per second of all channels together: 96k, 510000 (default: 64k for one channel, 96k \
    for a pair).
      --vbr/--cvbr/--cbr      How the bits follow the sound: as it needs them (--vbr, default), as a line of that rate \
    can take them, or always as many.
      --application <use>     What it is tuned for: audio (default), voip or lowdelay. (values: voip, audio, lowdelay)
      --frame <time>          How long a packet is: 2.5ms 5ms 10ms 20ms (default) 40ms 60ms. (values: 2.5ms, 5ms, \
    10ms, 20ms, 40ms, 60ms)
      --complexity <n>        Work for the processor: 0 to 10 (default, the best).
      --bandwidth <hz>        Keep no more than so much: 4k 6k 8k 12k 20k (hertz). (values: 4k, 6k, 8k, 12k, 20k)
      --fec                   Let each packet hold a coarse copy of the one before it, for lines that lose some; wants \
    --loss.
      --loss <percent>        Packets that are expected to be lost, 0% to 100%.
      --dtx                   Hardly any bits for silence.
      --signal <kind>         What the sound is, if the encoder should not guess: voice or music. (values: auto, \
    voice, music)
      --output-gain <decibels>
                              Have players change the level of an Ogg file by so much: -6dB. The packets stay as they \
    are.

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
      --codec <name>          opus, pcm or flac, where the name of the output does not say it. (values: opus, pcm, flac)
      --jobs <number>         Encode one file with so many threads, or so many files at once (of several files, one \
    for each processor).
      --version               Show the version.
      -h, --help              Show help information.

    """
