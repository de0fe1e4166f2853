/// What `aup stream --help` says, every entry in a line of its own. Written by `make options`.
let streamPage = """
    OVERVIEW: Give a stream to any number of others, or take one.

    --listen publishes standard input at a socket: whoever connects is given the stream from its next packet on. A \
    subscriber that is too slow loses frames of its own, which are counted and stand as gaps in its stream; it delays \
    nobody else. --connect is given such a stream and writes it on; any command does the same with -i.

      aup capture | aup stream --listen unix:/run/studio.sock
      aup stream --connect unix:/run/studio.sock --retry | aup play
      aup play -i unix:/run/studio.sock
      aup capture | aup encode | aup stream --listen tcp:localhost:7000

    --receive listens too, for a sender: one at a time, or with --mix several, whose sum it gives. --send is one. With \
    --keep one sender may come after the other, and whoever hears them stays connected.

      aup stream --receive unix:/run/in.sock --listen unix:/run/studio.sock --keep
      aup capture | aup stream --send unix:/run/in.sock --retry

    rtp:HOST:PORT sends packets of RTP there, which other programs take too: Opus, or samples of 16 or 24 bits. As an \
    input it receives at that place, or from a multicast; rtp:FILE.sdp does as a description says.

      aup capture | aup stream -o rtp:192.0.2.7:5004 --payload opus --sdp talk.sdp
      aup play -i rtp:talk.sdp
      aup capture | aup stream -o rtp:239.1.2.3:5004 --payload l24

    icecast://HOST:8000/MOUNT gives it to an Icecast server, for listeners anywhere, in Ogg Opus or Ogg FLAC. When the \
    server goes away the sound waits for it.

      aup capture | aup stream -o icecast://radio.example.org/talk.opus --secret-file password --ice-name Talk

    USAGE: aup stream (--listen | --connect | --receive | --send <address>) [options]

    INPUT:
      -i, --input <endpoint>  - (standard input), FILE, alsa:NAME, sim:NAME, unix:PATH, tcp:HOST:PORT, rtp:HOST:PORT \
    or rtp:FILE.sdp.
      --raw                   The input has no header: -f, -r and -c say what it is.
      -d, --duration <time>   Take no more than this.

    NETWORK:
      --retry[=<time>]        Try a connection again that is lost or not there yet: for so long, or --retry alone for \
    ever.
      --secret-file <file>    A file with a secret that both ends must know, readable by its owner only.
      --mode <mode>           Who can reach a socket in the file system, as chmod has it (default 600).
      --group <name>          The group that the socket belongs to; means --mode 660.
      --allow-uid <user>      A user who may connect beside you and root, or any; may be given more than once.
      --clients <n>           Subscribers at one time, 1 to 4096 (default 1024).
      --queue <time>          How far a subscriber may be behind before it loses frames (default 2s; with --latency as \
    far as they need).
      --keep                  Go on when a source has ended, for the next one; nobody who listens notices but that it \
    is still.
      --want <codec>          Take the stream only if it is pcm, or opus. (values: any, pcm, opus)

    RTP:
      --payload <payload>     opus, l16 or l24: what is sent; l16/44100/1: what is received where nobody describes it.
      --ptime <time>          Sound in one packet (default 20ms).
      --mtu <bytes>           Bytes of sound in one packet at most (default 1200); more samples go in several.
      --ttl <n>               How far a multicast reaches, 0 to 255 (default 1: this network).
      --interface <name>      The network interface of a multicast.
      --sdp <file>            Write a description of what is sent, for those who receive it.
      --delay <time>          What received packets wait at least (default 20ms).
      --max-delay <time>      What they wait at most, however they come (default 500ms).
      --liveness <time>       Another end that says nothing for so long is gone (default 10s).

    ICECAST:
      --codec <name>          opus or flac; if not given, a mount .flac or .oga is FLAC and any other Opus. (values: \
    opus, flac)
      --ice-name <text>       What the station is called.
      --ice-description <text>
                              What is heard there.
      --ice-genre <text>      Of which kind it is.
      --ice-url <url>         Its page on the web.
      --ice-public            The server may list it in public directories.
      --spool <time>          How much sound waits while the server is away, 100ms to 1h (default 60s), 64 MiB at \
    most; past it sound is lost.
      --ca <file>             Certificates that a server may show over TLS (icecast:https:), as PEM, and no others; \
    the system's if not given.

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
      --listen <address>      Publish at unix:PATH or tcp:HOST:PORT.
      --connect <address>     Take the stream that is published there.
      --receive <address>     Listen there for a sender, and take its stream.
      --send <address>        Send to whoever receives there.
      --mix                   With --receive: several senders at once, as their sum.
      --version               Show the version.
      -h, --help              Show help information.

    """
