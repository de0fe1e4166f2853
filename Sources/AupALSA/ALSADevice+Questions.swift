public import AupSound
import CALSA

// Questions to a device that nobody wants to hear: it is opened, asked and closed. Nothing is installed, so that no
// buffer is allocated, no server makes a stream, and what another program plays is not touched.
extension ALSADevice {
    /// All that one direction of a PCM can do.
    ///
    /// - Parameters:
    ///   - request: what `capture` or `play` would ask, for ``DeviceAbilities/usual``.
    ///   - isAdvised: whether an error names what may have been meant, or who holds it, for which all devices are looked at.
    /// - Throws: `busy` while another program holds it and it does not share.
    public static func abilities(
        _ request: DeviceRequest, isAdvised: Bool = true
    ) throws(DeviceError) -> DeviceAbilities {
        let pcm = unsafe try openPCM(request, isAdvised: isAdvised)
        defer { unsafe close(pcm) }
        let kind = unsafe Kind(pcm)
        let name = unsafe snd_pcm_type_name(snd_pcm_type(pcm))
        var found = DeviceAbilities(
            name: request.name, direction: request.direction, kind: kind.word,
            type: unsafe name.map { unsafe String(cString: $0) } ?? "")
        found.description = unsafe describe(pcm)
        let everything = unsafe try HardwareParameters(pcm, name: request.name, resampling: kind == .converting)
        found.formats = everything.formats
        found.formatNames = everything.formatNames
        found.rates = everything.rates
        found.channels = everything.channelCounts
        found.accesses = everything.accesses
        found.traits = everything.traits
        found.channelMaps = unsafe ChannelMap.orders(pcm)
        do throws(DeviceError) {
            let usual = unsafe try narrow(pcm, request)
            (found.periodFrames, found.bufferFrames) = (usual.periodLimits, usual.bufferLimits)
            found.periods = usual.periodCountLimits
            let sizes = request.sizes(rate: usual.rate)
            usual.choose(periodNear: sizes.periodFrames, bufferNear: sizes.bufferFrames)
            found.usual = configuration(choice: usual, found.channelMaps, request)
            if found.usual == nil { found.usualProblem = "it leaves its format open until it is used" }
        } catch {
            (found.periodFrames, found.bufferFrames) = (everything.periodLimits, everything.bufferLimits)
            found.periods = everything.periodCountLimits
            found.usualProblem = error.message
        }
        return found
    }

    /// Whether one direction of a PCM takes a format exactly; what is open in the wish is the device's own choice.
    public static func answer(_ wish: FormatWish, _ request: DeviceRequest) throws(DeviceError) -> FormatAnswer {
        let pcm = unsafe try openPCM(request)
        defer { unsafe close(pcm) }
        let kind = unsafe Kind(pcm)
        var parameters = unsafe try HardwareParameters(pcm, name: request.name, resampling: false)
        if let rate = wish.rate, !parameters.offers(rate: rate), kind == .converting {
            parameters = unsafe try HardwareParameters(pcm, name: request.name, resampling: true)
        }
        // What is asked first, each within what the one before has left, so that the answer is for all of it at once.
        var chosen: [String] = []
        func among(_ offers: [String]) -> String {
            let offer = offers.isEmpty ? "nothing" : offers.joined(separator: ", ")
            return "it offers \(offer)" + (chosen.isEmpty ? "" : " with \(chosen.joined(separator: " and "))")
        }
        if let format = wish.sampleFormat {
            guard parameters.offers(format), parameters.choose(format) else {
                return .no("has no \(format.name); \(among(offeredFormats(parameters)))")
            }
            chosen.append(format.name)
        }
        if let rate = wish.rate {
            guard parameters.offers(rate: rate), parameters.choose(rate: rate) else {
                return .no("has no \(rate) Hz; \(among([rateOffer(parameters)]))")
            }
            chosen.append("\(rate) Hz")
        }
        if let channels = wish.channels {
            guard parameters.offers(channels: channels), parameters.choose(channels: channels) else {
                let counts = parameters.channelCounts.map {
                    $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)"
                }
                return .no("has no \(channels) channels; \(among(counts))")
            }
        }
        var rest = request
        (rest.sampleFormat, rest.rate, rest.channels, rest.layout) = (wish.sampleFormat, wish.rate, wish.channels, nil)
        do throws(DeviceError) {
            try narrow(parameters, kind, rest)
        } catch {
            guard case .unsupported(_, let what) = error else { throw error }
            return .no(what)
        }
        guard let sample = parameters.format,
            let format = PCMFormat(sample, rate: parameters.rate, channels: parameters.channels)
        else { return .no("leaves its format open until it is used") }
        return .yes(format, isConverted: kind == .converting)
    }

    /// Those of ours by our names, the others by alsa-lib's.
    private static func offeredFormats(_ parameters: borrowing HardwareParameters) -> [String] {
        let ours = parameters.formats
        let known = ours.map(\.alsaName)
        return ours.map(\.name) + parameters.formatNames.filter { !known.contains($0) }
    }

    private static func close(_ pcm: OpaquePointer) {
        unsafe snd_pcm_close(pcm)
        _ = ALSAMessages.take()
    }

    private static func configuration(
        choice parameters: borrowing HardwareParameters, _ maps: [DeviceAbilities.MapOffer], _ request: DeviceRequest
    ) -> DeviceConfiguration? {
        let channels = parameters.channels
        // A device that knows one order for so many channels has that.
        let orders = maps.filter { $0.positions.count == channels }
        let layout = orders.count == 1 ? ChannelLayout(orders[0].positions) : nil
        guard let sample = parameters.format,
            let format = PCMFormat(sample, rate: parameters.rate, channels: channels, layout: layout),
            parameters.periodFrames > 0, parameters.bufferFrames > 0
        else { return nil }
        return DeviceConfiguration(
            format: format, periodFrames: parameters.periodFrames, bufferFrames: parameters.bufferFrames,
            isMemoryMapped: parameters.isMemoryMapped, name: request.name)
    }

    /// The driver's name for this PCM.
    private static func describe(_ pcm: OpaquePointer) -> String? {
        var allocated: OpaquePointer?
        guard unsafe snd_pcm_info_malloc(&allocated) == 0, let info = unsafe allocated else { return nil }
        defer { unsafe snd_pcm_info_free(info) }
        guard unsafe snd_pcm_info(pcm, info) == 0, let name = unsafe snd_pcm_info_get_name(info) else { return nil }
        let text = unsafe String(cString: name)
        return text.isEmpty ? nil : text
    }
}

extension ALSADevice.Kind {
    var word: DeviceAbilities.Kind {
        switch self {
        case .hardware: .card
        case .external: .server
        case .converting: .converter
        }
    }
}
