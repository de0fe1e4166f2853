import ArgumentParser
import AupEngine
import AupSound

/// How sound is brought to a playback device that has another clock, rate or channel count.
struct PlaybackOptions: ParsableArguments {
    @Flag(
        help: "Do not follow the clock of a live source; what piles up is left out, what is missing is silence.")
    var noDrift = false

    @Option(
        help: ArgumentHelp(
            "Where the device cannot do the sound's rate: quick, low, medium, high or very-high (default high).",
            valueName: "name"))
    var quality: ResamplingQuality?

    @Option(
        help: ArgumentHelp(
            "How channels become the device's: auto (by their layout, the default), itu, mono or copy.",
            valueName: "name"))
    var mix: MixName?

    func apply(to configuration: inout SessionConfiguration) {
        configuration.playback.followsDrift = !noDrift
        configuration.playback.quality = quality ?? configuration.playback.quality
        configuration.playback.mix = mix
    }
}
