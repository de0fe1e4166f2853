/// What `aup devices --help` says, every entry in a line of its own. Written by `make options`.
let devicesPage = """
    OVERVIEW: List the devices that sound can come from and go to, or ask and measure one.

      aup devices
      aup devices --json | jq .id
      aup devices --supports f32/48000/2 -D hw:0
      aup devices --probe hw:0
      aup devices --test sim:sine
      aup devices --latency -D hw:0
      aup devices --realtime
      aup devices --watch

    The list has for each card's device an identifier, which -D takes in every command, and which stays when cards are \
    plugged in elsewhere:

      usb:VENDOR:PRODUCT:SERIAL    by its serial number, in any socket
      usb:VENDOR:PRODUCT@PORT      without one, in this socket
      usb:VENDOR:PRODUCT           the only one of its make
      pci:ADDRESS, platform:NAME   on another bus
      card:ID                      by its short name

    /1 behind it is the card's device 1, /0/2 subdevice 2 of device 0; plughw: before it lets alsa-lib convert.

    USAGE: aup devices <options>

    LIST:
      --all                   Also what ALSA has on every machine, and further ways to cards: null, plughw:, dmix:, \
    surround51: and such.

    QUESTIONS:
      --supports <format>     Whether the device (-D) takes a format: FORMAT/RATE/CHANNELS, any part of which may be \
    left open (f32/48000/2, 48000, s16//2). Exit status 0 is yes, 1 no.
      --probe <name>          Tell all that a device can do, without running it.
      --test <name>           Run a device, playing a tone and capturing at once, and tell its real rate, jitter, \
    wake-ups and xruns.
      --capture               Ask for capture only.
      --playback              Ask for playback only.
      -d, --duration <time>   How long --test runs (default 5s, from 500ms to 24h), or --watch watches.

    WATCHING:
      --watch                 Tell what is there, then each device that is added, removed or changed, and where the \
    default leads, within half a second, until a signal comes.

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
      --realtime[=<prio>]     Tell what the audio thread gets here for this priority (default 40), why, and what to \
    change for more.

    REPORTS:
      -q, --quiet             Say nothing but errors.
      -v, --verbose           Say more: what the device agreed to, how it ended.
      --json                  Reports as JSON, one object a line.
      --color <when>          Colour: auto, always or never. NO_COLOR is honoured. (values: auto, always, never; \
    default: auto)

    OPTIONS:
      --version               Show the version.
      -h, --help              Show help information.

    """
