import ArgumentParser

/// Advice on real time, for `aup devices`.
struct RealtimeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Tell what the audio thread gets here for this priority (default 40), why, and what to change for more.",
            valueName: "prio"))
    var realtime: Int?

    func validate() throws {
        if let realtime, !(1...99).contains(realtime) {
            throw ValidationError("--realtime=\(realtime): priorities go from 1 to 99")
        }
    }
}
