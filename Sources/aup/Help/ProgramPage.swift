/// What `aup --help` says, every entry in a line of its own. Written by `make options`.
let programPage = """
    OVERVIEW: Capture, process, play: filters over a self-describing stream of sound.

    A format is stated once, at the source, and travels with the sound:

      aup capture | aup process gain gain=-6 | aup play
      aup capture -D sim:sine -d 10s -o sine.wav

    USAGE: aup [--show-config] <subcommand>

    OPTIONS:
      --show-config           Tell what configuration files, environment and the program itself say for every option, \
    or for a command and its words.
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
