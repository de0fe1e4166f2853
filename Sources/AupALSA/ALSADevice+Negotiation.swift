import AupSound
import CALSA

extension ALSADevice {
    /// What is taken where the device leaves the choice to us and nobody asked.
    static let usualRate = 48_000
    static let usualChannels = 2

    /// Agrees with the device on a configuration near the request, and installs it.
    ///
    /// Rate, channels and layout that were asked for are taken exactly or refused with what the device offers; they are
    /// never silently others; a rate that is left to the device suits the sound to be played. The sample format is a preference: where the device lacks it, the nearest that holds it
    /// without loss is taken, since conversion between formats is ours. Period and buffer are taken as near as the
    /// device allows. All is read back.
    static func negotiate(_ pcm: OpaquePointer, _ request: DeviceRequest) throws(DeviceError) -> DeviceConfiguration {
        let parameters = unsafe try narrow(pcm, request)
        let sizes = request.sizes(rate: parameters.rate)
        parameters.choose(periodNear: sizes.periodFrames, bufferNear: sizes.bufferFrames)
        let code = parameters.install()
        guard code >= 0 else {
            throw .running(request.name, "refused its own offer", code: code, said: ALSAMessages.take())
        }
        return unsafe try configuration(from: parameters, pcm, request)
    }

    /// Everything but period and buffer chosen, and nothing installed.
    static func narrow(
        _ pcm: OpaquePointer, _ request: DeviceRequest
    ) throws(DeviceError) -> HardwareParameters {
        let kind = unsafe Kind(pcm)
        let wanted = request.rate ?? usualRate
        // alsa-lib's own resampling is the last resort: first ask what there is without.
        var parameters = unsafe try HardwareParameters(pcm, name: request.name, resampling: false)
        if request.rate != nil, !parameters.offers(rate: wanted), kind == .converting {
            parameters = unsafe try HardwareParameters(pcm, name: request.name, resampling: true)
        }
        try narrow(parameters, kind, request)
        return parameters
    }

    /// The same within what is left.
    static func narrow(
        _ parameters: borrowing HardwareParameters, _ kind: Kind, _ request: DeviceRequest
    ) throws(DeviceError) {
        try chooseAccess(parameters, kind, request)
        try chooseChannels(parameters, request)
        _ = try chooseRate(parameters, request)
        try chooseFormat(parameters, kind, request)
    }

    /// Memory is mapped where it is the device's own. Where alsa-lib would only imitate it (a server's plugin, a
    /// converting plugin) read and write save one copy, and imitation breaks when capture overruns.
    private static func chooseAccess(
        _ parameters: borrowing HardwareParameters, _ kind: Kind, _ request: DeviceRequest
    ) throws(DeviceError) {
        let preferred = kind == .hardware
        if parameters.offers(memoryMapped: preferred), parameters.choose(memoryMapped: preferred) { return }
        if parameters.offers(memoryMapped: !preferred), parameters.choose(memoryMapped: !preferred) { return }
        throw .unsupported(
            name: request.name, what: "offers no interleaved access; use 'plughw:' in place of 'hw:', which converts")
    }

    private static func chooseChannels(
        _ parameters: borrowing HardwareParameters, _ request: DeviceRequest
    ) throws(DeviceError) {
        let range = parameters.channelRange
        let offer = range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
        if let asked = request.channels ?? request.layout?.positions.count {
            guard parameters.offers(channels: asked), parameters.choose(channels: asked) else {
                throw .unsupported(
                    name: request.name, what: "cannot do \(asked) channels; it offers \(offer), choose with -c")
            }
            return
        }
        guard let channels = parameters.choose(channelsNear: usualChannels), channels <= Limits.channels else {
            throw .unsupported(
                name: request.name, what: "has \(offer) channels; at most \(Limits.channels) can be handled")
        }
    }

    private static func chooseRate(
        _ parameters: borrowing HardwareParameters, _ request: DeviceRequest
    ) throws(DeviceError) -> Int {
        guard let asked = request.rate else {
            if let sound = request.soundRate, let rate = parameters.rate(for: sound), parameters.choose(rate: rate) {
                return rate
            }
            if let rate = parameters.choose(rateNear: usualRate) { return rate }
            throw .unsupported(name: request.name, what: "offers no rate")
        }
        if parameters.offers(rate: asked), parameters.choose(rate: asked) { return asked }
        throw .unsupported(
            name: request.name, what: "cannot run at \(asked) Hz; it offers \(rateOffer(parameters)), choose with -r")
    }

    /// The usual rates among those on offer, or the range when it holds none of them.
    static func rateOffer(_ parameters: borrowing HardwareParameters) -> String {
        var offered: [String] = []
        for rate in DeviceAbilities.usualRates where parameters.offers(rate: rate) { offered.append("\(rate)") }
        if !offered.isEmpty { return offered.joined(separator: ", ") + " Hz" }
        let range = parameters.rateRange
        return range.count == 1 ? "\(range.lowerBound) Hz" : "\(range.lowerBound) to \(range.upperBound) Hz"
    }

    private static func chooseFormat(
        _ parameters: borrowing HardwareParameters, _ kind: Kind, _ request: DeviceRequest
    ) throws(DeviceError) {
        let order =
            request.sampleFormat?.substitutes
            ?? (kind == .hardware ? SampleFormat.hardwarePreference : SampleFormat.serverPreference)
        for format in order where parameters.offers(format) {
            if parameters.choose(format) { return }
        }
        throw .unsupported(
            name: request.name,
            what: "offers only sample formats that are not handled here ("
                + parameters.formatNames.joined(separator: ", ") + "); use 'plughw:' in place of 'hw:', which converts")
    }

    private static func configuration(
        from parameters: borrowing HardwareParameters, _ pcm: OpaquePointer, _ request: DeviceRequest
    ) throws(DeviceError) -> DeviceConfiguration {
        let channels = parameters.channels
        let layout = unsafe ChannelMap.settle(pcm, asked: request.layout, channels: channels)
        guard let sampleFormat = parameters.format, parameters.periodFrames > 0, parameters.bufferFrames > 0,
            let format = PCMFormat(sampleFormat, rate: parameters.rate, channels: channels, layout: layout)
        else {
            throw .broken(name: request.name, what: "agreed to a configuration that it cannot name")
        }
        return DeviceConfiguration(
            format: format, periodFrames: parameters.periodFrames, bufferFrames: parameters.bufferFrames,
            isMemoryMapped: parameters.isMemoryMapped, name: request.name)
    }

    /// What stands behind a PCM's name, as far as it matters to us.
    enum Kind {
        /// A card's own memory, shared or not.
        case hardware
        /// A plugin that does the transfer itself: a sound server's client, Bluetooth.
        case external
        /// A plugin that converts for a slave.
        case converting

        init(_ pcm: OpaquePointer) {
            switch unsafe snd_pcm_type(pcm) {
            case SND_PCM_TYPE_HW, SND_PCM_TYPE_DMIX, SND_PCM_TYPE_DSNOOP, SND_PCM_TYPE_DSHARE: self = .hardware
            case SND_PCM_TYPE_IOPLUG, SND_PCM_TYPE_NULL: self = .external
            default: self = .converting
            }
        }
    }
}
