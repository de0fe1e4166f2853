import ArgumentParser

/// What `aup devices` lists.
struct ListOptions: ParsableArguments {
    @Flag(
        help:
            "Also what ALSA has on every machine, and further ways to cards: null, plughw:, dmix:, surround51: and such."
    )
    var all = false
}
