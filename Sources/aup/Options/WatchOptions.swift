import ArgumentParser

/// `aup devices --watch`.
struct WatchOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Tell what is there, then each device that is added, removed or changed, and where the default leads, within "
                + "half a second, until a signal comes."))
    var watch = false
}
