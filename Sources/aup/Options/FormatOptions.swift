import ArgumentParser
import AupEngine
import AupSound

/// What sound is like where nobody else says it: `-f -r -c --channel-map`.
struct FormatOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Sample format: u8 s16 s24 s24_3 s32 f32 f64 alaw mulaw, ALSA's names, cd or dat.", valueName: "format"))
    var format: FormatArgument?

    @Option(name: [.short, .long], help: ArgumentHelp("Frames per second: 48000, 48k, 44.1k.", valueName: "hz"))
    var rate: RateArgument?

    @Option(name: [.short, .long], help: ArgumentHelp("Number of channels, 1 to 64.", valueName: "n"))
    var channels: ChannelCountArgument?

    @Option(help: ArgumentHelp("What each channel is: FL,FR,LFE.", valueName: "list"))
    var channelMap: ChannelLayout?

    func validate() throws {
        if let channelMap, let count = channels?.count ?? format?.channels, channelMap.positions.count != count {
            throw ValidationError(
                "--channel-map names \(channelMap.positions.count) channels, -c says \(count); make them agree")
        }
    }

    /// For a command that never changes the number of channels or their order, and but for `encode` no rate: of an input that
    /// says them itself neither is to be said.
    func apply(to configuration: inout SessionConfiguration, _ input: InputOptions, _ command: String) throws {
        let changesRate = command == "encode"
        let option =
            channels != nil ? "-c" : channelMap != nil ? "--channel-map" : rate != nil && !changesRate ? "-r" : nil
        let hasDevice = configuration.input.isDevice || configuration.outputs.contains(where: \.isDevice)
        if let option, !input.raw, !hasDevice {
            let other = option == "-r" ? "aup encode -r" : "aup process mix out=N"
            throw ValidationError(
                "\(option) is for headerless input (--raw) and for devices; this input says it itself, and \(command) "
                    + "keeps it: \(other) makes another one")
        }
        apply(to: &configuration)
    }

    func apply(to configuration: inout SessionConfiguration) {
        configuration.sampleFormat = format?.sampleFormat
        configuration.rate = rate?.hertz ?? format?.rate
        configuration.channels = channels?.count ?? format?.channels ?? channelMap?.positions.count
        configuration.layout = channelMap
    }
}
